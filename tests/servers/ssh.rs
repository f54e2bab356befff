//! A push over ssh, to an OpenSSH server on loopback.

use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use super::Needs;
use super::bench::{Place, free_port, pushes, pushes_over_file, write};

/// Where distributions have the server; it refuses to run by a relative path.
const SSHD: &str = "/usr/sbin/sshd";

pub(super) const NEEDS: Needs =
    Needs { here: &[SSHD, "ssh", "ssh-keygen"], packages: "openssh-server openssh-client" };

struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        self.0.kill().expect("kills");
        self.0.wait().expect("ends");
    }
}

/// An OpenSSH server on loopback, with its own host key, and the command that reaches it.
fn ssh_server(place: &Place) -> (Server, u16, String) {
    for key in ["host", "user"] {
        let file = place.path(key).display().to_string();
        place.run(&place.path(""), "ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &file]);
    }
    let read = |name: &str| std::fs::read_to_string(place.path(name)).expect("a key");
    write(&place.path("authorized"), &read("user.pub"));
    let port = free_port();
    write(&place.path("known"), &format!("[127.0.0.1]:{port} {}", read("host.pub")));
    let at = |name: &str| place.path(name).display().to_string();
    let config = format!(
        "ListenAddress 127.0.0.1\nPort {port}\nHostKey {}\nPidFile none\nAuthorizedKeysFile {}\nStrictModes no\nUsePAM no\n\
         PasswordAuthentication no\nKbdInteractiveAuthentication no\nPermitRootLogin prohibit-password\n\
         SetEnv GIT_CONFIG_GLOBAL=/dev/null\n",
        at("host"),
        at("authorized"),
    );
    write(&place.path("sshd_config"), &config);
    // Started as root, it drops privileges into this directory, which the system's service makes.
    let _may_exist = std::fs::create_dir_all("/run/sshd");
    let mut command = Command::new(SSHD);
    command
        .args(["-D", "-e", "-f"])
        .arg(place.path("sshd_config"))
        .stdin(Stdio::null())
        .stderr(Stdio::null());
    let server = Server(command.spawn().expect("starts"));
    for _ in 0..200 {
        if TcpStream::connect(("127.0.0.1", port)).is_ok() {
            break;
        }
        thread::sleep(Duration::from_millis(50));
    }
    let reach = format!(
        "ssh -F none -o BatchMode=yes -o IdentitiesOnly=yes -o StrictHostKeyChecking=yes -i {} -o UserKnownHostsFile={}",
        at("user"),
        at("known")
    );
    (server, port, reach)
}

pub(super) fn a_push_gives_the_id_that_one_over_file_gives() {
    let place = Place::new();
    let (_server, port, reach) = ssh_server(&place);
    let user = place.run(&place.path(""), "id", &["-un"]);
    let url = format!("ssh://{user}@127.0.0.1:{port}{}", place.path("remote.git").display());
    assert_eq!(pushes(&place, &url, &[("GIT_SSH_COMMAND", reach)]), pushes_over_file());
}
