//! The texts that are open in the editor.

use std::cell::OnceCell;
use std::path::PathBuf;
use std::sync::Arc;

use ls_types::{Position, TextDocumentContentChangeEvent, Uri};

use crate::position::{Encoding, Lines};
use crate::syntax::{ROOT, Tree, Value};
use sovereign_language::described::Root;
use sovereign_text::source::MAX_BYTES;

/// A text that is open.
#[derive(Debug)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    pub(crate) path: PathBuf,
    pub(crate) version: i32,
    pub(crate) text: Arc<str>,
    tree: OnceCell<Tree>,
}

impl Document {
    /// Returns a document; `None` if it is no file.
    pub(crate) fn new(uri: Uri, version: i32, text: String) -> Option<Self> {
        let is_file = uri.scheme().as_str() == "file";
        let path = uri.to_file_path().filter(|path| is_file && path.is_absolute())?.into_owned();
        Some(Self { uri, path, version, text: text.into(), tree: OnceCell::new() })
    }

    /// Returns the text as a tree, made when it is first asked for.
    pub(crate) fn tree(&self) -> &Tree {
        self.tree.get_or_init(|| Tree::new(&self.text))
    }

    /// Makes changes, one after the other.
    pub(crate) fn change(
        &mut self,
        version: i32,
        changes: Vec<TextDocumentContentChangeEvent>,
        encoding: Encoding,
    ) {
        let mut text = self.text.to_string();
        for change in changes {
            match change.range {
                None => text = change.text,
                Some(range) => {
                    let bytes = Lines::new(&text, encoding).bytes(range);
                    text.replace_range(bytes, &change.text);
                }
            }
        }
        // What is too large says so, and need not be held.
        text.truncate(text.floor_char_boundary(MAX_BYTES + 1));
        *self = Self { version, text: text.into(), tree: OnceCell::new(), ..self.taken() };
    }

    fn taken(&self) -> Self {
        Self {
            uri: self.uri.clone(),
            path: self.path.clone(),
            version: self.version,
            text: Arc::clone(&self.text),
            tree: OnceCell::new(),
        }
    }

    /// Returns the byte of a place.
    pub(crate) fn offset(&self, position: Position, encoding: Encoding) -> usize {
        Lines::new(&self.text, encoding).offset(position)
    }

    /// Returns what the text is, by its name and by what it says.
    pub(crate) fn root(&self) -> Root {
        if self.is_called_manifest() { Root::Manifest } else { root(self.tree()) }
    }

    fn is_called_manifest(&self) -> bool {
        self.path.file_name().is_some_and(|name| name == "sovereign.toml")
    }

    /// Returns whether the text is called a manifest, or says of itself that it is one.
    pub(crate) fn is_manifest(&self) -> bool {
        let has = |key: &str| self.tree().child(ROOT, key).is_some();
        let names_schema =
            |line: &str| line.starts_with("#:schema") && line.contains("sovereign.schema.json");
        let says_so = || self.text.lines().take(5).any(names_schema);
        let is_like_one = || has("sovereign") || has("kit") && has("region");
        self.is_called_manifest() || self.root() == Root::Manifest && (says_so() || is_like_one())
    }
}

/// Returns what a text is: a file of an Organization has one table of that name, a blueprint says its slot.
fn root(tree: &Tree) -> Root {
    let is_table = |key: &str| {
        let node = tree.child(ROOT, key).and_then(|id| tree.node(id));
        node.is_some_and(|node| node.value == Value::Table)
    };
    let has = |key: &str| tree.child(ROOT, key).is_some();
    if is_table("organization") && !has("sovereign") {
        Root::Organization
    } else if has("slot") && has("chart") || has("extends") || has("flux") && has("controllers") {
        Root::Kit
    } else {
        Root::Manifest
    }
}
