//! The command line as a person and a pipeline meet it: exit codes, streams, words, and what is left on disk.
#![expect(clippy::disallowed_methods, reason = "these tests look at the disk")]

mod build;
mod fix;
mod kits;
mod process;
mod remote_kits;
mod simulate;
mod sources;

use std::ffi::OsString;
use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::CommandFactory as _;
use serde_json::Value as Json;
use sovereign::cli::args::Args;
use sovereign::cli::args::groups::GROUPS;
use sovereign::cli::{self, Environment, Exit};
use sovereign_language::cloud::Provider;
use sovereign_language::manifest::schema::SCHEMA;
use sovereign_text::diag::{Code, Diagnostics};

const ESCAPE: char = '\u{1b}';
const OMANTEL: &str = include_str!("../../examples/omantel.toml");
/// Has a warning and no error: the region does not say what was observed.
const WARNS: &str = include_str!("../../examples/minimal.toml");

/// What a run gave.
#[derive(Debug)]
struct Ran {
    code: u8,
    out: String,
    err: String,
}

impl Ran {
    /// Ended with this code, and said what it said to the right reader.
    #[track_caller]
    fn ends(self, code: u8) -> Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    /// Words only.
    #[track_caller]
    fn says(self, words: &str) -> Self {
        assert!(self.out.is_empty() && self.err.contains(words), "no {words:?} in {self:?}");
        self
    }

    /// Nothing at all.
    #[track_caller]
    fn says_nothing(self) -> Self {
        assert!(self.out.is_empty() && self.err.is_empty(), "{self:?}");
        self
    }

    /// Data only.
    #[track_caller]
    fn gives(self) -> String {
        assert!(self.code == 0 && self.err.is_empty() && !self.out.is_empty(), "{self:?}");
        self.out
    }
}

fn run_in(environment: &Environment, args: &[&str]) -> Ran {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = std::iter::once("sovereign").chain(args.iter().copied()).map(OsString::from);
    let exit = cli::run(all, environment, &mut out, &mut err);
    let text = |bytes| String::from_utf8(bytes).expect("text");
    Ran { code: exit.code(), out: text(out), err: text(err) }
}

fn run(args: &[&str]) -> Ran {
    run_in(&Environment::default(), args)
}

/// A directory with files.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new(files: &[(&str, &str)]) -> Self {
        let desk = Self(tempfile::tempdir().expect("a directory"));
        for (name, text) in files {
            desk.put(name, text);
        }
        desk
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn at(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// The path of a file, as an argument.
    fn arg(&self, name: &str) -> String {
        self.at(name).into_os_string().into_string().expect("text")
    }

    fn put(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.at(name);
        fs::create_dir_all(path.parent().expect("a parent")).expect("creates");
        fs::write(path, bytes).expect("writes");
    }

    fn names(&self) -> Vec<String> {
        let names = fs::read_dir(self.path()).expect("a directory");
        let mut names: Vec<_> =
            names.map(|e| e.expect("an entry").file_name().into_string().expect("text")).collect();
        names.sort();
        names
    }
}

const FORMATS: [&str; 5] = ["human", "short", "json", "sarif", "github"];
const FOR_MACHINES: [&str; 3] = ["json", "sarif", "github"];

#[test]
fn the_numbers_of_exits_are_what_the_help_says() {
    let numbers = [Exit::Done, Exit::Found, Exit::Usage, Exit::Environment].map(Exit::code);
    assert_eq!(numbers, [0, 1, 2, 3]);
    let help = run(&["--help"]).gives();
    for number in numbers {
        assert!(help.contains(&format!("\n  {number}  ")), "{help}");
    }
}

#[test]
fn a_good_manifest_is_right_in_every_format() {
    let desk = Desk::new(&[("good.toml", OMANTEL)]);
    for format in FORMATS {
        let ran = run(&["check", &desk.arg("good.toml"), "--format", format]).ends(0);
        match format {
            "human" => drop(ran.says("good.toml is right: clusters/omantel.omani.works with ")),
            "sarif" => {
                let log: Json = serde_json::from_str(&ran.gives()).expect("JSON");
                assert_eq!(log["runs"][0]["results"], serde_json::json!([]));
            }
            _ => drop(ran.says_nothing()),
        }
    }
    assert_eq!(desk.names(), ["good.toml"], "checking writes nothing");
}

#[test]
fn findings_are_words_for_people_and_data_for_machines() {
    let desk = Desk::new(&[("bad.toml", "kit = \"2026.05\"\nfoo = 1\n")]);
    for format in FORMATS {
        let ran = run(&["check", &desk.arg("bad.toml"), "--format", format]).ends(1);
        let (said, silent) =
            if FOR_MACHINES.contains(&format) { (&ran.out, &ran.err) } else { (&ran.err, &ran.out) };
        assert!(said.contains("unknown-key") && said.contains("bad.toml"), "{format}: {ran:?}");
        assert!(silent.is_empty(), "{format}: {ran:?}");
        match format {
            "json" => {
                for line in said.lines() {
                    let finding: Json = serde_json::from_str(line).expect("JSON");
                    assert_eq!(finding["severity"], "error");
                }
            }
            "sarif" => {
                let log: Json = serde_json::from_str(said).expect("JSON");
                assert_eq!(log["version"], "2.1.0");
            }
            "github" => assert!(said.lines().all(|line| line.starts_with("::error file="))),
            _ => {}
        }
    }
    // The same mistakes stop a build, and nothing appears.
    let out = desk.arg("out");
    run(&["build", &desk.arg("bad.toml"), "--out", &out, "-q"]).ends(1).says("error[unknown-key]");
    assert_eq!(desk.names(), ["bad.toml"]);
}

#[test]
fn warnings_are_errors_only_where_they_are_denied() {
    let late = Path::new("tests/ui/late-failover/defaults.toml");
    let late = crate::case::load(late, &mut Diagnostics::new()).expect("reads");
    let desk = Desk::new(&[("late.toml", late.manifest().text()), ("warns.toml", WARNS)]);
    let file = desk.arg("late.toml");
    run(&["check", &file]).ends(0).says("warning[late-failover]");
    run(&["check", &file, "--deny", "warnings"]).ends(1).says("error[late-failover]");
    let file = desk.arg("warns.toml");
    run(&["check", &file]).ends(0).says("warning[missing-observed-fact]").says("warns.toml is right");
    let ran = run(&["check", &file, "--deny", "warnings"]).ends(1).says("error[missing-observed-fact]");
    assert!(!ran.err.contains("warns.toml is right") && !ran.err.contains("warning["), "{ran:?}");
    run(&["build", &file, "--deny", "warnings", "--out", &desk.arg("out")]).ends(1);
    assert_eq!(desk.names(), ["late.toml", "warns.toml"]);
    run(&["check", &file, "--deny", "everything"]).ends(2).says("possible values: warnings");
}

#[test]
fn what_cannot_be_read_is_the_worlds_fault_and_is_named() {
    let desk = Desk::new(&[("file", "")]);
    std::os::unix::fs::symlink("loop", desk.at("loop")).expect("links");
    for format in FORMATS {
        let check = |name: &str| run(&["check", &desk.arg(name), "--format", format]).ends(3);
        check("missing.toml").says("missing.toml: No such file").says("`sovereign init` writes one");
        check("loop").says("cannot read ").says("loop: ");
        check("file/below.toml").says("file/below.toml: Not a directory");
    }
    run(&["build", &desk.arg("missing.toml"), "--out", &desk.arg("out")]).ends(3);
    assert_eq!(desk.names(), ["file", "loop"]);
}

#[test]
fn what_is_no_text_or_too_large_is_a_finding() {
    let desk = Desk::new(&[]);
    desk.put("latin.toml", b"kit = \"2026.05\"\n# caf\xe9\n");
    run(&["check", &desk.arg("latin.toml")]).ends(1).says("error[not-text]").says("latin.toml:2:6");
    // A device has no size, and no end.
    run(&["check", "/dev/zero"]).ends(1).says("error[not-text]").says("larger than");
    run(&["check", "/dev/null"]).ends(1).says("error[missing-key]");
}

#[test]
fn colour_is_only_where_it_was_asked_for_or_a_terminal_shows_it() {
    let desk = Desk::new(&[("bad.toml", "kit = 1\n")]);
    let file = desk.arg("bad.toml");
    let plain = Environment::default();
    let terminal = Environment { err_tty: true, out_tty: true, ..plain.clone() };
    let without = Environment { no_color: true, ..terminal.clone() };
    let piped = Environment { out_tty: false, ..terminal.clone() };
    let cases: [(&Environment, &[&str], bool, bool); 9] = [
        (&plain, &[], false, false),
        (&plain, &["--color=always"], true, true),
        (&plain, &["--color", "auto"], false, false),
        (&terminal, &[], true, true),
        (&terminal, &["--color", "never"], false, false),
        (&without, &[], false, false),
        (&without, &["--color", "auto"], false, false),
        // What is asked for now goes before what is asked for in general: no-color.org.
        (&without, &["--color", "always"], true, true),
        // `sovereign --help | less`: the words may have colour, the data not.
        (&piped, &[], true, false),
    ];
    for (environment, flags, words, data) in cases {
        let run = |args: &[&str]| run_in(environment, &[args, flags].concat());
        assert_eq!(run(&["check", &file]).ends(1).err.contains(ESCAPE), words, "{environment:?} {flags:?}");
        assert_eq!(run(&["frobnicate"]).ends(2).err.contains(ESCAPE), words, "{environment:?} {flags:?}");
        assert_eq!(run(&["check", "--help"]).gives().contains(ESCAPE), data, "{environment:?} {flags:?}");
        for format in ["short", "json", "sarif", "github"] {
            let ran = run(&["check", &file, "--format", format]).ends(1);
            assert!(!ran.out.contains(ESCAPE) && !ran.err.contains(ESCAPE), "{format}");
        }
    }
    assert!(!run(&["check", "--color", "--", "always"]).ends(2).err.contains(ESCAPE));
}

#[test]
fn wrong_arguments_are_words_and_end_with_two() {
    let wrong: [&[&str]; 11] = [
        &[],
        &["frobnicate"],
        &["init", "a", "b"],
        &["check", "--format", "xml"],
        &["check", "--color", "sometimes"],
        &["build", "--check", "--overwrite"],
        &["build", "--out"],
        &["init", "--provider", "hetzer"],
        &["kit"],
        &["kit", "show"],
        &["completions"],
    ];
    for args in wrong {
        run(args).ends(2).says("--help");
    }
    run(&["completions", "tcsh"]).ends(2).says("bash, elvish, fish, powershell, zsh");
    run(&["chekc"]).ends(2).says("check");
}

/// Every command with the arguments that name it.
fn commands() -> Vec<Vec<String>> {
    fn below(command: &clap::Command, path: &[String], all: &mut Vec<Vec<String>>) {
        for command in command.get_subcommands() {
            let path = [path, &[command.get_name().to_owned()]].concat();
            below(command, &path, all);
            all.push(path);
        }
    }
    let mut all = Vec::new();
    below(&Args::command(), &[], &mut all);
    all
}

#[test]
fn the_help_shows_every_command_once_in_its_group() {
    let help = run(&["--help"]).gives();
    let program = Args::command();
    let all: Vec<_> = program.get_subcommands().map(clap::Command::get_name).collect();
    assert_eq!(GROUPS.iter().map(|(_, names)| names.len()).sum::<usize>(), all.len());
    for name in all {
        let lines = help
            .lines()
            .filter(|line| line.strip_prefix("  ").is_some_and(|rest| rest.split(' ').next() == Some(name)));
        assert_eq!(lines.count(), 1, "{name}\n{help}");
    }
    for (title, _) in GROUPS {
        assert!(help.contains(&format!("\n{title}:\n")), "{help}");
    }
    assert!(help.contains("Exit codes:") && help.contains("/docs"), "{help}");
}

#[test]
fn every_command_has_help_with_an_example() {
    let commands = commands();
    assert!(commands.len() >= 10, "{commands:?}");
    for path in commands {
        let mut args: Vec<_> = path.iter().map(String::as_str).collect();
        args.push("--help");
        let help = run(&args).gives();
        let call = format!("Usage: sovereign {}", path.join(" "));
        let example = format!("\n  sovereign {}", path.join(" "));
        assert!(help.contains(&call) && help.contains("Example") && help.contains(&example), "{help}");
        let words: Vec<_> = std::iter::once("help").chain(path.iter().map(String::as_str)).collect();
        if path.len() == 1 {
            assert_eq!(run(&words).gives(), help);
        }
        args.pop();
        args.push("-h");
        assert!(run(&args).gives().lines().count() <= help.lines().count());
    }
    for (command, words) in [
        ("check", ["FILE", "--format", "--deny"]),
        ("build", ["--out", "--check", "--overwrite"]),
        ("explain", ["CODE", "[CODE]", "--color"]),
        ("init", ["FILE", "--regions", "N|NAMES"]),
        ("completions", ["<SHELL>", "bash", "zsh"]),
        ("man", ["COMMAND", "roff", "man -l"]),
    ] {
        let help = run(&[command, "--help"]).gives();
        assert!(words.iter().all(|word| help.contains(word)), "{help}");
    }
}

#[test]
fn the_version_is_the_crates() {
    let version = format!("sovereign {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(run(&["--version"]).gives(), version);
    assert_eq!(run(&["-V"]).gives(), version);
}

#[test]
fn the_schema_is_the_committed_file() {
    let committed =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/sovereign.schema.json"));
    let schema = run(&["schema"]).gives();
    assert_eq!(schema, committed.expect("is there"));
    assert_eq!(schema, SCHEMA);
}

#[test]
fn every_finding_is_explained() {
    let list = run(&["explain"]).gives();
    assert_eq!(list.lines().count(), Code::ALL.len());
    for code in Code::ALL {
        let page = run(&["explain", code.name()]).gives();
        assert!(page.starts_with(&format!("# {}\n", code.name())) && page.ends_with('\n'), "{page}");
        let line = list.lines().find(|line| line.split(' ').next() == Some(code.name())).expect("is listed");
        assert!(line.contains(code.summary()) && line.contains(code.severity().name()), "{line}");
    }
    run(&["explain", "duplicate-nmae"]).ends(2).says("did you mean `duplicate-name`?");
    run(&["explain", "zzz"]).ends(2).says("`sovereign explain` lists the findings");
}

/// What `sovereign init` writes with these flags.
pub(crate) fn started(flags: &[&str]) -> String {
    let desk = Desk::new(&[]);
    run(&[&["init", &desk.arg("sovereign.toml")], flags].concat()).ends(0);
    fs::read_to_string(desk.at("sovereign.toml")).expect("is there")
}

#[test]
fn init_gives_a_manifest_without_findings_and_never_overwrites() {
    for regions in ["1", "2", "3", "6", "hel1", "hil,sin"] {
        let desk = Desk::new(&[]);
        let file = desk.arg("new.toml");
        run(&["init", &file, "--regions", regions]).ends(0).says("new.toml; edit it, then `sovereign check ");
        let ran = run(&["check", &file, "--deny", "warnings"]).ends(0).says("new.toml is right");
        assert!(!ran.err.contains("error") && !ran.err.contains("warning"), "{ran:?}");
        let written = fs::read_to_string(&file).expect("is there");
        let count = written.lines().filter(|line| line.starts_with("[[region]]")).count();
        let wanted = regions.parse().unwrap_or_else(|_| regions.split(',').count());
        assert_eq!(count, wanted, "{written}");
        assert!(written.starts_with("#:schema https://"), "{written}");

        fs::write(&file, "mine").expect("writes");
        run(&["init", &file, "--regions", regions]).ends(3).says("exists already");
        assert_eq!(fs::read_to_string(&file).expect("is there"), "mine");
        run(&["init", &desk.arg(".")]).ends(3);
        run(&["init", &desk.arg("no/where.toml")]).ends(3).says("there is no directory `").says("/no`");
        std::os::unix::fs::symlink("elsewhere", desk.at("dangling")).expect("links");
        run(&["init", &desk.arg("dangling")]).ends(3).says("exists already");
        assert_eq!(desk.names(), ["dangling", "new.toml"]);
    }
}

#[test]
fn init_knows_every_provider_and_every_kind_of_domain() {
    let own: [&[&str]; 3] = [
        &[],
        &["--domain", "cloud.acme.org", "--name", "acme"],
        &["--domain", "cloud.acme.org", "--registrar", "cloudflare"],
    ];
    for provider in Provider::all() {
        let (places, size): (&str, &[&str]) = match provider.cloud().region_names().next() {
            Some(_) => {
                ("1", if provider.cloud().sizes.known.is_empty() { &["--size", "vps-20"] } else { &[] })
            }
            None => ("eu-central-1,eu-central-2,us-east-1", &[]),
        };
        for domain in own {
            let desk = Desk::new(&[]);
            let file = desk.arg("new.toml");
            let first: [&str; 6] = ["init", &file, "--provider", provider.cloud().word, "--regions", places];
            run(&[&first, size, domain].concat()).ends(0);
            run(&["check", &file, "--deny", "warnings"]).ends(0).says("new.toml is right");
        }
    }
}

#[test]
fn init_writes_nothing_that_check_would_refuse() {
    let wrong: [(&[&str], &str); 7] = [
        (&["--name", "No"], "`No` is not a slug"),
        (&["--domain", "acme"], "malformed-value"),
        (&["--domain", "cloud.acme.org", "--registrar", "godady"], "did you mean: `\"godaddy\"`"),
        (&["--regions", "7"], "6 regions of hetzner are known here; give the names instead"),
        (&["--regions", "0"], "at least one region"),
        (&["--provider", "contabo"], "--size is needed"),
        (&["--size", "x y"], "nothing is written"),
    ];
    for (args, says) in wrong {
        let desk = Desk::new(&[]);
        run(&[&["init", &desk.arg("new.toml")], args].concat()).ends(2).says(says);
        assert!(desk.names().is_empty());
    }
}

#[test]
fn kits_are_listed_and_shown() {
    let list = run(&["kit", "list"]).gives();
    assert_eq!(
        list.lines().map(|line| line.split(' ').next().expect("a name")).collect::<Vec<_>>(),
        ["2026.04", "2026.05"]
    );
    for (line, kit) in list.lines().zip(["2026.04", "2026.05"]) {
        let table = run(&["kit", "show", kit]).gives();
        assert!(table.starts_with("SLOT ") && table.contains("\n01   bp-cilium "), "{table}");
        assert!(table.lines().all(|line| line.trim_end() == line));
        assert!(line.contains(&format!(" {} blueprints", table.lines().count() - 1)), "{line}");
    }
    let page = run(&["kit", "show", "2026.05", "cilium"]).gives();
    assert!(page.contains("name = \"bp-cilium\""), "{page}");
    assert_eq!(run(&["kit", "show", "2026.05", "bp-cilium"]).gives(), page);

    run(&["kit", "show", "2026.06"]).ends(2).says("there is no kit `2026.06`").says("did you mean `2026.0");
    run(&["kit", "show", "zzz"]).ends(2).says("`2026.04`, `2026.05`");
    run(&["kit", "show", "2026.05", "ciliun"]).ends(2).says("did you mean `cilium`?");
    run(&["kit", "show", "2026.05", "bp-ciliun"]).ends(2).says("did you mean `cilium`?");
    run(&["kit", "show", "2026.05", "qqqq"]).ends(2).says("no blueprint `qqqq`").says(" more");
}

#[test]
fn every_shell_is_completed_and_every_command_has_a_manual_page() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = run(&["completions", shell]).gives();
        assert!(commands().iter().flatten().all(|name| script.contains(name)), "{shell}");
    }
    let page = run(&["man"]).gives();
    assert!(page.contains(".TH sovereign 1") && page.contains("sovereign\\-check(1)"), "{page}");
    assert!(!page.contains("sovereign\\-help(1)") && page.contains("Exit codes"), "{page}");
    for path in commands() {
        let args: Vec<_> = std::iter::once("man").chain(path.iter().map(String::as_str)).collect();
        let page = run(&args).gives();
        assert!(page.contains(&format!(".TH sovereign-{} 1", path.join("-"))), "{page}");
        assert!(page.contains("Example"), "{page}");
    }
    run(&["man", "biuld"]).ends(2).says("`sovereign` has no command `biuld`").says("did you mean `build`?");
    run(&["man", "kit", "zzz"]).ends(2).says("`sovereign kit` has no command").says("`list`, `lock`, `pack`");
    run(&["man", "check", "zzz"]).ends(2).says("`sovereign check` has no command `zzz`");
}

/// A stream that fails from the start.
struct Broken(io::ErrorKind);

impl Write for Broken {
    fn write(&mut self, _: &[u8]) -> io::Result<usize> {
        Err(self.0.into())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn who_does_not_read_changes_neither_the_work_nor_its_exit() {
    let desk = Desk::new(&[("warns.toml", WARNS), ("bad.toml", "kit = 1\n")]);
    let (warns, bad, out) = (desk.arg("warns.toml"), desk.arg("bad.toml"), desk.arg("out"));
    let run = |args: &[&str], data: io::ErrorKind, words: io::ErrorKind| {
        let args = std::iter::once("sovereign").chain(args.iter().copied());
        cli::run(args, &Environment::default(), &mut Broken(data), &mut Broken(words)).code()
    };
    let (closed, full) = (io::ErrorKind::BrokenPipe, io::ErrorKind::StorageFull);
    for words in [closed, full] {
        assert_eq!(run(&["check", &bad], full, words), 1);
        assert_eq!(run(&["check", &bad, "--format", "json"], closed, words), 1);
        assert_eq!(run(&["check", &desk.arg("missing")], closed, words), 3);
        assert_eq!(run(&["frobnicate"], closed, words), 2);
        // Half of the data is a failure, unless nobody wants the other half.
        let data: [&[&str]; 7] = [
            &["schema"],
            &["explain"],
            &["explain", "syntax"],
            &["kit", "show", "2026.05"],
            &["completions", "zsh"],
            &["man"],
            &["--help"],
        ];
        for args in data {
            assert_eq!(run(args, closed, words), 0, "{args:?}");
            assert_eq!(run(args, full, words), 3, "{args:?}");
        }
        assert_eq!(run(&["check", &bad, "--format", "json"], full, words), 3);
    }
    // The warning cannot be said; the tree is written all the same.
    assert_eq!(run(&["build", &warns, "--out", &out], closed, closed), 0);
    assert!(desk.at("out/clusters/first.omani.works/sovereign.lock").exists());
}
