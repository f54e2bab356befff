//! `sovereign why`: where something in the tree comes from, and where a line of the manifest goes.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;

use super::args::{Why as Args, WhyFormat};
use super::{Exit, Failure, Terminal, diff, report};
use sovereign_compile::provenance::{Answer, Change, History, Provenance, Unanswered, human, json};
use sovereign_compile::{compile, with_plan};
use sovereign_language::input::{Input, SourceMap};
use sovereign_language::kit::Kits;
use sovereign_store::git::{Blamed, Repository};
use sovereign_text::diag::Diagnostics;
use sovereign_text::look::Look;

/// Runs the command.
///
/// # Errors
/// The manifest cannot be read.
pub fn run(args: &Args, terminal: &mut Terminal<'_>) -> Result<Exit, Failure> {
    let look = Look { color: terminal.out_color };
    let answered = report::reported(&args.manifest, None, args.findings, terminal, |input, kits, diags| {
        let past = Past::new(args, input);
        let history = |source: &str, line: usize| past.as_ref().and_then(|past| past.change(source, line));
        let asked = Asked { args, input, kits, history: &history };
        Ok(with_plan(input, kits, diags, |plan, lowered| {
            let provenance = Provenance::new(plan, &lowered, SourceMap { input, kits });
            asked.text(&provenance, look)
        }))
    })?;
    match answered {
        Err(_) => Ok(Exit::Found),
        Ok(Ok(text)) => {
            terminal.out.write_all(text.as_bytes())?;
            Ok(Exit::Done)
        }
        Ok(Err(Unanswered { words, help })) => {
            writeln!(terminal.err, "error: {words}")?;
            if let Some(help) = help {
                writeln!(terminal.err, "help: {help}")?;
            }
            Ok(Exit::Usage)
        }
    }
}

/// What was asked, of what.
struct Asked<'a> {
    args: &'a Args,
    input: &'a Input,
    kits: &'a Kits,
    history: History<'a>,
}

impl Asked<'_> {
    fn text(&self, provenance: &Provenance<'_>, look: Look) -> Result<String, Unanswered> {
        let Args { question, region, format, .. } = self.args;
        let answer = provenance.answer(question, region.as_deref())?;
        Ok(match format {
            WhyFormat::Json => json::render(provenance, question, &answer, self.history),
            WhyFormat::Human => {
                let text = if let Answer::File(file, _) = &answer { self.file(&file.path) } else { None };
                human::render(provenance, &answer, text.as_deref(), self.history, look)
            }
        })
    }

    /// Returns the text of a file of the tree.
    fn file(&self, path: &str) -> Option<String> {
        let tree = compile(self.input, self.kits, &mut Diagnostics::new()).ok()?;
        tree.files().get(path).cloned()
    }
}

/// The history of the manifest and of the files beside it, read file by file when it is asked for.
struct Past<'i> {
    repository: Repository,
    input: &'i Input,
    files: RefCell<BTreeMap<String, Vec<Option<Blamed>>>>,
}

impl<'i> Past<'i> {
    /// Returns the history of the repository that holds the manifest, if one does and it is wanted.
    fn new(args: &Args, input: &'i Input) -> Option<Self> {
        let repository = Repository::open(diff::beside(&args.manifest)).ok().filter(|_| !args.no_history)?;
        Some(Self { repository, input, files: RefCell::default() })
    }

    fn change(&self, source: &str, line: usize) -> Option<Change> {
        if !self.files.borrow().contains_key(source) {
            let blamed = self.blame(source).unwrap_or_default();
            self.files.borrow_mut().insert(source.to_owned(), blamed);
        }
        let files = self.files.borrow();
        let blamed = files.get(source)?.get(line.checked_sub(1)?)?.as_ref()?;
        Some(Change {
            commit: blamed.commit.clone(),
            day: day(blamed.seconds),
            author: blamed.author.clone(),
            title: blamed.title.clone(),
        })
    }

    /// A file that no commit has has no history.
    fn blame(&self, name: &str) -> Option<Vec<Option<Blamed>>> {
        let further = self.input.further().map(|file| file.source);
        let mut sources = std::iter::once(self.input.manifest()).chain(further);
        let source = sources.find(|source| source.name() == name)?;
        let path = self.repository.relative(Path::new(name))?;
        self.repository.blame(&path, source.text().as_bytes()).ok()
    }
}

/// Returns the day, in UTC, of so many seconds since 1970: `2026-05-31`. By the civil calendar of Hinnant, in eras of 400
/// years from the first of March (<https://howardhinnant.github.io/date_algorithms.html>).
fn day(seconds: i64) -> String {
    let days = seconds.div_euclid(86_400) + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    let year = year + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

#[cfg(test)]
mod tests {
    use super::day;

    #[test]
    fn days_are_those_of_the_calendar() {
        let days = [0, 951_782_400, 951_868_800, 1_780_185_600, 4_107_542_400].map(day);
        assert_eq!(days, ["1970-01-01", "2000-02-29", "2000-03-01", "2026-05-31", "2100-03-01"]);
    }
}
