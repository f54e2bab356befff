//! What is asked, and the answer as data.

use std::collections::BTreeMap;

use super::Provenance;
use super::content::{Field, Follows, plain};
use super::defaults::Unwritten;
use super::files::File;
use super::inputs::Input;
use super::objects::Objects;
use super::placement::Placement;
use sovereign_text::diag::suggest;
use sovereign_text::source::{Source, Span};

/// An answer.
#[derive(Debug)]
pub enum Answer<'p> {
    /// What caused a field, or all fields below a path.
    Fields(File<'p>, Vec<Field>),
    /// What caused each field of a file.
    File(File<'p>, Vec<Field>),
    /// What follows from a line.
    Line(AtLine<'p>),
    /// What gives a value that nobody wrote.
    Default(Unwritten),
    /// What an input of the kit is, and what follows from it.
    Input(Input),
    /// Where the objects of a file of the kit stand, and why not elsewhere.
    Objects(Objects),
    /// Why a blueprint runs, or does not.
    Placement(Placement),
}

/// What follows from a line of a source.
#[derive(Debug)]
pub struct AtLine<'p> {
    /// The source.
    pub source: &'p Source,
    /// The line, from 1.
    pub line: usize,
    /// What is on it.
    pub text: String,
    /// The files that something follows for, by path.
    pub follows: BTreeMap<String, Follows>,
    /// The values that stand where nobody wrote some, and follow from the line.
    pub defaults: Vec<Unwritten>,
    /// The blueprints that the line switches off, each with its region.
    pub off: Vec<(String, String)>,
}

/// Why there is no answer: words, and what was perhaps meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unanswered {
    /// What is wrong.
    pub words: String,
    /// What to ask instead.
    pub help: Option<String>,
}

impl Unanswered {
    fn new(words: String, near: Option<&str>) -> Self {
        Self { words, help: near.map(|near| format!("did you mean `{near}`?")) }
    }
}

impl<'p> Provenance<'p> {
    /// Answers a question: a path of the tree, `PATH:FIELD`, `PATH:LINE`, `SOURCE:LINE`, a key that is not written
    /// (`region[sin].pod-cidr`), an input of the kit (`input.shop-host`), or a file of its objects or a blueprint, these in one
    /// region if it is named.
    ///
    /// # Errors
    /// There is no such file, field, line, blueprint or region.
    pub fn answer(&self, question: &str, region: Option<&str>) -> Result<Answer<'_>, Unanswered> {
        if let Some(named) = region.filter(|named| !self.regions().any(|region| region == *named)) {
            let near = suggest::nearest(named, self.regions());
            return Err(Unanswered::new(format!("there is no region `{}`", named.escape_debug()), near));
        }
        if let Some((source, line)) = self.line(question) {
            return self.follow(source, line).map(Answer::Line);
        }
        let question = self.below_root(question);
        let files = self.files();
        if let Some(file) = files.get(question) {
            return Ok(Answer::File(file.clone(), self.fields(file)));
        }
        if let Some((path, field)) = question.split_once(':')
            && let Some(file) = files.get(path)
        {
            let fields = self.below(file, field)?;
            return Ok(Answer::Fields(file.clone(), fields));
        }
        if let Some(default) = self.defaults.iter().find(|default| default.key == question) {
            return Ok(Answer::Default(default.clone()));
        }
        if let Some(input) = self.input(question) {
            return Ok(Answer::Input(input));
        }
        if let Some(objects) = self.objects_of(question, region) {
            return Ok(Answer::Objects(objects));
        }
        let with_prefix = format!("bp-{}", question.strip_prefix("bp-").unwrap_or(question));
        if let Some(placement) = self.placement(&with_prefix, region) {
            return Ok(Answer::Placement(placement));
        }
        Err(self.unknown(question, &files))
    }

    /// Returns what follows from a line of a source.
    ///
    /// # Errors
    /// The source has no such line.
    pub fn follow(&self, source: &'p Source, line: usize) -> Result<AtLine<'p>, Unanswered> {
        let lines = source.text().lines().count();
        if line == 0 || line > lines {
            let words = format!("{} has {lines} lines, and no line {line}", source.name());
            return Err(Unanswered { words, help: None });
        }
        let of_file = |(path, file): (String, File<'_>)| {
            Some((path, self.follows_in(&file, &self.fields(&file), source, line)?))
        };
        let follows = self.files().into_iter().filter_map(of_file).collect();
        let is_on = |default: &&Unwritten| self.causes.is_on(default.cause, source, line);
        let defaults = self.defaults.iter().filter(is_on).cloned().collect();
        let text = source.text().get(source.line(line)).unwrap_or_default().trim().to_owned();
        let off = self.switched_off(&|span| self.causes.is_on(span, source, line));
        Ok(AtLine { source, line, text, follows, defaults, off })
    }

    /// Returns what of a file with these fields follows from a line of a source; `None` if nothing does.
    pub fn follows_in(
        &self,
        file: &File<'_>,
        fields: &[Field],
        source: &Source,
        line: usize,
    ) -> Option<Follows> {
        // What a kit gives follows from the line that chose it, too.
        let chooses_kit = self.causes.is_on(self.plan.kit_span, source, line);
        let is_on =
            |span: Span| self.causes.is_on(span, source, line) || chooses_kit && !span.source.is_input();
        let fields: Vec<_> = fields.iter().filter(|field| field.places().any(is_on)).cloned().collect();
        let whole = file.because.is_some_and(is_on) || is_on(file.cause);
        (whole || !fields.is_empty()).then_some(Follows { whole, fields })
    }

    fn regions(&self) -> impl Iterator<Item = &str> {
        self.plan.regions.iter().map(|region| region.name.value.as_str())
    }

    /// Returns the source and line of a question that is one.
    fn line(&self, question: &str) -> Option<(&'p Source, usize)> {
        let (name, line) = question.rsplit_once(':')?;
        Some((self.causes.named(name.strip_prefix("./").unwrap_or(name))?, line.parse().ok()?))
    }

    /// Returns a path without the directory of the tree, wherever that is.
    fn below_root<'q>(&self, question: &'q str) -> &'q str {
        let root = format!("{}/", self.root());
        let behind = question.find(&root).and_then(|at| question.get(at + root.len()..));
        behind.unwrap_or(question.strip_prefix("./").unwrap_or(question))
    }

    /// Returns the fields of a file at a path or below it, or on a line.
    fn below(&self, file: &File<'_>, asked: &str) -> Result<Vec<Field>, Unanswered> {
        let all = self.fields(file);
        if let Ok(line) = asked.parse::<usize>() {
            let begins = all.iter().map(|field| field.line).filter(|begins| *begins <= line).max();
            let found: Vec<_> = all.into_iter().filter(|field| Some(field.line) == begins).collect();
            if found.is_empty() {
                let words = format!("no value stands on line {line} of {}", file.path);
                return Err(Unanswered { words, help: None });
            }
            return Ok(found);
        }
        let asked = plain(asked);
        let is_below = |field: &&Field| {
            let path = plain(&field.path);
            path.strip_prefix(&asked).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        let found: Vec<_> = all.iter().filter(is_below).cloned().collect();
        if found.is_empty() {
            let near = suggest::nearest(&asked, all.iter().map(|field| field.path.as_str()));
            let near = near.map(|near| format!("{}:{near}", file.path));
            let words = format!("{} has no field `{}`", file.path, asked.escape_debug());
            return Err(Unanswered::new(words, near.as_deref()));
        }
        Ok(found)
    }

    fn unknown(&self, question: &str, files: &BTreeMap<String, File<'_>>) -> Unanswered {
        let path = question.split_once(':').map_or(question, |(path, _)| path);
        let blueprints = self.plan.kit.blueprints.iter().map(|blueprint| blueprint.name.value.as_str());
        let keys = self.defaults.iter().map(|default| default.key.as_str());
        let inputs = self.input_keys();
        let objects: Vec<_> = self.object_files().map(|file| format!("{}.yaml", file.stem())).collect();
        let of_kit = inputs.iter().chain(&objects).map(String::as_str);
        let known = files.keys().map(String::as_str).chain(blueprints).chain(keys).chain(of_kit);
        let words = format!("`{}` is no file of the tree, no line and no blueprint", question.escape_debug());
        let help = "ask for PATH, PATH:FIELD, sovereign.toml:LINE or a blueprint".to_owned();
        match suggest::nearest(path, known) {
            Some(near) => Unanswered::new(words, Some(near)),
            None => Unanswered { words, help: Some(help) },
        }
    }
}
