//! `tests/diff/<case>/{before,after}.toml`: what a reviewer reads about a pair of manifests, in every depth and format.
//!
//! Where a pair needs no manifest of its own, [`EXAMPLES`] makes it from an example.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sovereign_change::diff::{Diff, diff, human, json, markdown};
use sovereign_change::snapshot::Snapshot;
use sovereign_compile::{Compiled, compile_with_objects};
use sovereign_language::input::{DirectoryError, Input, ReadDirectory, SourceMap};
use sovereign_text::diag::Diagnostics;
use sovereign_text::look::Look;
use sovereign_text::source::Source;

use super::compiled::KITS;
use super::expected::{meet_text, names, stems, text};
use super::{case, published};

const ROOT: &str = "tests/diff";
/// The largest text diff that is kept, in bytes.
const MOST_TEXT: usize = 50_000;
/// What GitHub takes of a comment.
const MOST_OF_A_COMMENT: usize = 65_536;

/// A case: the example, and texts that are replaced in it.
struct Case {
    name: &'static str,
    example: &'static str,
    changes: &'static [(&'static str, &'static str)],
    /// Texts that are replaced in the blueprint source beside it.
    blueprint: &'static [(&'static str, &'static str)],
}

const SINGAPORE: &str = r#"
[[region]]
name = "sin"
provider = "hetzner"
control-plane = { size = "cpx32" }
workers = { size = "cpx42", count = 3 }
observed = { load-balancer-address = "203.0.113.30", control-plane-address = "203.0.113.31", deployment-id = "0123456789abcdef" }

[region.blueprint.coraza.values]        # in this region only
coraza.replicas = 3
"#;

const EXAMPLES: [Case; 6] = [
    Case {
        name: "next-kit",
        example: "omantel",
        changes: &[("kit = \"2026.04\"", "kit = \"2026.05\"")],
        blueprint: &[],
    },
    Case {
        name: "one-value",
        example: "three-regions",
        changes: &[("coraza.replicas = 3", "coraza.replicas = 5")],
        blueprint: &[],
    },
    Case { name: "region-removed", example: "three-regions", changes: &[(SINGAPORE, "")], blueprint: &[] },
    Case {
        name: "version-pin",
        example: "three-regions",
        changes: &[(
            "[[region]]\nname = \"hel1\"",
            "[blueprint.harbor]\nversion = \"1.2.23\"\n\n[[region]]\nname = \"hel1\"",
        )],
        blueprint: &[],
    },
    Case {
        name: "no-change",
        example: "three-regions",
        changes: &[("# Three regions", "# 3 regions")],
        blueprint: &[],
    },
    Case {
        name: "release-renamed",
        example: "own-blueprints",
        changes: &[],
        blueprint: &[("release = \"port-scheduler\"", "release = \"berths\"")],
    },
];

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |case: &'static Case| Trial::test(format!("diff::{}", case.name), move || check(case));
    let mut trials: Vec<_> = EXAMPLES.iter().map(trial).collect();
    for name in stems("examples", ".toml") {
        trials.push(Trial::test(format!("diff::example::{name}"), move || example(&name)));
    }
    // The way back of the removal.
    trials.push(Trial::test("diff::region-added", || {
        let whole = text("examples/three-regions.toml")?;
        let two = replaced(&whole, &[(SINGAPORE, "")])?;
        meet("region-added", (&two, &[]), (&whole, &[]))
    }));
    trials
}

fn replaced(text: &str, changes: &[(&str, &str)]) -> Result<String, Failed> {
    changes.iter().try_fold(text.to_owned(), |text, (from, to)| {
        if text.matches(from).count() == 1 {
            Ok(text.replace(from, to))
        } else {
            Err(format!("`{from}` does not stand there once").into())
        }
    })
}

fn check(case: &Case) -> Result<(), Failed> {
    let before = text(Path::new("examples").join(format!("{}.toml", case.example)))?;
    let after = replaced(&before, case.changes)?;
    meet(case.name, (&before, &[]), (&after, case.blueprint))
}

/// A manifest, and what is replaced in the blueprint source beside it.
type Side<'a> = (&'a str, &'a [(&'a str, &'a str)]);

/// The blueprint source of the examples, with texts replaced.
struct Blueprints<'a>(&'a [(&'a str, &'a str)]);

impl ReadDirectory for Blueprints<'_> {
    fn read(&self, path: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let one = |name: String| {
            let text = text(format!("examples/{path}/{name}")).map_err(DirectoryError::reader)?;
            let text = self.0.iter().fold(text, |text, (from, to)| text.replace(from, to));
            Ok((name, text.into_bytes()))
        };
        names(format!("examples/{path}")).into_iter().map(one).collect()
    }
}

fn compiled((manifest, changes): Side<'_>) -> Result<(Input, Compiled), Failed> {
    let source = Source::manifest("sovereign.toml", manifest.as_bytes().to_vec());
    let input = Input::gather(source.map_err(|_| "no text")?, &Blueprints(changes));
    let mut diags = Diagnostics::new();
    let compiled = compile_with_objects(&input, &KITS, &mut diags);
    let compiled =
        compiled.map_err(|_| format!("{:?}", diags.sorted().first().map(|found| &found.message)))?;
    Ok((input, compiled))
}

fn meet(name: &str, before: Side<'_>, after: Side<'_>) -> Result<(), Failed> {
    let (_, old) = compiled(before)?;
    let (input, new) = compiled(after)?;
    let diff = diff(&Snapshot::from_tree(&old.tree), &new, KITS.catalog());
    let sources = SourceMap { input: &input, kits: &KITS };
    let look = Look { color: false };
    let path = |extension: &str| format!("{ROOT}/{name}.{extension}");
    whole(&diff, name)?;
    meet_text(&path("summary"), &human::summary(&diff, &sources, look))?;
    meet_text(&path("objects"), &human::objects(&diff, &sources, look))?;
    let text = human::text(&diff, look);
    // The text of a whole region is that of its golden tree.
    meet_text(&path("text"), if text.len() < MOST_TEXT { &text } else { "" })?;
    meet_text(&path("md"), &markdown::render(&diff, &sources, None, &[]))?;
    let json = json::render(&diff, &sources, &[], &[]);
    published::diff(&json)?;
    meet_text(&path("json"), &json)
}

/// The diffs of an example, as a first tree and against that of another Sovereign, in the form that programs read.
fn example(name: &str) -> Result<(), Failed> {
    let load = |name: &str| {
        let path = format!("examples/{name}.toml");
        let mut diags = Diagnostics::new();
        let input = case::load(Path::new(&path), &mut diags)?;
        let new =
            compile_with_objects(&input, &KITS, &mut diags).map_err(|_| format!("{path} has errors"))?;
        Ok::<_, Failed>((input, new))
    };
    let ((input, new), (_, other)) = (load(name)?, load("minimal")?);
    let sources = SourceMap { input: &input, kits: &KITS };
    for old in [Snapshot::default(), Snapshot::from_tree(&other.tree)] {
        let diff = diff(&old, &new, KITS.catalog());
        let table = "[[retire]]\nrelease = \"bp-x\"\n".to_owned();
        published::diff(&json::render(&diff, &sources, &["change"], &[table]))?;
        let comment = markdown::render(&diff, &sources, None, &[]).chars().count();
        if comment > MOST_OF_A_COMMENT {
            return Err(format!("a comment of {comment} characters").into());
        }
    }
    Ok(())
}

/// What holds of every diff: everything that happens has a cause.
fn whole(diff: &Diff, name: &str) -> Result<(), Failed> {
    for event in diff.clusters.iter().flat_map(|cluster| &cluster.events) {
        if event.cause.is_none() {
            return Err(format!("{name}: nobody caused {event:?}").into());
        }
    }
    Ok(())
}
