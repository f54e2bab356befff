//! Every code has a page, a rule, a case in which it speaks, and one in which it does not.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sovereign_text::diag::Code;

use super::expected::{stems, text};
use super::ui::{ROOT, passes};

/// Where the rules of manifests and plans stand.
const RULES: &str = "crates/compile/src/check";
/// Where the rules between two trees stand.
const TRANSITIONS: &str = "crates/change/src/transition";
/// The codes that are no rule of their own, and the file that finds them.
const ELSEWHERE: [(Code, &str); 10] = [
    (Code::ClusterLease, "crates/language/src/manifest/failover.rs"),
    (Code::MalformedValue, "crates/language/src/schema.rs"),
    (Code::MissingKey, "crates/language/src/schema/table.rs"),
    (Code::UnknownChoice, "crates/language/src/schema/choice.rs"),
    (Code::UnknownKey, "crates/language/src/schema/table.rs"),
    (Code::WrongType, "crates/language/src/schema.rs"),
    (Code::Syntax, "crates/language/src/schema/syntax.rs"),
    (Code::UnsupportedKey, "crates/language/src/manifest.rs"),
    (Code::BadExpression, "crates/language/src/expression.rs"),
    (Code::MissingObservedFact, "crates/compile/src/plan/placement.rs"),
];
const LEAST_LINES: usize = 5;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |&code: &Code| Trial::test(format!("codes::{code}"), move || check(code));
    let mut trials: Vec<_> = Code::ALL.iter().map(trial).collect();
    trials.push(Trial::test("codes::no_other_pages", || foreign("docs/diagnostics", ".md", '-')));
    trials.push(Trial::test("codes::no_other_rules", || foreign(RULES, ".rs", '_')));
    trials.push(Trial::test("codes::no_other_transitions", || foreign(TRANSITIONS, ".rs", '_')));
    trials
}

fn check(code: Code) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    let page = format!("docs/diagnostics/{code}.md");
    let prose = text(&page).unwrap_or_default();
    if prose.lines().count() < LEAST_LINES {
        wrong.push(format!("{page} has less than {LEAST_LINES} lines"));
    }
    if prose.lines().next() != Some(&format!("# {code}")) {
        wrong.push(format!("{page} does not begin with `# {code}`"));
    }
    let stem = code.name().replace('-', "_");
    // The rules between two trees have folders of their own.
    let of_transition = Path::new(&format!("{TRANSITIONS}/{stem}.rs")).exists();
    let rules = if of_transition { TRANSITIONS } else { RULES };
    let rule = format!("{rules}/{stem}.rs");
    let rule = match ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == code) {
        Some((_, file)) if Path::new(&rule).exists() => {
            wrong.push(format!("{code} is said to stand in {file}, but {rule} exists"));
            rule
        }
        Some((_, file)) => (*file).to_owned(),
        None => rule,
    };
    if !text(&rule).unwrap_or_default().contains(&format!("Code::{code:?}")) {
        wrong.push(format!("{rule} does not report {code}"));
    }
    let (root, (pass, fail)) = if of_transition {
        (super::transition::ROOT, super::transition::cases(code))
    } else {
        let cases = stems(format!("{ROOT}/{code}"), ".toml").into_iter();
        (ROOT, cases.partition(|case| passes(case)))
    };
    if pass.is_empty() {
        wrong.push(format!("{root}/{code}/ has no passing case"));
    }
    if fail.is_empty() {
        wrong.push(format!("{root}/{code}/ has no failing case"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// No file that belongs to no code.
fn foreign(directory: &str, extension: &str, dash: char) -> Result<(), Failed> {
    let is_foreign = |stem: &String| stem.replace(dash, "-").parse::<Code>().is_err();
    match stems(directory, extension).into_iter().find(is_foreign) {
        Some(stem) => Err(format!("{directory}/{stem}{extension} belongs to no code").into()),
        None => Ok(()),
    }
}
