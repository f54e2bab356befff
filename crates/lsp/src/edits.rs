//! Edits of several files, as the protocol has them.

use ls_types::{
    DocumentChanges, OneOf, OptionalVersionedTextDocumentIdentifier, TextDocumentEdit, TextEdit, Uri,
    WorkspaceEdit,
};

/// Returns edits of several files as the protocol has them, in the order in which they come.
pub(crate) fn of_files(files: impl IntoIterator<Item = (Uri, Option<i32>, Vec<TextEdit>)>) -> WorkspaceEdit {
    let files = files.into_iter().map(|(uri, version, edits)| TextDocumentEdit {
        text_document: OptionalVersionedTextDocumentIdentifier { uri, version },
        edits: edits.into_iter().map(OneOf::Left).collect(),
    });
    WorkspaceEdit {
        document_changes: Some(DocumentChanges::Edits(files.collect())),
        ..WorkspaceEdit::default()
    }
}
