//! Every code has a page, a rule, a case in which it speaks, and one in which it does not.
//!
//! The rules about one tree stand in `src/check`, their cases in `tests/ui`; the rules about a tree and the one before
//! it in `src/transition`, their cases in `tests/transition`.

use std::path::Path;

use libtest_mimic::{Failed, Trial};
use sovereign::diag::Code;

use super::expected::{names, stems, text};
use super::ui::{ROOT, is_pass};

/// The codes that are no rule of their own, and the file that finds them.
const ELSEWHERE: [(Code, &str); 9] = [
    (Code::MalformedValue, "src/shape.rs"),
    (Code::MissingKey, "src/shape.rs"),
    (Code::UnknownChoice, "src/shape.rs"),
    (Code::UnknownKey, "src/shape.rs"),
    (Code::WrongType, "src/shape.rs"),
    (Code::Syntax, "src/shape.rs"),
    (Code::UnsupportedKey, "src/manifest.rs"),
    (Code::BadExpression, "src/expression.rs"),
    (Code::MissingObservedFact, "src/plan/release.rs"),
];
/// Where the rules about changes stand, and their cases.
const TRANSITIONS: (&str, &str) = ("src/transition", "tests/transition");
const LEAST_LINES: usize = 5;

pub(crate) fn trials() -> Vec<Trial> {
    let trial = |&code: &Code| Trial::test(format!("codes::{code}"), move || check(code));
    let mut trials: Vec<_> = Code::ALL.iter().map(trial).collect();
    trials.push(Trial::test("codes::no_other_pages", || foreign("docs/diagnostics", ".md", '-')));
    trials.push(Trial::test("codes::no_other_rules", || foreign("src/check", ".rs", '_')));
    trials.push(Trial::test("codes::no_other_transitions", || foreign(TRANSITIONS.0, ".rs", '_')));
    trials.push(Trial::test("codes::no_other_cases", || foreign(TRANSITIONS.1, "", '-')));
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
    let (rule, is_transition) = rule(code, &mut wrong);
    if !text(&rule).unwrap_or_default().contains(&format!("Code::{code:?}")) {
        wrong.push(format!("{rule} does not report {code}"));
    }
    // A case of a transition has several files or a directory: whatever its name begins with, a case it is.
    let (directory, cases) = if is_transition {
        let directory = format!("{}/{code}", TRANSITIONS.1);
        let cases = names(&directory);
        (directory, cases)
    } else {
        let directory = format!("{ROOT}/{code}");
        let cases = stems(&directory, ".toml");
        (directory, cases)
    };
    let (pass, fail): (Vec<_>, Vec<_>) = cases.iter().partition(|case| is_pass(case));
    if pass.is_empty() {
        wrong.push(format!("{directory}/ has no passing case"));
    }
    if fail.is_empty() {
        wrong.push(format!("{directory}/ has no failing case"));
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// The file that finds a code, and whether it compares with the tree before. There is one such file.
fn rule(code: Code, wrong: &mut Vec<String>) -> (String, bool) {
    let name = code.name().replace('-', "_");
    let (of_tree, of_change) = (format!("src/check/{name}.rs"), format!("{}/{name}.rs", TRANSITIONS.0));
    let elsewhere = ELSEWHERE.iter().find(|(elsewhere, _)| *elsewhere == code);
    let elsewhere = elsewhere.map(|(_, file)| ((*file).to_owned(), false));
    let exists = |(file, _): &(String, bool)| Path::new(file).exists();
    let own: Vec<_> = [(of_tree.clone(), false), (of_change, true)].into_iter().filter(exists).collect();
    let mut all = elsewhere.into_iter().chain(own);
    let first = all.next().unwrap_or((of_tree, false));
    wrong.extend(all.map(|(file, _)| format!("{code} stands in {}, but {file} exists", first.0)));
    first
}

/// No file that belongs to no code.
fn foreign(directory: &str, extension: &str, dash: char) -> Result<(), Failed> {
    let is_foreign = |stem: &String| stem.replace(dash, "-").parse::<Code>().is_err();
    match stems(directory, extension).into_iter().find(is_foreign) {
        Some(stem) => Err(format!("{directory}/{stem}{extension} belongs to no code").into()),
        None => Ok(()),
    }
}
