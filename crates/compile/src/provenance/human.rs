//! Answers for a person at a terminal.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::AnsiColor;

use super::{
    Answer, AtLine, Cause, Field, File, Follows, History, Input, Kind, Objects, Placement, Provenance,
    Unwritten,
};
use sovereign_text::look::Look;
use sovereign_text::source::Span;

/// How many fields of a file are listed, and how many files, before the rest is counted: more is for a program.
const MOST_FIELDS: usize = 40;
const MOST_FILES: usize = 60;
/// How much of a value is shown, in characters.
const MOST_VALUE: usize = 100;

/// Returns an answer as text. `text` is that of a file that was asked for as a whole.
pub fn render(
    of: &Provenance<'_>,
    answer: &Answer<'_>,
    text: Option<&str>,
    history: History<'_>,
    look: Look,
) -> String {
    let mut says = Says { of, history, look, out: String::new() };
    match answer {
        Answer::Fields(file, fields) => says.fields(file, fields),
        Answer::File(file, fields) => says.file(file, fields, text.unwrap_or_default()),
        Answer::Line(line) => says.line(line),
        Answer::Default(default) => says.default(default),
        Answer::Input(input) => says.input(input),
        Answer::Objects(objects) => says.objects(objects),
        Answer::Placement(placement) => says.placement(placement),
    }
    says.out
}

struct Says<'s, 'p> {
    of: &'s Provenance<'p>,
    history: History<'s>,
    look: Look,
    out: String,
}

/// Writing to a string cannot fail.
macro_rules! say {
    ($to:expr, $($words:tt)*) => {{ let _ = writeln!($to.out, $($words)*); }};
}

impl Says<'_, '_> {
    fn fields(&mut self, file: &File<'_>, fields: &[Field]) {
        for (place, field) in fields.iter().take(MOST_FIELDS).enumerate() {
            if place > 0 {
                say!(self, "");
            }
            let head = format!("{}:{}", file.path, field.path);
            say!(self, "{} = {}", self.look.bold(&head), short(&field.value));
            self.cause(field.cause, &field.value, "  ");
            for read in &field.reads {
                say!(self, "  {} = {}", read.name, short(&read.value));
                self.cause(read.cause, &read.value, "    ");
            }
        }
        self.rest(fields.len(), MOST_FIELDS, "fields");
        if let Some(because) = file.because {
            say!(self, "\nthe file is there because of this");
            self.cause(because, "", "  ");
        }
    }

    /// The file, with a gutter that says what caused each line.
    fn file(&mut self, file: &File<'_>, fields: &[Field], text: &str) {
        say!(self, "{}: {}", self.look.bold(&file.path), file.stage.phrase());
        if let Some(because) = file.because {
            self.cause(because, "", "  ");
        }
        if fields.is_empty() {
            self.cause(file.cause, "", "  ");
        }
        let mut fields = fields.iter().peekable();
        let mut gutters = Vec::new();
        for number in 1..=text.lines().count() {
            let mut gutter = None;
            while let Some(field) = fields.next_if(|field| field.line <= number) {
                gutter.get_or_insert_with(|| self.gutter(field));
            }
            gutters.push(gutter.unwrap_or_default());
        }
        let width = gutters.iter().map(|gutter| gutter.chars().count()).max().unwrap_or_default();
        for (gutter, line) in gutters.iter().zip(text.lines()) {
            let gutter = self.look.paint(AnsiColor::Cyan, &format!("{gutter:>width$}"));
            say!(self, "{gutter} │ {line}");
        }
    }

    fn gutter(&self, field: &Field) -> String {
        let cause = self.of.causes.cause(field.cause, &field.value);
        // The directory of a source is the same on all lines.
        let place = cause.place();
        let place = place.rsplit_once('/').map_or(place.as_str(), |(_, name)| name).to_owned();
        let mark = match cause.kind {
            Kind::Written | Kind::Kit => "",
            Kind::Derived => "~ ",
            Kind::Default => "- ",
            Kind::Expression => "= ",
        };
        format!("{mark}{place}")
    }

    fn line(&mut self, line: &AtLine<'_>) {
        let head = format!("{}:{}", line.source.name(), line.line);
        say!(self, "{}  {}", self.look.bold(&head), line.text);
        self.change(line.source.name(), line.line, "  ");
        for default in &line.defaults {
            say!(self, "  {} = {}: not written; {}", default.key, default.value, default.reason);
        }
        for (blueprint, region) in &line.off {
            say!(self, "  {blueprint} is switched off by it in {region}");
        }
        if line.follows.is_empty() && line.defaults.is_empty() && line.off.is_empty() {
            say!(self, "  nothing follows from it");
            return;
        }
        self.follows(&line.follows);
    }

    fn follows(&mut self, files: &BTreeMap<String, Follows>) {
        let fields: usize = files.values().map(|follows| follows.fields.len()).sum();
        say!(self, "  {fields} fields in {} files follow from it", files.len());
        for (path, follows) in files.iter().take(MOST_FILES) {
            let whole = if follows.whole { "  (there because of it)" } else { "" };
            say!(self, "\n{}{whole}", self.look.bold(path));
            for field in follows.fields.iter().take(MOST_FIELDS) {
                say!(self, "  {:>4}  {} = {}", field.line, field.path, short(&field.value));
            }
            self.rest(follows.fields.len(), MOST_FIELDS, "fields");
        }
        self.rest(files.len(), MOST_FILES, "files");
    }

    fn default(&mut self, default: &Unwritten) {
        say!(self, "{} = {}", self.look.bold(&default.key), default.value);
        say!(self, "  not written; {}", default.reason);
        self.cause(default.cause, "", "  ");
    }

    fn input(&mut self, input: &Input) {
        match &input.value {
            None => say!(self, "{}  {}", self.look.bold(&input.key), input.doc),
            Some((value, _)) => {
                say!(self, "{} = {}  {}", self.look.bold(&input.key), short(value), input.doc);
            }
        }
        match &input.value {
            None => say!(self, "  nobody says what it is"),
            Some((value, cause)) => self.cause(*cause, value, "  "),
        }
        say!(self, "  the kit asks for it here");
        self.cause(input.asked, "", "    ");
        self.follows(&input.follows);
    }

    fn objects(&mut self, objects: &Objects) {
        say!(self, "{}", self.look.bold(&objects.name));
        self.cause(objects.named, "", "  ");
        for it in &objects.regions {
            let (verdict, color) = if it.stand {
                ("has them", AnsiColor::Green)
            } else {
                ("does not have them", AnsiColor::Yellow)
            };
            let verdict = self.look.paint(color, verdict);
            say!(self, "\n{} {verdict}: {}", self.look.bold(&it.region), it.reason);
            self.cause(it.cause, "", "  ");
            for file in &it.files {
                say!(self, "  in {file}");
            }
        }
    }

    fn placement(&mut self, placement: &Placement) {
        let cause = self.of.causes.cause(placement.blueprint, &placement.name);
        say!(
            self,
            "{}  {}",
            self.look.bold(&placement.name),
            self.look.paint(AnsiColor::Cyan, &cause.place())
        );
        if let Some((governor, says)) = &placement.governed_by {
            say!(self, "  {governor} governs it: it is on where that one is, and off where that one is");
            self.cause(*says, "", "    ");
        }
        if !placement.governs.is_empty() {
            say!(self, "  its switch is also that of {}", placement.governs.join(", "));
        }
        for it in &placement.regions {
            let (verdict, color) = match (it.runs, it.off) {
                (true, None) => ("runs", AnsiColor::Green),
                (true, Some(_)) => ("is there, switched off", AnsiColor::Yellow),
                (false, _) => ("does not run", AnsiColor::Yellow),
            };
            let verdict = self.look.paint(color, verdict);
            say!(self, "\n{} {verdict}: {}", self.look.bold(&it.region), it.reason);
            self.cause(it.cause, "", "  ");
            if let Some(off) = it.off {
                say!(self, "  switched off by this");
                self.cause(off, "false", "    ");
            }
            if let Some((version, cause)) = &it.version {
                say!(self, "  version {version}");
                self.cause(*cause, version, "    ");
            }
            for (words, names) in [("waits for", &it.waits_for), ("is waited for by", &it.waited_for_by)] {
                if !names.is_empty() {
                    say!(self, "  {words} {}", names.join(", "));
                }
            }
        }
    }

    fn cause(&mut self, span: Span, value: &str, indent: &str) {
        let cause = self.of.causes.cause(span, value);
        let Cause { kind, line, key, text, is_input, .. } = &cause;
        let place = self.look.paint(AnsiColor::Cyan, &cause.place());
        // A place that was asked for without a value is only shown.
        let phrase = if value.is_empty() { String::new() } else { format!("  {}", kind.phrase()) };
        match key {
            Some(key) => say!(self, "{indent}{place}  {key}{phrase}"),
            None => say!(self, "{indent}{place}  the whole of it{phrase}"),
        }
        if key.is_some() {
            say!(self, "{indent}  {text}");
        }
        if let Some(default) = self.of.default_of(span, value) {
            say!(self, "{indent}  default of {}: {}", default.key, default.reason);
        }
        if *is_input {
            self.change(&cause.source, *line, &format!("{indent}  "));
        }
    }

    fn change(&mut self, source: &str, line: usize, indent: &str) {
        if let Some(change) = (self.history)(source, line) {
            let commit = self.look.paint(AnsiColor::Yellow, &change.commit);
            say!(self, "{indent}since {commit} {} {}: {}", change.day, change.author, change.title);
        }
    }

    fn rest(&mut self, count: usize, most: usize, what: &str) {
        if count > most {
            say!(self, "  and {} more {what}; --format json has all", count - most);
        }
    }
}

/// Returns a value on one line.
fn short(value: &str) -> String {
    let line = value.escape_debug().to_string().replace("\\\"", "\"").replace("\\'", "'");
    if line.chars().count() <= MOST_VALUE {
        return line;
    }
    line.chars().take(MOST_VALUE - 1).chain(['…']).collect()
}
