//! Pushes over file and http, with credentials; commit ids are equal whatever the way. Over ssh: `tests/servers`.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use super::bench::{Place, free_port, manifest, pushes, pushes_over_file, root, write};

/// A web server on loopback: `git http-backend` as a CGI program behind a user and a password (`bot`, `secret`).
fn web_server(projects: PathBuf) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let projects = projects.clone();
            thread::spawn(move || {
                if let Ok(stream) = stream {
                    // A client that hangs up is its own business.
                    drop(serve(stream, &projects));
                }
            });
        }
    });
    port
}

fn serve(stream: TcpStream, projects: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut stream = stream;
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let request: Vec<_> = line.split_whitespace().map(str::to_owned).collect();
    let [method, target, _] = request.as_slice() else { return Ok(()) };
    let mut headers = BTreeMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        headers.insert(name.to_ascii_lowercase(), value.to_owned());
    }
    let header = |name: &str| headers.get(name).cloned().unwrap_or_default();
    if header("expect") == "100-continue" {
        stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n")?;
    }
    let mut body = Vec::new();
    if header("transfer-encoding") == "chunked" {
        loop {
            let mut size = String::new();
            reader.read_line(&mut size)?;
            let size = usize::from_str_radix(size.trim(), 16).unwrap_or(0);
            let mut chunk = vec![0; size + 2];
            reader.read_exact(&mut chunk)?;
            if size == 0 {
                break;
            }
            body.extend_from_slice(&chunk[..size]);
        }
    } else {
        body.resize(header("content-length").parse().unwrap_or(0), 0);
        reader.read_exact(&mut body)?;
    }
    // bot:secret
    if header("authorization") != "Basic Ym90OnNlY3JldA==" {
        return stream.write_all(
            b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"git\"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        );
    }
    let (path, query) = target.split_once('?').unwrap_or((target, ""));
    let mut backend = Command::new("git")
        .arg("http-backend")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_PROJECT_ROOT", projects)
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("REMOTE_USER", "bot")
        .env("PATH_INFO", path)
        .env("QUERY_STRING", query)
        .env("REQUEST_METHOD", method)
        .env("CONTENT_TYPE", header("content-type"))
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("HTTP_CONTENT_ENCODING", header("content-encoding"))
        .env("HTTP_GIT_PROTOCOL", header("git-protocol"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut pipe = backend.stdin.take().expect("a pipe");
    let feeder = thread::spawn(move || drop(pipe.write_all(&body)));
    let output = backend.wait_with_output()?;
    drop(feeder.join());
    let end = output.stdout.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&output.stdout[..end]).into_owned();
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    let length = output.stdout.len().saturating_sub(end + 4);
    let head: Vec<_> = head.lines().filter(|line| !line.starts_with("Status: ")).collect();
    let head = head.join("\r\n");
    write!(stream, "HTTP/1.1 {status}\r\n{head}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(output.stdout.get(end + 4..).unwrap_or_default())
}

fn over_http(user: &str) -> String {
    let place = Place::new();
    let port = web_server(place.path(""));
    write(&place.path("remote.conf"), "");
    let helper = place.path("helper");
    write(&helper, "#!/bin/sh\necho username=bot\necho password=secret\n");
    place.run(&place.path(""), "chmod", &["755", &helper.display().to_string()]);
    let mut environment = Vec::new();
    if user.is_empty() {
        environment.push(("GIT_CONFIG_COUNT", "1".to_owned()));
        environment.push(("GIT_CONFIG_KEY_0", "credential.helper".to_owned()));
        environment.push(("GIT_CONFIG_VALUE_0", helper.display().to_string()));
    }
    pushes(&place, &format!("http://{user}127.0.0.1:{port}/remote.git"), &environment)
}

#[test]
fn file_and_http_give_equal_ids() {
    let ids = [pushes_over_file(), over_http(""), over_http("bot:secret@")];
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
}

#[test]
fn a_wrong_password_is_the_servers_word_and_nothing_is_lost() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let port = web_server(place.path(""));
    let url = format!("http://bot:wrong@127.0.0.1:{port}/remote.git");
    place.git(&first, &["remote", "add", "origin", &url]);
    let head = place.head(&first, "main");
    let ended = place.sovereign(&first, &["commit", "--push"]);
    ended.says(3, &["Authentication failed"]);
    assert!(!ended.err.contains("bot:wrong"), "the password is shown: {}", ended.err);
    assert_eq!((place.head(&first, "main"), place.head(&remote, "main")), (head.clone(), head));
}

#[test]
fn a_remote_that_cannot_be_reached() {
    let place = Place::new();
    let first = place.repository("first");
    let head = place.head(&first, "main");
    let nowhere = place.path("nowhere.git").display().to_string();
    place.git(&first, &["remote", "add", "origin", &nowhere]);
    place.sovereign(&first, &["commit", "--push"]).says(3, &["does not appear to be a git repository"]);
    place.sovereign(&first, &["commit", "--push", "--remote", "upstream"]).says(3, &["upstream"]);
    let url = format!("http://127.0.0.1:{}/x.git", free_port());
    place.sovereign(&first, &["commit", "--push", "--remote", &url]).says(3, &["Failed to connect"]);
    place.sovereign(&first, &["commit", "--push", "--remote=--upload-pack=true"]).says(3, &["is no remote"]);
    assert_eq!(place.head(&first, "main"), head);
}

#[test]
fn a_hook_that_refuses() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let url = format!("file://{}", remote.display());
    place.git(&place.path(""), &["clone", "-q", "--bare", &url, "bot.git"]);
    let bot = place.path("bot.git");
    let hook = remote.join("hooks/pre-receive");
    write(&hook, "#!/bin/sh\necho 'main is frozen until Monday' >&2\nexit 1\n");
    place.run(&remote, "chmod", &["755", "hooks/pre-receive"]);
    let commit = || place.sovereign(&bot, &["commit", "--push", "sovereign.toml"]);
    let old = place.head(&remote, "main");
    commit().says(3, &["main is frozen until Monday", "pre-receive hook declined", "kept here"]);
    let kept = place.head(&bot, "main");
    assert_eq!((place.head(&bot, "main~1"), place.head(&remote, "main")), (old.clone(), old));
    commit().says(3, &["main is frozen until Monday"]);
    assert_eq!(place.head(&bot, "main"), kept);
    std::fs::remove_file(&hook).expect("removes");
    commit().says(0, &["1 commit on refs/heads/main"]);
    assert_eq!(place.head(&remote, "main"), kept);

    // Refused, and then overtaken: the commit is made anew on the remote's head.
    write(&hook, "#!/bin/sh\nexit 1\n");
    place.run(&remote, "chmod", &["755", "hooks/pre-receive"]);
    let file = place.path("one.toml");
    write(&file, &manifest("one", 5));
    let elsewhere = || place.sovereign(&bot, &["commit", "--push", &file.display().to_string()]);
    elsewhere().says(3, &["pre-receive hook declined"]);
    std::fs::remove_file(&hook).expect("removes");
    place.git(&first, &["pull", "-q", &url, "main"]);
    place.save(&first, "notes.txt", "faster\n");
    place.git(&first, &["push", "-q", &url, "main"]);
    // Only by a run for the same Sovereign: another one would lose it.
    let other = place.path("two.toml");
    write(&other, &manifest("two", 0));
    place
        .sovereign(&bot, &["commit", "--push", &other.display().to_string()])
        .says(3, &["git pull --rebase"]);
    elsewhere().says(0, &["1 commit"]);
    assert_eq!(place.head(&bot, "main"), place.head(&remote, "main"));
    assert_eq!(place.head(&first, "main"), place.head(&remote, "main~1"));
    place.fsck(&remote);
}

#[test]
fn branches_that_went_different_ways() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let url = format!("file://{}", remote.display());
    place.git(&first, &["remote", "add", "origin", &url]);
    place.git(&place.path(""), &["clone", "-q", &url, "other"]);
    let other = place.path("other");
    place.save(&other, "a.txt", "a\n");
    place.git(&other, &["push", "-q", "origin", "main"]);
    place.save(&first, "b.txt", "b\n");
    let heads = (place.head(&first, "main"), place.head(&remote, "main"));
    place
        .sovereign(&first, &["commit", "--push"])
        .says(3, &["both have commits that the other lacks", "git pull --rebase"]);
    assert_eq!((place.head(&first, "main"), place.head(&remote, "main")), heads);
}

#[test]
fn a_merge_is_a_persons_work_even_where_it_is_called_ours() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let url = format!("file://{}", remote.display());
    place.git(&first, &["remote", "add", "origin", &url]);
    place.git(&place.path(""), &["clone", "-q", &url, "other"]);
    let other = place.path("other");
    place.save(&other, "a.txt", "a\n");
    place.git(&other, &["push", "-q", "origin", "main"]);
    // Commits of ours alone would be given up for the remote's. A merge of two of them is not, although its message says
    // what theirs do: what a person decided in it, nobody would compile again.
    place.sovereign(&first, &["commit"]).says(0, &["1 commit"]);
    let message = place.git(&first, &["log", "-1", "--format=%B"]);
    let commit = |parents: &[&str], title: &str| {
        let message = format!("{title}\n\n{message}");
        let mut arguments = vec!["commit-tree", "main^{tree}", "-m", &message];
        arguments.extend(parents.iter().flat_map(|parent| ["-p", *parent]));
        place.git(&first, &arguments)
    };
    let twin = commit(&["main~1"], "The same on a branch");
    let merge = commit(&["main", &twin], "Merge the branch");
    place.git(&first, &["update-ref", "refs/heads/main", &merge]);
    place.sovereign(&first, &["commit", "--push"]).says(3, &["git pull --rebase"]);
    assert_eq!(place.head(&first, "main"), merge);
    place.git(&first, &["update-ref", "refs/heads/main", "main~1"]);
    place.sovereign(&first, &["commit", "--push"]).says(0, &["1 commit"]);
}

#[test]
fn a_branch_that_the_remote_lacks_is_made() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place.git(&first, &["remote", "add", "origin", &remote.display().to_string()]);
    place.git(&first, &["branch", "release/1"]);
    place.sovereign(&first, &["commit", "--push", "--branch", "release/1"]).says(0, &["1 commit"]);
    assert_eq!(place.head(&remote, "release/1~1"), place.head(&remote, "main"));
    assert_eq!(place.head(&remote, "release/1"), place.head(&first, "release/1"));
}

#[test]
fn a_shallow_clone() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    let url = format!("file://{}", remote.display());
    place.git(&place.path(""), &["clone", "-q", "--depth", "1", &url, "shallow"]);
    let shallow = place.path("shallow");
    place.sovereign(&shallow, &["commit", "--push"]).says(0, &["1 commit"]);
    place.git(&first, &["pull", "-q", &url, "main"]);
    place.save(&first, "sovereign.toml", &manifest("one", 1));
    place.git(&first, &["push", "-q", &url, "main"]);
    place.sovereign(&shallow, &["commit", "--push", "--worktree"]).says(0, &["1 commit"]);
    place.fsck(&remote);
    place.fsck(&shallow);
    assert_eq!(place.head(&shallow, "main"), place.head(&remote, "main"));
    assert_eq!(place.git(&shallow, &["status", "--porcelain"]), "");
}

#[test]
fn commits_of_a_person_are_not_pushed_along_unasked() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place.git(&first, &["remote", "add", "origin", &remote.display().to_string()]);
    place.save(&first, "draft.txt", "not yet\n");
    let heads = (place.head(&first, "main"), place.head(&remote, "main"));
    place
        .sovereign(&first, &["commit", "--push"])
        .says(3, &["a person made some of them", "git push", "--unpushed"]);
    assert_eq!((place.head(&first, "main"), place.head(&remote, "main")), heads);
    place.sovereign(&first, &["commit", "--push", "--unpushed"]).says(0, &["1 commit"]);
    assert_eq!(place.head(&remote, "main~1"), heads.0);
    // What an earlier run committed and did not push is its own.
    place.save(&first, "sovereign.toml", &manifest("one", 1));
    place.git(&first, &["pull", "-q", "--rebase", "origin", "main"]);
    place.git(&first, &["push", "-q", "origin", "main"]);
    place.sovereign(&first, &["commit"]).says(0, &["1 commit"]);
    place.sovereign(&first, &["commit", "--push"]).says(0, &["1 commit"]);
    assert_eq!(place.git(&remote, &["rev-list", "--count", "main", "--", &root("one")]), "2");
}

#[test]
fn a_remote_that_never_answers_is_not_waited_for_for_ever() {
    let place = Place::new();
    let first = place.repository("first");
    let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("git://{}/x.git", silent.local_addr().expect("an address"));
    place.git(&first, &["config", "sovereign.timeout", "1"]);
    let head = place.head(&first, "main");
    let start = std::time::Instant::now();
    let ended = place.sovereign(&first, &["commit", "--push", "--remote", &url]);
    ended.says(3, &["did not answer within 1 s", "sovereign.timeout"]);
    assert!(start.elapsed() < std::time::Duration::from_mins(1), "{:?}", start.elapsed());
    assert_eq!(place.head(&first, "main"), head);
}

#[test]
fn a_remote_that_was_forced_to_another_history_is_named_so() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place.git(&first, &["remote", "add", "origin", &remote.display().to_string()]);
    place.git(&first, &["fetch", "-q", "origin"]);
    place.save(&first, "notes.txt", "mine\n");
    place.git(&first, &["push", "-q", "origin", "main"]);
    place.save(&first, "draft.txt", "not pushed\n");
    let was = place.head(&first, "main~1");
    // Somebody takes the notes back and goes another way.
    place.git(&place.path(""), &["clone", "-q", &remote.display().to_string(), "other"]);
    let other = place.path("other");
    place.git(&other, &["reset", "-q", "--hard", "main~1"]);
    place.save(&other, "others.txt", "theirs\n");
    place.git(&other, &["push", "-q", "--force", "origin", "main"]);
    let is = place.head(&remote, "main");
    let heads = (place.head(&first, "main"), is.clone());
    let words = [
        "`main` of `origin` was forced to another history".to_owned(),
        format!("git rebase --onto {} {} main", &is[..12], &was[..12]),
        format!("git push --force-with-lease=main:{} origin {}:main", &is[..12], &was[..12]),
    ];
    let words: Vec<_> = words.iter().map(String::as_str).collect();
    // Also the second time, when Git has learnt where the branch is now.
    for _ in 0..2 {
        place.sovereign(&first, &["commit", "--push"]).says(3, &words);
        assert_eq!((place.head(&first, "main"), place.head(&remote, "main")), heads);
    }
    // What it says to do helps.
    place.git(&first, &["rebase", "-q", "--onto", &is[..12], &was[..12], "main"]);
    assert!(first.join("draft.txt").is_file() && !first.join("notes.txt").exists());
    place.sovereign(&first, &["commit", "--push", "--unpushed"]).says(0, &["1 commit"]);
    place.fsck(&remote);
}

#[test]
fn a_remote_that_was_taken_back_is_not_brought_forward_again() {
    let place = Place::new();
    let first = place.repository("first");
    let remote = place.remote("remote.git", &first);
    place.git(&first, &["remote", "add", "origin", &remote.display().to_string()]);
    place.sovereign(&first, &["commit", "--push", "--worktree"]).says(0, &["1 commit"]);
    place.git(&remote, &["update-ref", "refs/heads/main", "main~1"]);
    let heads = (place.head(&first, "main"), place.head(&remote, "main"));
    for _ in 0..2 {
        place
            .sovereign(&first, &["commit", "--push"])
            .says(3, &["was forced to another history", "git reset --keep"]);
        assert_eq!((place.head(&first, "main"), place.head(&remote, "main")), heads);
    }
    // Both histories merged are a decision.
    place.git(&place.path(""), &["clone", "-q", &remote.display().to_string(), "other"]);
    let other = place.path("other");
    place.save(&other, "others.txt", "theirs\n");
    place.git(&other, &["push", "-q", "origin", "main"]);
    place.git(&first, &["pull", "-q", "--no-rebase", "--no-edit", "origin", "main"]);
    place.sovereign(&first, &["commit", "--push", "--unpushed"]).says(0, &[]);
    assert_eq!(place.head(&first, "main"), place.head(&remote, "main"));
}
