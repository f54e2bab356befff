//! What happens alike in several clusters, said once.

use std::collections::BTreeMap;
use std::mem::discriminant;

use serde_json::Value as Json;

use super::Diff;
use super::events::{ClusterEvents, Event, What};
use super::objects::{ObjectChange, ObjectId};
use sovereign_compile::tree::TreePath;
use sovereign_text::source::Span;

/// Events that are the same in some clusters.
#[derive(Debug)]
pub(super) struct Section {
    /// The clusters.
    pub(super) clusters: Vec<String>,
    /// What happens in each of them, worst first.
    pub(super) happenings: Vec<Happening>,
    /// The layers in which something changes, where these are the same in all of them.
    pub(super) layers: Vec<String>,
    /// How many releases Flux works on again in each of them.
    pub(super) restarts: usize,
}

/// An event, with what caused it in each cluster.
#[derive(Clone, Debug)]
pub(super) struct Happening {
    /// The event, as it is in one of them.
    pub(super) event: Event,
    /// What caused it.
    pub(super) causes: Vec<Span>,
}

impl Section {
    /// Returns what it is called: `hel1, nbg1, sin`.
    pub(super) fn name(&self) -> String {
        self.clusters.join(", ")
    }
}

/// Which clusters, by their places.
type Places = Vec<usize>;

/// Returns the events of all clusters that lose nothing, each once, by the clusters that have it.
pub(super) fn collect(clusters: &[ClusterEvents]) -> Vec<Section> {
    let mut sections = by_clusters(clusters, |event| event.risk.is_none());
    for (place, cluster) in clusters.iter().enumerate() {
        let tail = (&cluster.layers, cluster.restarts.len());
        let is_alike = |other: &&ClusterEvents| (&other.layers, other.restarts.len()) == tail;
        // Of those that are alike, the first speaks.
        if clusters.iter().position(|other| is_alike(&other)) != Some(place) || tail == (&Vec::new(), 0) {
            continue;
        }
        let alike: Places =
            (0..clusters.len()).filter(|at| clusters.get(*at).as_ref().is_some_and(is_alike)).collect();
        let section = section_of(&mut sections, clusters, &alike);
        section.layers.clone_from(&cluster.layers);
        section.restarts = cluster.restarts.len();
    }
    // Those of clusters that come earlier stand first, and of these the larger.
    sections.sort_by(|(one, _), (other, _)| {
        one.first().cmp(&other.first()).then(other.len().cmp(&one.len())).then(one.cmp(other))
    });
    sections.into_iter().map(|(_, section)| section).collect()
}

/// Returns the objects that change, each once with the clusters in which it changes alike.
pub(super) fn objects(diff: &Diff) -> Vec<(&ObjectChange, Vec<&str>)> {
    let mut objects: Vec<(&ObjectChange, Vec<&str>)> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for change in diff.variables.iter().chain(&diff.objects) {
        let known = *seen.entry(likeness(change)).or_insert(objects.len());
        match objects.get_mut(known) {
            Some((_, clusters)) => clusters.push(&change.id.cluster),
            None => objects.push((change, vec![&change.id.cluster])),
        }
    }
    objects
}

/// Returns the events of all clusters that `keep` keeps, each once, by the clusters that have it.
pub(super) fn by_clusters(
    clusters: &[ClusterEvents],
    keep: impl Fn(&Event) -> bool,
) -> Vec<(Places, Section)> {
    let mut found: Vec<(Happening, Places)> = Vec::new();
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for (place, cluster) in clusters.iter().enumerate() {
        for event in cluster.events.iter().filter(|event| keep(event)).flat_map(pieces) {
            let key = format!("{} {:?} {:?}", event.subject, event.what, event.risk);
            let known = *seen.entry(key).or_insert(found.len());
            match found.get_mut(known) {
                // Twice in one cluster stays twice.
                Some((happening, places)) if places.last() != Some(&place) => {
                    places.push(place);
                    happening.causes.extend(event.cause);
                }
                Some(_) | None => {
                    let causes = event.cause.into_iter().collect();
                    found.push((Happening { event, causes }, vec![place]));
                }
            }
        }
    }
    let mut sections: Vec<(Places, Section)> = Vec::new();
    for (happening, places) in found {
        section_of(&mut sections, clusters, &places).add(happening);
    }
    sections
}

/// Returns the section of some clusters, made if there is none yet.
fn section_of<'s>(
    sections: &'s mut Vec<(Places, Section)>,
    clusters: &[ClusterEvents],
    places: &Places,
) -> &'s mut Section {
    let at = sections.iter().position(|(other, _)| other == places).unwrap_or(sections.len());
    if at == sections.len() {
        let names = places.iter().filter_map(|place| Some(clusters.get(*place)?.cluster.clone()));
        let (happenings, layers) = (Vec::new(), Vec::new());
        sections
            .push((places.clone(), Section { clusters: names.collect(), happenings, layers, restarts: 0 }));
    }
    &mut sections[at].1
}

impl Section {
    /// Takes what happens, as a part of what happened last where both are parts of one event.
    fn add(&mut self, mut happening: Happening) {
        let event = &happening.event;
        let is_of = |last: &&mut Happening| {
            last.event.subject == event.subject && discriminant(&last.event.what) == discriminant(&event.what)
        };
        if let Some(last) = self.happenings.last_mut().filter(is_of)
            && let Some(values) = last.event.what.values_mut()
            && let Some(more) = happening.event.what.values_mut()
        {
            values.append(more);
            last.causes.extend(happening.causes);
            return;
        }
        self.happenings.push(happening);
    }
}

/// Returns an event value by value: those of several clusters are alike in some, and differ in others.
fn pieces(event: &Event) -> Vec<Event> {
    let mut event = event.clone();
    if matches!(event.what, What::VariablesChanged { .. }) {
        // The cluster is said above.
        "machines".clone_into(&mut event.subject);
    }
    let Some(values) = event.what.values_mut().map(std::mem::take) else { return vec![event] };
    let piece = |value| {
        let mut piece = event.clone();
        if let Some(values) = piece.what.values_mut() {
            values.push(value);
        }
        piece
    };
    values.into_iter().map(piece).collect()
}

/// Returns what is the same of an object in all clusters in which it changes alike.
fn likeness(change: &ObjectChange) -> String {
    let ObjectId { cluster: _, kind, group, namespace, name } = &change.id;
    let place = |side: &Option<(TreePath, Json)>| {
        side.as_ref().map(|(path, _)| path.as_str().split_once('/').map_or("", |(_, below)| below).to_owned())
    };
    let places = (place(&change.old), place(&change.new));
    let fields: Vec<_> = change.fields.iter().map(|field| (&field.steps, &field.old, &field.new)).collect();
    format!("{kind} {group} {namespace} {name} {places:?} {fields:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diff::events::ValueChange;
    use crate::diff::objects::Step;

    fn added(subject: &str) -> Event {
        Event { subject: subject.to_owned(), what: What::Added, risk: None, cause: None }
    }

    fn cluster(name: &str, events: Vec<Event>) -> ClusterEvents {
        let layers = vec!["releases".to_owned()];
        let restarts = std::iter::once("a".to_owned()).collect();
        ClusterEvents { cluster: name.to_owned(), events, layers, restarts }
    }

    #[test]
    fn what_is_the_same_is_said_once() {
        let events = |subjects: &[&str]| subjects.iter().copied().map(added).collect();
        let sections = collect(&[
            cluster("a", events(&["x", "own", "y"])),
            cluster("b", events(&["x", "y"])),
            cluster("c", events(&["x", "z", "z"])),
        ]);
        let said: Vec<_> = sections
            .iter()
            .map(|section| {
                let subjects: Vec<_> =
                    section.happenings.iter().map(|it| it.event.subject.as_str()).collect();
                format!("{}: {} {}", section.name(), subjects.join(" "), section.restarts)
            })
            .collect();
        assert_eq!(said, ["a, b, c: x 1", "a, b: y 0", "a: own 0", "c: z z 0"]);
    }

    #[test]
    fn values_that_differ_stand_apart_from_those_that_do_not() {
        let changed = |own: i64| {
            let value = |key: &str, new: i64| ValueChange {
                path: vec![Step::Key(key.to_owned())],
                old: None,
                new: Some(new.into()),
            };
            let what = What::ValuesChanged { values: vec![value("a", 1), value("own", own), value("z", 1)] };
            Event { subject: "bp-x".to_owned(), what, risk: None, cause: None }
        };
        let sections = collect(&[cluster("a", vec![changed(1)]), cluster("b", vec![changed(2)])]);
        let said: Vec<_> = sections
            .into_iter()
            .map(|mut section| {
                let counts =
                    section.happenings.iter_mut().map(|it| it.event.what.values_mut().map(|it| it.len()));
                (section.clusters.join(" "), counts.collect::<Vec<_>>())
            })
            .collect();
        let of = |name: &str, count| (name.to_owned(), vec![Some(count)]);
        assert_eq!(said, [of("a b", 2), of("a", 1), of("b", 1)]);
    }
}
