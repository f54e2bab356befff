//! What a value of a template may be, as far as it matters: a place in the values, or something that holds places.

use std::collections::{BTreeMap, BTreeSet};

use super::Place;

/// What a value may be; nothing where it holds no place, or nobody knows.
pub(super) type Many = BTreeSet<Thing>;

/// One thing that a value may be.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Thing {
    /// What a template begins with: has `Values`, `Release` and the like. Holds the place of its chart.
    Root(Place),
    /// The charts in a chart.
    Subcharts(Place),
    /// A place in the values.
    Values(Place),
    /// A dictionary. What stands under a key that is not known stands under [`ANY`].
    Dictionary(BTreeMap<String, Many>),
    /// A list.
    List(Vec<Many>),
    /// A text that is written in the template.
    Text(String),
}

/// Every key of a dictionary.
const ANY: &str = "";
/// How large a value may become. Templates that build larger ones build them of what they have read.
const LARGEST: usize = 400;

impl Thing {
    /// Returns a dictionary of keys and values.
    pub(super) fn dictionary(entries: impl IntoIterator<Item = (Option<String>, Many)>) -> Self {
        let mut dictionary: BTreeMap<String, Many> = BTreeMap::new();
        for (key, value) in entries {
            dictionary.entry(key.unwrap_or_else(|| ANY.to_owned())).or_default().extend(value);
        }
        Self::Dictionary(dictionary)
    }

    /// Returns what stands under a key. `chart` is the chart whose template is followed.
    fn field(&self, name: &str, chart: &Place) -> Many {
        match self {
            Self::Root(place) => match name {
                "Values" => [Self::Values(place.clone())].into(),
                "Subcharts" => [Self::Subcharts(place.clone())].into(),
                _ => Many::new(),
            },
            Self::Subcharts(place) => [Self::Root(below(place, name))].into(),
            Self::Values(place) => [Self::Values(below(place, name))].into(),
            Self::Dictionary(entries) => {
                let mut found = Many::new();
                for key in [name, ANY] {
                    found.extend(entries.get(key).into_iter().flatten().cloned());
                }
                // A copy of the root with something more in it.
                if found.is_empty() && name == "Values" {
                    found.insert(Self::Values(chart.clone()));
                }
                found
            }
            Self::List(_) | Self::Text(_) => Many::new(),
        }
    }

    /// Returns how much it holds.
    fn size(&self) -> usize {
        match self {
            Self::Root(place) | Self::Subcharts(place) | Self::Values(place) => 1 + place.len(),
            Self::Dictionary(entries) => 1 + entries.values().map(size).sum::<usize>(),
            Self::List(items) => 1 + items.iter().map(size).sum::<usize>(),
            Self::Text(_) => 1,
        }
    }
}

/// Returns how much a value holds.
fn size(many: &Many) -> usize {
    many.iter().map(Thing::size).sum()
}

/// Returns whether a value is larger than what is followed.
pub(super) fn is_too_large(many: &Many) -> bool {
    size(many) > LARGEST
}

/// Returns what stands under a key of a value. `.Values` of what nobody knows is that of the chart whose
/// template is followed.
pub(super) fn field(many: &Many, name: &str, chart: &Place) -> Many {
    if many.is_empty() && name == "Values" {
        return [Thing::Values(chart.clone())].into();
    }
    many.iter().flat_map(|thing| thing.field(name, chart)).collect()
}

/// Returns what the items of a value may be.
pub(super) fn items(many: &Many) -> Many {
    let of = |thing: &Thing| -> Many {
        match thing {
            Thing::Dictionary(entries) => entries.values().flatten().cloned().collect(),
            Thing::List(items) => items.iter().flatten().cloned().collect(),
            Thing::Values(_) | Thing::Root(_) | Thing::Subcharts(_) | Thing::Text(_) => Many::new(),
        }
    };
    many.iter().flat_map(of).collect()
}

/// Returns what stands at a place of a list.
pub(super) fn item(many: &Many, at: usize) -> Many {
    let of = |thing: &Thing| match thing {
        Thing::List(items) => items.get(at).cloned().unwrap_or_default(),
        Thing::Dictionary(_) | Thing::Values(_) | Thing::Root(_) | Thing::Subcharts(_) | Thing::Text(_) => {
            Many::new()
        }
    };
    many.iter().flat_map(of).collect()
}

/// Returns the texts that a value may be.
pub(super) fn texts(many: &Many) -> Vec<&str> {
    many.iter()
        .filter_map(|thing| if let Thing::Text(text) = thing { Some(text.as_str()) } else { None })
        .collect()
}

/// Returns a place below another one.
fn below(place: &Place, name: &str) -> Place {
    place.iter().cloned().chain([name.to_owned()]).collect()
}
