//! Every edit of every finding of every case is made: then its finding is gone, and if the edit is certain nothing new came.

use std::collections::{BTreeMap, BTreeSet};

use libtest_mimic::{Failed, Trial};
use sovereign_compile::outline;
use sovereign_language::input::{DirectoryError, Input, ReadDirectory, SourceMap};
use sovereign_text::diag::{Applicability, Diagnostic, Diagnostics, Sources as _, fixes, short};
use sovereign_text::source::Source;

use super::compiled::{Compiled, KITS};
use super::expected::{names, stems};
use super::{case, ui};

/// The texts of an input by their paths from the manifest, which is the one without a path.
pub(crate) struct Files(BTreeMap<String, String>);

impl Files {
    pub(crate) fn of(input: &Input) -> Self {
        let further = input.further().map(|file| (file.path.to_owned(), file.source.text().to_owned()));
        let manifest = (String::new(), input.manifest().text().to_owned());
        Self(further.chain([manifest]).collect())
    }

    pub(crate) fn get(&self, path: &str) -> Option<&str> {
        self.0.get(path).map(String::as_str)
    }

    pub(crate) fn set(&mut self, path: &str, text: String) {
        self.0.insert(path.to_owned(), text);
    }
}

impl ReadDirectory for Files {
    fn read(&self, directory: &str) -> Result<Vec<(String, Vec<u8>)>, DirectoryError> {
        let names = self.0.iter().filter_map(|(path, text)| {
            let name = path.strip_prefix(directory)?.strip_prefix('/')?;
            Some((name.to_owned(), text.clone().into_bytes()))
        });
        Some(names.collect::<Vec<_>>()).filter(|files| !files.is_empty()).ok_or(DirectoryError::NotThere)
    }
}

pub(crate) fn trials() -> Vec<Trial> {
    let folders = names(ui::ROOT).into_iter().filter(|name| format!("{}/{name}", ui::ROOT) != case::BASES);
    folders.map(|code| Trial::test(format!("fixes::{code}"), move || folder(&code))).collect()
}

fn folder(code: &str) -> Result<(), Failed> {
    let mut wrong = Vec::new();
    for case in stems(format!("{}/{code}", ui::ROOT), ".toml") {
        let path = format!("{}/{code}/{case}.toml", ui::ROOT);
        let compiled = Compiled::new(&path)?;
        for finding in compiled.findings() {
            for help in &finding.help {
                if let Some(edit) = &help.edit {
                    let complaint = made(&compiled, finding, edit);
                    wrong.extend(complaint.map(|why| format!("{path}: `{}`: {why}", finding.message)));
                }
            }
        }
    }
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}

/// Makes an edit, gives what is wrong with the result.
fn made(compiled: &Compiled, finding: &Diagnostic, edit: &sovereign_text::diag::Edit) -> Option<String> {
    let input = compiled.input();
    let source = SourceMap { input, kits: &KITS };
    let source = source.source(edit.span.source);
    if !source.id().is_input() {
        return Some("it edits a kit".to_owned());
    }
    let mut files = Files::of(input);
    let path = input.further().find(|file| file.source.id() == source.id()).map(|file| file.path.to_owned());
    files.set(&path.unwrap_or_default(), fixes::made(source, &[edit]));
    let manifest = Source::manifest(input.manifest().name(), files.get("")?.as_bytes().to_vec()).ok()?;
    let mended = Input::gather(manifest, &files);
    let mut diags = Diagnostics::new();
    outline(&mended, &KITS, &mut diags).ok();
    let said = |diags: &[&Diagnostic]| -> BTreeSet<(&'static str, String)> {
        diags.iter().map(|found| (found.code.name(), found.message.clone())).collect()
    };
    let (before, after) = (said(&compiled.findings()), said(&diags.sorted()));
    let count = |list: &[&Diagnostic]| list.iter().filter(|f| f.message == finding.message).count();
    if count(&diags.sorted()) >= count(&compiled.findings()) {
        return Some(format!("`{}` does not mend it", edit.replacement));
    }
    let is_new = edit.applicability == Applicability::Certain && !after.is_subset(&before);
    let sources = SourceMap { input: &mended, kits: &KITS };
    is_new.then(|| format!("`{}` brings\n{}", edit.replacement, short::render(&diags, &sources)))
}
