//! The requests, by their names in the protocol.

use std::path::Path;

use ls_types::{
    CodeActionParams, CompletionParams, DocumentFormattingParams, DocumentSymbolParams, FoldingRangeParams,
    GotoDefinitionParams, HoverParams, InlayHintParams, ReferenceParams, RenameParams,
    TextDocumentPositionParams, Uri,
};
use lsp_server::ErrorCode;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use super::desk::Desk;
use super::server_info;
use crate::completion::{self, Known};
use crate::documents::Document;
use crate::position::{Encoding, Lines};
use crate::{diagnostics, format, goto, hints, hover, names, rename, symbols};

/// What is answered: a result as JSON, which goes out as it is, or a code and words.
pub(super) type Outcome = Result<String, (ErrorCode, String)>;

/// Returns what the server can do.
pub(super) fn capabilities(encoding: Encoding) -> Json {
    json!({
        "capabilities": {
            "positionEncoding": encoding.name(),
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "completionProvider": { "triggerCharacters": ["[", ".", "\"", "=", "{", ","] },
            "hoverProvider": true,
            "definitionProvider": true,
            "implementationProvider": true,
            "referencesProvider": true,
            "renameProvider": { "prepareProvider": true },
            "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
            "documentSymbolProvider": true,
            "foldingRangeProvider": true,
            "documentFormattingProvider": true,
            "inlayHintProvider": true,
        },
        "serverInfo": server_info(),
    })
}

/// Reads the parameters of a request.
pub(super) fn read<T: DeserializeOwned>(params: Json) -> Result<T, (ErrorCode, String)> {
    serde_json::from_value(params).map_err(|error| (ErrorCode::InvalidParams, error.to_string()))
}

/// Returns a result as JSON. Large answers are never a tree of values, which takes several times as long as their text.
pub(super) fn said(result: impl Serialize) -> Outcome {
    serde_json::to_string(&result).map_err(|error| (ErrorCode::InternalError, error.to_string()))
}

impl Desk {
    /// Answers a request.
    pub(super) fn answer(&self, method: &str, params: Json) -> Outcome {
        match method {
            "textDocument/completion" => self.completion(&read(params)?),
            "textDocument/hover" => self.hover(&read(params)?),
            "textDocument/definition" => self.definition(&read(params)?),
            "textDocument/implementation" => self.implementation(&read(params)?),
            "textDocument/references" => self.references(&read(params)?),
            "textDocument/prepareRename" => self.prepare_rename(&read(params)?),
            "textDocument/rename" => self.rename(&read(params)?),
            "textDocument/codeAction" => self.code_action(&read(params)?),
            "textDocument/inlayHint" => self.inlay_hint(&read(params)?),
            "textDocument/documentSymbol" => {
                let params: DocumentSymbolParams = read(params)?;
                self.of(&params.text_document.uri, |document| said(symbols::symbols(document, self.encoding)))
            }
            "textDocument/foldingRange" => {
                let params: FoldingRangeParams = read(params)?;
                self.of(&params.text_document.uri, |document| said(symbols::folds(document, self.encoding)))
            }
            "textDocument/formatting" => {
                let params: DocumentFormattingParams = read(params)?;
                self.of(&params.text_document.uri, |document| {
                    said(format::edits(document, self.encoding).into_iter().collect::<Vec<_>>())
                })
            }
            _ => Err((ErrorCode::MethodNotFound, format!("there is no `{}`", method.escape_debug()))),
        }
    }

    /// Answers for an open text; with nothing for one that is not.
    fn of(&self, uri: &Uri, answer: impl FnOnce(&Document) -> Outcome) -> Outcome {
        self.document(uri).map_or_else(|| said(()), answer)
    }

    /// Answers for a place in an open text.
    fn at(
        &self,
        place: &TextDocumentPositionParams,
        answer: impl FnOnce(&Document, usize) -> Outcome,
    ) -> Outcome {
        self.of(&place.text_document.uri, |document| {
            answer(document, document.offset(place.position, self.encoding))
        })
    }

    fn texts<'t>(&'t self, document: &'t Document) -> Vec<goto::Text<'t>> {
        goto::texts(document, self.analysis(document), |path| self.open(path))
    }

    fn completion(&self, params: &CompletionParams) -> Outcome {
        self.at(&params.text_document_position, |document, offset| {
            let manifest = self.manifest_tree(document);
            let known = Known {
                encoding: self.encoding,
                has_snippets: self.has_snippets,
                blueprints: &self.blueprints(document),
                kits: self.kits.names().collect(),
                manifest: manifest.as_ref().unwrap_or_else(|| document.tree()),
            };
            said(completion::at(document, offset, &known))
        })
    }

    fn hover(&self, params: &HoverParams) -> Outcome {
        self.at(&params.text_document_position_params, |document, offset| {
            let meaning = self.analysis(document).and_then(|analysis| analysis.meaning.as_deref());
            let found = hover::at(document, offset, &self.blueprints(document), meaning);
            let Some((text, place)) = found else { return said(()) };
            let range = Lines::new(&document.text, self.encoding).range(place);
            said(json!({ "contents": { "kind": "markdown", "value": text }, "range": range }))
        })
    }

    fn definition(&self, params: &GotoDefinitionParams) -> Outcome {
        self.at(&params.text_document_position_params, |document, offset| {
            let (texts, analysis) = (self.texts(document), self.analysis(document));
            said(goto::definition(document, offset, &texts, analysis, self.encoding))
        })
    }

    fn implementation(&self, params: &GotoDefinitionParams) -> Outcome {
        self.at(&params.text_document_position_params, |document, offset| {
            said(goto::emitted(document, offset, self.analysis(document)))
        })
    }

    fn references(&self, params: &ReferenceParams) -> Outcome {
        self.at(&params.text_document_position, |document, offset| {
            let named = names::at(document.root(), &document.text, document.tree(), offset);
            let Some(named) = named else { return said(json!([])) };
            let texts = self.texts(document);
            let places = goto::places(&texts, &named.thing);
            let is_asked =
                |found: &names::Occurrence| found.gives.is_none() || params.context.include_declaration;
            let places = places.into_iter().filter(|(_, found)| is_asked(found));
            let locations =
                places.filter_map(|(text, found)| goto::location(text, found.place, self.encoding));
            said(locations.collect::<Vec<_>>())
        })
    }

    fn prepare_rename(&self, params: &TextDocumentPositionParams) -> Outcome {
        self.at(params, |document, offset| match rename::prepared(document, offset, self.encoding) {
            Ok((range, placeholder)) => said(json!({ "range": range, "placeholder": placeholder })),
            Err(error) => Err((ErrorCode::RequestFailed, error.to_string())),
        })
    }

    fn rename(&self, params: &RenameParams) -> Outcome {
        self.at(&params.text_document_position, |document, offset| {
            let version = |path: &Path| self.open(path).map(|document| document.version);
            let texts = self.texts(document);
            let renamed = rename::rename(document, offset, &params.new_name, &texts, &version, self.encoding);
            renamed.map_or_else(|error| Err((ErrorCode::RequestFailed, error.to_string())), said)
        })
    }

    fn code_action(&self, params: &CodeActionParams) -> Outcome {
        self.of(&params.text_document.uri, |document| {
            // Edits of a text that has changed since would change something else.
            let found = self.current(document).and_then(|analysis| analysis.found.get(&document.path));
            let found = found.map(Vec::as_slice).unwrap_or_default();
            said(diagnostics::actions(found, params.range, Some(document.version)))
        })
    }

    fn inlay_hint(&self, params: &InlayHintParams) -> Outcome {
        self.of(&params.text_document.uri, |document| {
            let analysis = self.analysis(document);
            let Some(meaning) = analysis.and_then(|analysis| analysis.meaning.as_deref()) else {
                return said(json!([]));
            };
            let range = Lines::new(&document.text, self.encoding).bytes(params.range);
            said(hints::hints(document, &range, meaning, self.encoding))
        })
    }
}
