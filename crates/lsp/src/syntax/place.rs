//! What stands at a place of a text.

use super::{Entry, Id, Section, Tree, Value};

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a header: the place of the part among those of its key.
    Header { section: usize, part: usize },
    /// In a key: the entry, and the place of the part.
    Key { entry: usize, part: usize },
    /// In a value, or where one is due.
    Value { entry: usize, node: Id },
    /// Where a key of a table could stand.
    Free { table: Id },
}

impl Tree {
    /// Returns what stands at a byte, or ends there.
    pub(crate) fn at(&self, offset: usize) -> Place {
        let place = self.sections.partition_point(|section| section.extent.start <= offset).saturating_sub(1);
        let section = self.sections.get(place);
        if let Some(section) =
            section.filter(|section| !section.header.is_empty() && offset <= section.header.end)
        {
            return Place::Header { section: place, part: part_at(&section.parts, offset) };
        }
        let free = Place::Free { table: section.map_or(super::ROOT, |section: &Section| section.node) };
        let until = self.entries.partition_point(|entry| entry.extent.start <= offset);
        for (index, entry) in self.entries.iter().enumerate().take(until).rev() {
            let is_in = offset <= entry.extent.end
                && section.is_some_and(|section| entry.extent.start >= section.extent.start);
            if is_in {
                return self.in_entry(index, entry, offset);
            }
            if entry.is_line {
                break;
            }
        }
        free
    }

    fn in_entry(&self, index: usize, entry: &Entry, offset: usize) -> Place {
        if entry.equals.is_none_or(|equals| offset <= equals) {
            return Place::Key { entry: index, part: part_at(&entry.parts, offset) };
        }
        let mut id = entry.node;
        loop {
            let holds = |place: &std::ops::Range<usize>| place.start < offset && offset < place.end;
            let Some(node) = self.node(id) else { break };
            if node.value == Value::Table && holds(&node.place) {
                return Place::Free { table: id };
            }
            let is_at = |place: &std::ops::Range<usize>| place.start <= offset && offset <= place.end;
            let inner = self.children(id).find(|(_, child)| is_at(&child.place) && child.key.is_none());
            match inner.filter(|_| node.value == Value::List) {
                Some((child, _)) => id = child,
                None => break,
            }
        }
        Place::Value { entry: index, node: id }
    }
}

/// Returns the place of the last part that begins before a byte.
fn part_at(parts: &[super::Part], offset: usize) -> usize {
    parts.partition_point(|part| part.place.start <= offset).saturating_sub(1)
}
