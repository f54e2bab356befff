//! `tests/mistakes/desk/mistakes.toml`: what people do wrong at their desks. Of each exactly one thing is said, where it was
//! done.

use libtest_mimic::{Failed, Trial};
use sovereign_compile::outline;
use sovereign_language::input::{Input, SourceMap};
use sovereign_text::diag::{Diagnostics, Sources as _, short};
use sovereign_text::source::Source;

use super::compiled::{Compiled, KITS};
use super::expected::text;
use super::fixes::Files;

const DESK: &str = "tests/mistakes/desk";
const MANIFEST: &str = "sovereign.toml";

/// A mistake: an edit of a file, and what is said of it.
struct Mistake {
    name: String,
    file: String,
    find: String,
    write: String,
    code: String,
    line: String,
    says: String,
}

pub(crate) fn trials() -> Vec<Trial> {
    // A list that cannot be read is none, which the first trial refuses.
    let list = text(format!("{DESK}/mistakes.toml")).unwrap_or_default();
    let list = toml::de::DeTable::parse(&list).ok().map(toml::Spanned::into_inner);
    let mistakes = list.as_ref().and_then(|list| list.get("mistake")?.get_ref().as_array());
    let mistakes: Vec<_> = mistakes.into_iter().flat_map(|list| list.iter()).map(Mistake::new).collect();
    let count = mistakes.len();
    let mut trials = vec![Trial::test("desk", move || desk(count))];
    let one = |mistake: Mistake| {
        let name = format!("desk::{}", mistake.name.replace(' ', "-"));
        Trial::test(name, move || mistake.check())
    };
    trials.extend(mistakes.into_iter().map(one));
    trials
}

/// Nothing is wrong before the mistake, and there are no fewer mistakes than were once tried.
fn desk(count: usize) -> Result<(), Failed> {
    if count < 54 {
        return Err(format!("{count} mistakes are fewer than 54").into());
    }
    let picture = Compiled::new(&format!("{DESK}/{MANIFEST}"))?.picture();
    if picture.is_empty() { Ok(()) } else { Err(picture.into()) }
}

impl Mistake {
    fn new(entry: &toml::Spanned<toml::de::DeValue<'_>>) -> Self {
        let table = entry.get_ref().as_table();
        let word = |key| {
            let value = table.and_then(|table| table.get(key)?.get_ref().as_str());
            value.unwrap_or_default().to_owned()
        };
        Self {
            name: word("name"),
            file: Some(word("file")).filter(|file| !file.is_empty()).unwrap_or_else(|| MANIFEST.to_owned()),
            find: word("find"),
            write: word("write"),
            code: word("code"),
            line: word("line"),
            says: word("says"),
        }
    }

    fn check(&self) -> Result<(), Failed> {
        let input = self.made()?;
        let mut diags = Diagnostics::new();
        let ended = outline(&input, &KITS, &mut diags);
        let sources = SourceMap { input: &input, kits: &KITS };
        let said = short::render(&diags, &sources);
        let found = diags.sorted();
        let [finding] = found.as_slice() else {
            return Err(format!("{} findings instead of one:\n{said}", found.len()).into());
        };
        let source = sources.source(finding.primary.span.source);
        let line = source.text().get(source.line(source.line_number(finding.primary.span.start)));
        let advice = finding.help.iter().map(|help| {
            let written = help.edit.as_ref().map(|edit| edit.replacement.as_str()).unwrap_or_default();
            format!("{}\n{written}\n", help.text)
        });
        let words: String = std::iter::once(format!("{}\n", finding.message))
            .chain(advice)
            .chain(finding.notes.clone())
            .collect();
        let is_there = line == Some(&self.line) && source.name() == format!("{DESK}/{}", self.file);
        let is_so = finding.code.name() == self.code && words.contains(&self.says);
        // What stops nothing is a warning, and the tree is made.
        let is_fatal = finding.code.severity() == sovereign_text::diag::Severity::Error;
        if is_there && is_so && ended.is_err() == is_fatal {
            Ok(())
        } else {
            Err(format!("wanted {} at `{}` that says `{}`, got\n{said}", self.code, self.line, self.says)
                .into())
        }
    }

    /// Returns the manifest and its files with the mistake made.
    fn made(&self) -> Result<Input, Failed> {
        let right = Compiled::new(&format!("{DESK}/{MANIFEST}"))?;
        let mut files = Files::of(right.input());
        let path = if self.file == MANIFEST { String::new() } else { self.file.clone() };
        let text = files.get(&path).ok_or_else(|| format!("there is no file {}", self.file))?;
        if text.matches(&self.find).count() != 1 {
            return Err(format!("`{}` is not there once", self.find).into());
        }
        let wrong = text.replacen(&self.find, &self.write, 1);
        files.set(&path, wrong);
        let manifest =
            Source::manifest(format!("{DESK}/{MANIFEST}"), files.get("").unwrap_or_default().into());
        Ok(Input::gather(manifest.map_err(|_| "no text")?, &files))
    }
}
