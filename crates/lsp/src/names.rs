//! Names that texts give and refer to: of regions, Organizations, applications and blueprints. Which keys hold one follows from
//! the kind of text that the schema says they are.

use std::ops::Range;

use crate::syntax::{Id, Node, ROOT, Step, Tree, Value};
use sovereign_language::described::{self as language, Root};
use sovereign_language::scalar::{AppName, AppResource, BlueprintName, Label, RegionName, Scalar, Slug};

/// What a name is the name of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// A region.
    Region(String),
    /// An Organization.
    Organization(String),
    /// An application: its Organization, the type of its environment, its name.
    Application(String, String, String),
    /// A blueprint, without `bp-`.
    Blueprint(String),
}

/// A name in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Occurrence {
    pub(crate) thing: Thing,
    /// The name alone, without quotes.
    pub(crate) place: Range<usize>,
    /// The table that bears the name, if this is where it is given.
    pub(crate) gives: Option<Id>,
}

/// The environment of an Organization that says nothing of it.
const ENV: &str = "prod";

/// Returns the names in a text, of those nodes that are `wanted`: to say what a node is takes a walk through the schema, and a
/// fleet has a hundred thousand.
pub(crate) fn all(root: Root, text: &str, tree: &Tree, wanted: impl Fn(&Node) -> bool) -> Vec<Occurrence> {
    let mut found = Vec::new();
    for id in tree.ids().filter(|id| *id != ROOT && tree.node(*id).is_some_and(&wanted)) {
        found.extend(of_value(root, text, tree, id));
        found.extend(of_key(root, text, tree, id));
    }
    found
}

/// Returns the name at a byte.
pub(crate) fn at(root: Root, text: &str, tree: &Tree, offset: usize) -> Option<Occurrence> {
    let is_in = |place: &Range<usize>| place.start <= offset && offset <= place.end;
    let wanted = |node: &Node| is_in(&node.place) || node.key.as_ref().is_some_and(is_in);
    all(root, text, tree, wanted).into_iter().find(|found| is_in(&found.place))
}

/// Returns every place in a text where a thing has its name.
pub(crate) fn of(root: Root, text: &str, tree: &Tree, thing: &Thing) -> Vec<Occurrence> {
    let name = thing.name();
    let wanted = |node: &Node| match &node.value {
        Value::Text(text) if text.starts_with(name) => true,
        Value::Text(_) | Value::Table | Value::List | Value::Other => {
            matches!(&node.step, Step::Key(key) if key == name)
        }
    };
    let mut found = all(root, text, tree, wanted);
    found.retain(|found| found.thing == *thing);
    found
}

impl Thing {
    /// Returns the name itself.
    pub(crate) fn name(&self) -> &str {
        match self {
            Self::Region(name)
            | Self::Organization(name)
            | Self::Application(_, _, name)
            | Self::Blueprint(name) => name,
        }
    }
}

fn of_value(root: Root, text: &str, tree: &Tree, id: Id) -> Option<Occurrence> {
    let node = tree.node(id)?;
    let Value::Text(name) = &node.value else { return None };
    let place = inside(text, &node.place).filter(|_| !name.is_empty())?;
    let path = tree.path(id);
    let schema = language::at(root, &path)?;
    let keys: Vec<_> =
        path.iter().filter_map(|step| if let Step::Key(key) = step { Some(&**key) } else { None }).collect();
    let parent = node.parent?;
    let occurrence = |thing, gives| Some(Occurrence { thing, place: place.clone(), gives });
    if schema.is(RegionName::NAME) {
        // What a provider calls its region is no name of one of ours.
        let is_ours = !keys.contains(&"huawei");
        let gives = (keys == ["region", "name"]).then_some(parent);
        return is_ours.then(|| occurrence(Thing::Region(name.clone()), gives))?;
    }
    if schema.is(Slug::NAME) && keys.first() == Some(&"organization") {
        let gives = (keys == ["organization", "slug"]).then_some(parent);
        return occurrence(Thing::Organization(name.clone()), gives);
    }
    let of_application =
        ["depends-on", "application"].map(|list| keys.ends_with(&[list, "namespace"])).contains(&true);
    if schema.is(Label::NAME) && of_application {
        return occurrence(Thing::Organization(name.clone()), None);
    }
    if schema.is(BlueprintName::NAME) {
        return occurrence(Thing::Blueprint(name.clone()), None);
    }
    let is_application = schema.is(AppName::NAME)
        || schema.is(AppResource::NAME)
        || keys == ["failover", "application", "name"];
    is_application.then(|| application(tree, id, name, &keys, &place))?
}

fn application(tree: &Tree, id: Id, name: &str, keys: &[&str], place: &Range<usize>) -> Option<Occurrence> {
    let parent = tree.node(id)?.parent?;
    let is_given = keys.ends_with(&["environment", "application", "name"]);
    let of_other = tree.text(parent, &["namespace"]).filter(|_| !is_given);
    let Some(namespace) = of_other else {
        let environment = ancestor(tree, id, "environment")?;
        let organization = ancestor(tree, environment, "organization")?;
        let env = tree.text(environment, &["env"]).unwrap_or(ENV).to_owned();
        let slug = tree.text(organization, &["slug"]).unwrap_or_default().to_owned();
        let gives = is_given.then_some(parent);
        let thing = Thing::Application(slug, env, name.to_owned());
        return Some(Occurrence { thing, place: place.clone(), gives });
    };
    // The name of a resource: that of the application, and behind it the type of the environment where that is not the
    // first one of its Organization.
    let ends = ["stg", "uat", "dev", "poc", "prod"];
    let ended = ends.into_iter().find_map(|end| Some((name.strip_suffix(end)?.strip_suffix('-')?, end)));
    let (own, env) = ended.unwrap_or((name, ENV));
    let thing = Thing::Application(namespace.to_owned(), env.to_owned(), own.to_owned());
    Some(Occurrence { thing, place: place.start..place.start + own.len(), gives: None })
}

fn of_key(root: Root, text: &str, tree: &Tree, id: Id) -> Option<Occurrence> {
    let node = tree.node(id)?;
    let (Step::Key(name), Some(key)) = (&node.step, &node.key) else { return None };
    let schema = language::at(root, &tree.path(node.parent?))?;
    if !schema.has_keys_of(BlueprintName::NAME) || name.is_empty() {
        return None;
    }
    let place = inside(text, key).unwrap_or_else(|| key.clone());
    Some(Occurrence { thing: Thing::Blueprint(name.clone()), place, gives: Some(id) })
}

/// Returns the nearest table above that stands below a key.
fn ancestor(tree: &Tree, id: Id, key: &str) -> Option<Id> {
    let mut at = id;
    loop {
        let parent = tree.node(at)?.parent?;
        let is =
            |id: Id| matches!(tree.node(id).map(|node| &node.step), Some(Step::Key(name)) if name == key);
        let is_element = tree.node(at).is_some_and(|node| matches!(node.step, Step::Index(_)));
        if is_element && is(parent) || is(at) && !is_element {
            return Some(at);
        }
        at = parent;
    }
}

/// Returns what stands between the quotes of a text of one line.
pub(crate) fn inside(text: &str, place: &Range<usize>) -> Option<Range<usize>> {
    let written = text.get(place.clone())?;
    let quote = written.chars().next().filter(|c| *c == '"' || *c == '\'')?;
    let is_closed = written.len() > 1 && written.ends_with(quote);
    Some(place.start + 1..if is_closed { place.end - 1 } else { place.end })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_known_by_the_kind_of_their_key() {
        let text = "\
[[region]]
name = \"sin\"
peers = [\"hel1\"]
[region.huawei]
region = \"me-east-215\"
[blueprint.loki]
depends-on = [\"harbor\"]
[[organization]]
slug = \"acme\"
parent-org = \"holding\"
[[organization.environment]]
env = \"stg\"
regions = [\"sin\"]
[[organization.environment.application]]
name = \"shop\"
depends-on = [\"db\", { name = \"cart-dev\", namespace = \"beta\" }]
";
        let tree = Tree::new(text);
        let found = all(Root::Manifest, text, &tree, |_| true);
        let said: Vec<_> = found
            .iter()
            .map(|one| (format!("{:?}", one.thing), text[one.place.clone()].to_owned(), one.gives.is_some()))
            .collect();
        let expected = [
            ("Region(\"sin\")", "sin", true),
            ("Region(\"hel1\")", "hel1", false),
            ("Blueprint(\"loki\")", "loki", true),
            ("Blueprint(\"harbor\")", "harbor", false),
            ("Organization(\"acme\")", "acme", true),
            ("Organization(\"holding\")", "holding", false),
            ("Region(\"sin\")", "sin", false),
            ("Application(\"acme\", \"stg\", \"shop\")", "shop", true),
            ("Application(\"acme\", \"stg\", \"db\")", "db", false),
            ("Application(\"beta\", \"dev\", \"cart\")", "cart", false),
            ("Organization(\"beta\")", "beta", false),
        ];
        let expected = expected.map(|(thing, text, gives)| (thing.to_owned(), text.to_owned(), gives));
        assert_eq!(said, expected);
    }
}
