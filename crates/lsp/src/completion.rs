//! `textDocument/completion`: keys, words, names, sizes, Helm values.

use ls_types::{
    CompletionItem, CompletionItemKind, CompletionTextEdit, Documentation, InsertTextFormat, MarkupContent,
    MarkupKind, TextEdit,
};

use crate::analysis::BlueprintFacts;
use crate::documents::Document;
use crate::helm::{self, Values};
use crate::names;
use crate::position::{Encoding, Lines};
use crate::syntax::{Id, Place, ROOT, Step, Tree, Value, is_bare};
use sovereign_language::cloud::Provider;
use sovereign_language::described::{self as language, Form, Root, Schema};
use sovereign_language::scalar::choice::Choice as _;
use sovereign_language::scalar::{AppName, BlueprintName, KitName, MachineSize, RegionName, Scalar, Slug};

/// What can be said beside the text itself.
pub(crate) struct Known<'k> {
    pub(crate) encoding: Encoding,
    /// Whether the editor lets people fill in gaps.
    pub(crate) has_snippets: bool,
    pub(crate) blueprints: &'k [BlueprintFacts],
    pub(crate) kits: Vec<&'static str>,
    /// The tree of the manifest: a file of an Organization refers to what that names.
    pub(crate) manifest: &'k Tree,
}

/// Returns what could stand at a byte.
pub(crate) fn at(document: &Document, offset: usize, known: &Known<'_>) -> Vec<CompletionItem> {
    let tree = document.tree();
    let asked = Asked { document, tree, root: document.root(), known, offset };
    match tree.at(offset) {
        Place::Header { section, part } => asked.header(section, part),
        Place::Key { entry, part } => asked.key(entry, part),
        Place::Free { table } => asked.keys(table, offset..offset, true),
        Place::Value { entry: _, node } => asked.value(node),
    }
}

struct Asked<'a> {
    document: &'a Document,
    tree: &'a Tree,
    root: Root,
    known: &'a Known<'a>,
    offset: usize,
}

impl Asked<'_> {
    /// What is to be put in place of some bytes.
    fn item(
        &self,
        label: &str,
        text: &str,
        place: std::ops::Range<usize>,
        kind: CompletionItemKind,
    ) -> CompletionItem {
        let range = Lines::new(&self.document.text, self.known.encoding).range(place);
        let is_snippet = self.known.has_snippets && text.contains('$');
        let new_text = if is_snippet { text.to_owned() } else { text.replace("$1", "").replace("$0", "") };
        CompletionItem {
            label: label.to_owned(),
            kind: Some(kind),
            filter_text: Some(label.to_owned()),
            insert_text_format: is_snippet.then_some(InsertTextFormat::SNIPPET),
            text_edit: Some(CompletionTextEdit::Edit(TextEdit { range, new_text })),
            ..CompletionItem::default()
        }
    }

    fn header(&self, section: usize, part: usize) -> Vec<CompletionItem> {
        let Some(section) = self.tree.sections.get(section) else { return Vec::new() };
        let place = section.parts.get(part).map_or(self.offset..self.offset, |part| part.place.clone());
        let above = match section.parts.get(part) {
            Some(part) => self.tree.node(part.node).and_then(|node| node.parent).unwrap_or(ROOT),
            None => ROOT,
        };
        if let Some(values) = Values::at(self.tree, above, self.known.blueprints) {
            return self.helm(&values, place, "");
        }
        let Some(schema) = language::at(self.root, &self.tree.path(above)) else { return Vec::new() };
        if schema.has_keys_of(BlueprintName::NAME) {
            return self.blueprints(place, "");
        }
        let fits = |form: Form| {
            if section.is_list {
                form == Form::ListOfTables
            } else {
                form == Form::Table || form == Form::ListOfTables
            }
        };
        let keys = schema.keys().into_iter().filter(|key| fits(key.schema.form()));
        keys.map(|key| {
            let item = self.item(key.name, key.name, place.clone(), CompletionItemKind::MODULE);
            described(item, key.schema, key.is_required)
        })
        .collect()
    }

    fn key(&self, entry: usize, part: usize) -> Vec<CompletionItem> {
        let Some(entry) = self.tree.entries.get(entry) else { return Vec::new() };
        let Some(part) = entry.parts.get(part) else { return Vec::new() };
        let table = self.tree.node(part.node).and_then(|node| node.parent).unwrap_or(ROOT);
        self.keys(table, part.place.clone(), entry.equals.is_none())
    }

    /// The keys of a table that are not written yet; with the beginning of a value, unless there is one.
    fn keys(&self, table: Id, place: std::ops::Range<usize>, is_alone: bool) -> Vec<CompletionItem> {
        if let Some(values) = Values::at(self.tree, table, self.known.blueprints) {
            return self.helm(&values, place, if is_alone { " = $0" } else { "" });
        }
        let Some(schema) = language::at(self.root, &self.tree.path(table)) else { return Vec::new() };
        if schema.has_keys_of(BlueprintName::NAME) {
            return self.blueprints(place, if is_alone { " = { $1 }" } else { "" });
        }
        let is_new = |name: &str| {
            let written = self
                .tree
                .child(table, name)
                .and_then(|id| self.tree.node(id))
                .and_then(|node| node.key.clone());
            written.is_none_or(|written| written == place)
        };
        let keys = schema.keys().into_iter().filter(|key| is_new(key.name));
        keys.map(|key| {
            let value = match key.schema.form() {
                Form::Table => " = { $1 }",
                Form::ListOfTables => " = [{ $1 }]",
                Form::List => " = [$1]",
                Form::Text => " = \"$1\"",
                Form::Bare => " = $1",
            };
            let text = format!("{}{}", key.name, if is_alone { value } else { "" });
            let item = self.item(key.name, &text, place.clone(), CompletionItemKind::PROPERTY);
            described(item, key.schema, key.is_required)
        })
        .collect()
    }

    fn blueprints(&self, place: std::ops::Range<usize>, behind: &str) -> Vec<CompletionItem> {
        let item = |facts: &BlueprintFacts| {
            let text = format!("{}{behind}", facts.name);
            let item = self.item(&facts.name, &text, place.clone(), CompletionItemKind::CLASS);
            CompletionItem { detail: Some(format!("{} {}", facts.chart, facts.version)), ..item }
        };
        self.known.blueprints.iter().map(item).collect()
    }

    fn helm(&self, values: &Values, place: std::ops::Range<usize>, behind: &str) -> Vec<CompletionItem> {
        let item = |option: helm::Candidate| {
            let key = if is_bare(&option.key) { option.key.clone() } else { format!("{:?}", option.key) };
            let behind = if option.is_table && !behind.is_empty() { "." } else { behind };
            let item =
                self.item(&option.key, &format!("{key}{behind}"), place.clone(), CompletionItemKind::FIELD);
            let what = option.fact.as_ref().map_or_else(|| "a table".to_owned(), helm::words);
            CompletionItem { detail: Some(format!("{what} ({})", values.chart())), ..item }
        };
        values.options().into_iter().map(item).collect()
    }

    fn value(&self, id: Id) -> Vec<CompletionItem> {
        let Some(node) = self.tree.node(id) else { return Vec::new() };
        if let Some(values) = Values::at(self.tree, id, self.known.blueprints) {
            let default = values.fact().and_then(|fact| fact.default().map(str::to_owned));
            let item = |default: String| {
                self.item(&default, &default, node.place.clone(), CompletionItemKind::VALUE)
            };
            return default.map(item).into_iter().collect();
        }
        let mut path = self.tree.path(id);
        if node.value == Value::List {
            path.push(Step::Index(0));
        }
        let Some(schema) = language::at(self.root, &path) else { return Vec::new() };
        if schema.form() == Form::Bare && schema.kind().contains("true") {
            let item = |word: &&str| self.item(word, word, self.bare_place(id), CompletionItemKind::VALUE);
            return ["true", "false"].iter().map(item).collect();
        }
        let inside =
            names::inside(&self.document.text, &node.place).filter(|_| matches!(node.value, Value::Text(_)));
        let (place, quote) = match inside {
            Some(place) => (place, ""),
            None => (self.bare_place(id), "\""),
        };
        let item = |(word, kind, detail): (String, CompletionItemKind, String)| {
            let text = format!("{quote}{word}{quote}");
            let item = self.item(&word, &text, place.clone(), kind);
            CompletionItem { detail: Some(detail), ..item }
        };
        self.words(id, schema).into_iter().map(item).collect()
    }

    /// What a value that is no text takes the place of: itself, or of a list nothing.
    fn bare_place(&self, id: Id) -> std::ops::Range<usize> {
        match self.tree.node(id) {
            Some(node) if node.value == Value::Other => node.place.clone(),
            Some(_) | None => self.offset..self.offset,
        }
    }

    fn words(&self, id: Id, schema: Schema) -> Vec<(String, CompletionItemKind, String)> {
        let of = |words: Vec<String>, kind, detail: &str| {
            words.into_iter().map(|word| (word, kind, detail.to_owned())).collect::<Vec<_>>()
        };
        let (value, name) = (CompletionItemKind::ENUM_MEMBER, CompletionItemKind::REFERENCE);
        let words = schema.words();
        if !words.is_empty() {
            return of(words.into_iter().map(str::to_owned).collect(), value, &schema.kind());
        }
        let provider = self.provider(id);
        if schema.is(MachineSize::NAME) {
            let sizes = provider.into_iter().flat_map(|provider| provider.cloud().sizes.known);
            return of(
                sizes.map(|size| (*size).to_owned()).collect(),
                value,
                "a size that the provider sells",
            );
        }
        if schema.is(KitName::NAME) {
            return of(
                self.known.kits.iter().map(|kit| (*kit).to_owned()).collect(),
                value,
                "a kit of this program",
            );
        }
        if schema.is(BlueprintName::NAME) {
            let blueprints = self.known.blueprints.iter().map(|facts| facts.name.clone());
            return of(blueprints.collect(), name, "a blueprint of the kit");
        }
        let names = |key: &str, of: &str| {
            let tables = self.known.manifest.tables(ROOT, key);
            tables
                .into_iter()
                .filter_map(|table| self.known.manifest.text(table, &[of]).map(str::to_owned))
                .collect()
        };
        if schema.is(RegionName::NAME) {
            let keys = self.tree.path(id);
            let is_given = matches!(&keys[..], [Step::Key(region), _, Step::Key(name)] if region == "region" && name == "name");
            if is_given {
                let regions = provider.into_iter().flat_map(|provider| provider.cloud().region_names());
                return of(regions.map(str::to_owned).collect(), value, "a region of the provider");
            }
            return of(names("region", "name"), name, "a region of this Sovereign");
        }
        if schema.is(Slug::NAME) {
            return of(names("organization", "slug"), name, "an Organization of this manifest");
        }
        if schema.is(AppName::NAME) {
            return of(self.siblings(id), name, "an application of the same environment");
        }
        let example = schema.default().or_else(|| schema.example());
        let example = example.and_then(|example| example.as_str()).map(str::to_owned);
        of(example.into_iter().collect(), value, &schema.kind())
    }

    /// Returns the provider of the region that a node belongs to.
    fn provider(&self, id: Id) -> Option<Provider> {
        let mut at = id;
        loop {
            if let Some(word) = self.tree.text(at, &["provider"]) {
                return Provider::from_word(word);
            }
            at = self.tree.node(at)?.parent?;
        }
    }

    /// Returns the applications beside the one that a node belongs to.
    fn siblings(&self, id: Id) -> Vec<String> {
        let mut at = id;
        while let Some(parent) = self.tree.node(at).and_then(|node| node.parent) {
            let tables = self.tree.tables(parent, "application");
            if !tables.is_empty() {
                let own = self.tree.path(id);
                let others = tables.into_iter().filter(|table| !own.starts_with(&self.tree.path(*table)));
                return others
                    .filter_map(|table| self.tree.text(table, &["name"]).map(str::to_owned))
                    .collect();
            }
            at = parent;
        }
        Vec::new()
    }
}

fn described(item: CompletionItem, schema: Schema, is_required: bool) -> CompletionItem {
    let need = if is_required { "required" } else { "optional" };
    let sort = if is_required { format!("0{}", item.label) } else { format!("1{}", item.label) };
    let value = schema.description().to_owned();
    let documentation = MarkupContent { kind: MarkupKind::Markdown, value };
    CompletionItem {
        detail: Some(format!("{}, {need}", schema.kind())),
        documentation: Some(Documentation::MarkupContent(documentation)),
        sort_text: Some(sort),
        ..item
    }
}
