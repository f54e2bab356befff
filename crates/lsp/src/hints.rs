//! `textDocument/inlayHint`: behind the header of a table, what nobody wrote in it and what stands there instead.

use std::collections::BTreeMap;
use std::ops::Range;

use ls_types::{InlayHint, InlayHintKind, InlayHintLabel, InlayHintLabelPart, InlayHintLabelPartTooltip};

use crate::analysis::Meaning;
use crate::documents::Document;
use crate::position::{Encoding, Lines};
use sovereign_compile::provenance::Unwritten;

/// Returns the hints for a part of a text.
pub(crate) fn hints(
    document: &Document,
    range: &Range<usize>,
    meaning: &Meaning,
    encoding: Encoding,
) -> Vec<InlayHint> {
    let mut by_table: BTreeMap<&str, Vec<&Unwritten>> = BTreeMap::new();
    for default in &meaning.defaults {
        if let Some((table, _)) = default.key.rsplit_once('.') {
            by_table.entry(table).or_default().push(default);
        }
    }
    let tree = document.tree();
    let lines = Lines::new(&document.text, encoding);
    let sections = tree.sections.iter().filter(|section| !section.header.is_empty());
    let near =
        sections.filter(|section| section.header.start <= range.end && range.start <= section.header.end);
    let hint = |section: &crate::syntax::Section| {
        let table = tree.name(section.node);
        // What was written since the last compilation is written.
        let is_absent = |default: &&&Unwritten| {
            let key = default.key.rsplit('.').next().unwrap_or_default();
            tree.child(section.node, key).is_none()
        };
        let defaults: Vec<_> = by_table.get(&*table)?.iter().filter(is_absent).collect();
        Some(InlayHint {
            position: lines.position(section.header.end),
            label: InlayHintLabel::LabelParts(parts(&defaults)),
            kind: Some(InlayHintKind::TYPE),
            text_edits: None,
            tooltip: None,
            padding_left: Some(true),
            padding_right: None,
            data: None,
        })
        .filter(|_| !defaults.is_empty())
    };
    near.filter_map(hint).collect()
}

/// One part a key; a list has all of its values behind one.
fn parts(defaults: &[&&Unwritten]) -> Vec<InlayHintLabelPart> {
    let mut parts: Vec<(&str, String, &str)> = Vec::new();
    for default in defaults {
        let key = default.key.rsplit('.').next().unwrap_or_default();
        match parts.last_mut().filter(|(last, ..)| *last == key) {
            Some((_, value, _)) => *value = format!("{value}, {}", default.value),
            None => parts.push((key, default.value.clone(), &default.reason)),
        }
    }
    let last = parts.len().saturating_sub(1);
    let part = |(place, (key, value, reason)): (usize, (&str, String, &str))| InlayHintLabelPart {
        value: format!("{key} {value}{}", if place == last { "" } else { " · " }),
        tooltip: Some(InlayHintLabelPartTooltip::String(reason.to_owned())),
        ..InlayHintLabelPart::default()
    };
    parts.into_iter().enumerate().map(part).collect()
}
