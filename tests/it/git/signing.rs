//! Signed commits, that `git verify-commit` accepts.

use super::bench::{PROGRAM, Place, write};

#[test]
fn signed_with_ssh() {
    let place = Place::new();
    let repository = place.repository("r");
    place.run(
        &repository,
        "ssh-keygen",
        &["-q", "-t", "ed25519", "-N", "", "-f", &place.path("key").display().to_string()],
    );
    let public = std::fs::read_to_string(place.path("key.pub")).expect("a key");
    write(&place.path("signers"), &format!("bot@example.com {public}"));
    let (key, signers) =
        (place.path("key").display().to_string(), place.path("signers").display().to_string());
    for (name, value) in [
        ("gpg.format", "ssh"),
        ("user.signingkey", key.as_str()),
        ("gpg.ssh.allowedSignersFile", signers.as_str()),
        ("commit.gpgsign", "true"),
    ] {
        place.git(&repository, &["config", name, value]);
    }
    place.sovereign(&repository, &["commit"]).says(0, &[]);
    place.git(&repository, &["verify-commit", "HEAD"]);
    place.fsck(&repository);
    // A key that is gone: Git's words, and nothing happened.
    let head = place.head(&repository, "HEAD");
    std::fs::remove_file(place.path("key")).expect("removes");
    place.git(&repository, &["reset", "-q", "--hard"]);
    place.save_unsigned(&repository);
    place.sovereign(&repository, &["commit"]).says(3, &["commit-tree"]);
    assert_eq!(place.head(&repository, "HEAD~1"), head);
}

#[test]
fn signed_with_openpgp() {
    let place = Place::new();
    let repository = place.repository("r");
    let home = place.path("gnupg");
    write(&home.join("gpg.conf"), "");
    place.run(&repository, "chmod", &["700", &home.display().to_string()]);
    let gpg = |program: &str, arguments: &[&str]| {
        let mut command = place.command(program, &repository);
        let output = Place::output(command.env("GNUPGHOME", &home).args(arguments));
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    let who = "Bot <bot@example.com>";
    gpg("gpg", &["--batch", "--passphrase", "", "--quick-gen-key", who, "ed25519", "sign", "never"]);
    // The switch may stand anywhere that Git looks; here in the environment.
    let mut command = place.command(PROGRAM, &repository);
    command.env("GNUPGHOME", &home).env("GIT_CONFIG_COUNT", "1").arg("commit");
    command.env("GIT_CONFIG_KEY_0", "commit.gpgsign").env("GIT_CONFIG_VALUE_0", "true");
    let output = Place::output(&mut command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    gpg("git", &["verify-commit", "HEAD"]);
    place.fsck(&repository);
    gpg("gpgconf", &["--kill", "all"]);
}

impl Place {
    /// Another manifest, committed without a signature.
    fn save_unsigned(&self, repository: &std::path::Path) {
        write(&repository.join("sovereign.toml"), &super::bench::manifest("one", 7));
        self.git(repository, &["commit", "-q", "--no-gpg-sign", "-a", "-m", "another"]);
    }
}
