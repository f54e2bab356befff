//! What is known of a chart, as it goes into a lock.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use sovereign_language::lock::{Kind, Lock, Mark, Subchart, ValueFact, keeps_data};
use sovereign_text::node::{Step, path_text};

use crate::chart::Chart;
use crate::reads::{Follower, Place, Reads};
use crate::schema::{self, Said};
use crate::template::{self, Template};
use crate::values::{defaults, leaves, subcharts};
use crate::{definitions, functions};

/// How long a default is that is written into a lock.
const LONGEST_DEFAULT: usize = 80;

/// Returns the lock of a chart.
pub fn lock(chart: &Chart) -> Lock {
    let mut read = Read { instances: Vec::new(), unopened: Vec::new() };
    read.collect(chart, &Place::new());
    let (reads, crds, templated) = read.follow();
    let facts = read.values(chart, &reads);
    let named = |wanted: &dyn Fn(&str) -> Option<String>| {
        reads.functions.iter().filter_map(|name| wanted(name)).collect::<Vec<_>>()
    };
    let lists = vec![
        ("crds", crds.into_iter().collect()),
        ("templated-crds", templated.into_iter().collect()),
        ("capabilities", reads.capabilities.iter().cloned().collect()),
        ("lookups", reads.lookups.iter().cloned().collect()),
        ("random", named(&|name| functions::is_random(name).then(|| name.to_owned()))),
        (
            "newer-functions",
            named(&|name| functions::first_helm(name).map(|first| format!("{name} of Helm {first}"))),
        ),
        ("refused", reads.refused.iter().cloned().collect()),
    ];
    Lock {
        chart: chart.metadata.name.clone(),
        version: chart.metadata.version.clone(),
        unopened: None,
        digest: Some(format!("sha256:{}", chart.digest)),
        kube_version: chart.metadata.kube_version.clone(),
        subcharts: read.subcharts(),
        lists,
        values: facts,
    }
}

/// A chart with everything in it, flattened.
struct Read<'c> {
    /// Each chart with the place of its values.
    instances: Vec<(Place, &'c Chart)>,
    /// Charts that are asked for and not there.
    unopened: Vec<Place>,
}

impl<'c> Read<'c> {
    fn collect(&mut self, chart: &'c Chart, at: &Place) {
        self.instances.push((at.clone(), chart));
        for asked in chart.metadata.dependencies.iter().filter(|asked| chart.chart(&asked.name).is_none()) {
            self.unopened.push(below(at, asked.key()));
        }
        for (key, inner) in subcharts(chart) {
            self.collect(inner, &below(at, key));
        }
    }

    /// Follows all templates, and finds the definitions in `crds/` and in templates.
    fn follow(&self) -> (Reads, BTreeSet<String>, BTreeSet<String>) {
        let mut parsed: BTreeMap<(ChartKey<'_>, &str), Option<Template>> = BTreeMap::new();
        let (mut crds, mut templated) = (BTreeSet::new(), BTreeSet::new());
        for (_, chart) in &self.instances {
            let name = chart_key(chart);
            for (path, text) in &chart.templates {
                parsed.entry((name, path)).or_insert_with(|| template::parse(text));
                templated.extend(definitions::in_text(text));
            }
            crds.extend(chart.definitions.values().flat_map(|text| definitions::in_text(text)));
        }
        let texts = self.templates_in_values();
        let named = parsed.values().flatten().flat_map(|template| &template.definitions);
        let mut follower = Follower::new(named.map(|(name, body)| (name.as_str(), body.as_slice())));
        for (at, chart) in &self.instances {
            let name = chart_key(chart);
            for path in chart.templates.keys() {
                if let Some(Some(template)) = parsed.get(&(name, path.as_str())) {
                    follower.follow(at, &template.body);
                    if !chart.metadata.is_library {
                        for (_, body) in &template.definitions {
                            follower.follow(at, body);
                        }
                    }
                } else {
                    follower.reads().refused.insert(format!("{}/{path}", chart.metadata.name));
                    follower.reads().use_whole(at);
                }
            }
        }
        for (at, template) in &texts {
            follower.follow(at, &template.body);
        }
        for (at, chart) in &self.instances {
            switches(at, chart, follower.reads());
        }
        (follower.finish(), crds, templated)
    }

    /// Defaults that are templates themselves, which `tpl` renders.
    fn templates_in_values(&self) -> Vec<(Place, Template)> {
        let mut found = Vec::new();
        for (at, chart) in &self.instances {
            each_text(&chart.values, &mut |text| {
                let template = text.contains("{{").then(|| template::parse(text)).flatten();
                found.extend(template.map(|template| (at.clone(), template)));
            });
        }
        found
    }

    fn subcharts(&self) -> Vec<Subchart> {
        let mut list = Vec::new();
        for (at, chart) in &self.instances {
            for asked in &chart.metadata.dependencies {
                let found = chart.chart(&asked.name);
                let wanted = found.filter(|found| is_other(&asked.version, &found.metadata.version));
                list.push(Subchart {
                    at: text_of(&below(at, asked.key())),
                    name: asked.name.clone(),
                    version: found.map_or(&asked.version, |found| &found.metadata.version).clone(),
                    repository: asked.repository.clone(),
                    condition: asked.condition.clone(),
                    tags: asked.tags.clone(),
                    wanted: wanted.map(|_| asked.version.clone()),
                    opened: found.is_some(),
                });
            }
        }
        list.sort_by(|a, b| a.at.cmp(&b.at));
        list
    }

    /// Returns the places of charts of which another version was opened than is asked for.
    fn others(&self) -> BTreeSet<Place> {
        let mut found = BTreeSet::new();
        for (at, chart) in &self.instances {
            for asked in &chart.metadata.dependencies {
                let inner = chart.chart(&asked.name);
                if inner.is_some_and(|inner| is_other(&asked.version, &inner.metadata.version)) {
                    found.insert(below(at, asked.key()));
                }
            }
        }
        found
    }

    /// Returns all values: those with a default, those that a schema names, and those that only a template reads.
    fn values(&self, chart: &Chart, reads: &Reads) -> Vec<ValueFact<'static>> {
        let mut values = Values::default();
        leaves(&defaults(chart), &mut |path, value| {
            let is_known = !self.unopened.iter().any(|place| path.starts_with(place));
            values.of_default(path, value, is_known && !reads.reads(path));
        });
        for (at, chart) in &self.instances {
            for (path, said) in chart.schema.iter().flat_map(schema::paths) {
                values.of_schema(&at.iter().cloned().chain(path).collect(), &said);
            }
        }
        let roots: BTreeSet<_> = self.instances.iter().map(|(at, _)| at.clone()).collect();
        for place in reads.whole() {
            values.of_whole(place, &roots);
        }
        for place in reads.all() {
            values.of_read(place);
        }
        for place in &self.unopened {
            values.mark(place, Mark::Unopened);
        }
        for place in self.others() {
            values.mark(&place, Mark::Other);
        }
        values.sorted()
    }
}

/// Values that Helm itself reads: what switches a chart, and what a parent takes over from it.
fn switches(at: &Place, chart: &Chart, reads: &mut Reads) {
    for asked in &chart.metadata.dependencies {
        for condition in asked.condition.iter().flat_map(|list| list.split(',')) {
            reads.look_at(&condition.trim().split('.').fold(at.clone(), |place, key| below(&place, key)));
        }
        for tag in &asked.tags {
            reads.look_at(&below(&below(at, "tags"), tag));
        }
        for table in &asked.imports {
            let inner = below(at, asked.key());
            reads.use_whole(&table.split('.').fold(inner, |place, key| below(&place, key)));
        }
    }
}

/// The values of a chart, while they are collected.
#[derive(Default)]
struct Values(BTreeMap<Place, ValueFact<'static>>);

impl Values {
    fn at(&mut self, place: &Place, change: impl FnOnce(ValueFact<'static>) -> ValueFact<'static>) {
        let fact = self.0.remove(place).unwrap_or_else(|| ValueFact::new(text_of(place)));
        self.0.insert(place.clone(), change(fact));
    }

    fn mark(&mut self, place: &Place, mark: Mark) {
        self.at(place, |fact| fact.marked(mark));
    }

    fn of_default(&mut self, path: &[String], value: &Value, is_unread: bool) {
        if path.is_empty() {
            return;
        }
        let mut fact = ValueFact::new(text_of(path)).with_kind(kind_of(value));
        let is_scalar = matches!(value, Value::Bool(_) | Value::Number(_) | Value::String(_));
        if is_scalar && value.to_string().len() <= LONGEST_DEFAULT {
            fact = fact.with_default(value.clone());
        }
        if is_unread {
            fact = fact.marked(Mark::Unread);
        }
        if is_sensitive(path) {
            fact = fact.marked(Mark::Sensitive);
        }
        let keys: Vec<&str> = path.iter().map(String::as_str).collect();
        if keeps_data(&keys) {
            fact = fact.marked(Mark::KeepsData);
        }
        self.0.insert(path.to_vec(), fact);
    }

    fn of_schema(&mut self, path: &Place, said: &Said) {
        let has_below = self.has_below(path);
        if has_below && !said.open {
            return;
        }
        self.at(path, |fact| {
            // What a chart sets by itself it accepts, whatever its schema says.
            let kinds = said.kinds.iter().copied();
            let fact = if said.kinds.is_empty() {
                fact
            } else {
                kinds.fold(fact.marked(Mark::Schema), ValueFact::with_kind)
            };
            if said.open { fact.marked(Mark::Open) } else { fact }
        });
    }

    /// Notes that anything may stand below a place, where that means something.
    fn of_whole(&mut self, place: &Place, roots: &BTreeSet<Place>) {
        if roots.contains(place) {
            self.mark(place, Mark::Whole);
            return;
        }
        let holds_more = |fact: &ValueFact<'_>| match fact.kinds() {
            [] | [Kind::Null | Kind::Map] => true,
            [Kind::Text] => fact.default() == Some("\"\""),
            _ => fact.kinds().contains(&Kind::Map),
        };
        let is_below_open = (0..place.len()).any(|end| {
            place.get(..end).and_then(|above| self.0.get(above)).is_some_and(|fact| fact.is(Mark::Open))
        });
        if !is_below_open && self.0.get(place).is_none_or(holds_more) {
            let has_below = self.has_below(place);
            self.at(place, |fact| {
                let fact = fact.marked(Mark::Open);
                if has_below && fact.kinds().is_empty() { fact.with_kind(Kind::Map) } else { fact }
            });
        }
    }

    /// Notes a place that templates read and that has no default.
    fn of_read(&mut self, place: &Place) {
        let is_known = self.0.contains_key(place) || self.has_below(place);
        let is_below_open = (0..place.len()).any(|end| {
            place.get(..end).and_then(|above| self.0.get(above)).is_some_and(|fact| fact.is(Mark::Open))
        });
        if !place.is_empty() && !is_known && !is_below_open {
            self.at(place, |fact| fact);
        }
    }

    fn has_below(&self, place: &Place) -> bool {
        let mut after = self.0.range(place.clone()..).skip_while(|(at, _)| *at == place);
        after.next().is_some_and(|(at, _)| at.starts_with(place))
    }

    fn sorted(self) -> Vec<ValueFact<'static>> {
        let mut facts: Vec<_> = self.0.into_values().collect();
        facts.sort_by(|a, b| a.path().cmp(b.path()));
        facts
    }
}

fn kind_of(value: &Value) -> Kind {
    match value {
        Value::Null => Kind::Null,
        Value::Bool(_) => Kind::Bool,
        Value::Number(number) if number.is_f64() => Kind::Number,
        Value::Number(_) => Kind::Integer,
        Value::String(_) => Kind::Text,
        Value::Array(_) => Kind::List,
        Value::Object(_) => Kind::Map,
    }
}

/// Words that names of secrets have.
const SECRET_WORDS: [&str; 8] =
    ["password", "passwd", "passphrase", "secretkey", "accesskey", "apikey", "privatekey", "token"];

/// Returns whether a value is a secret, by its name. A name of a Secret or of a key in it is none.
fn is_sensitive(path: &[String]) -> bool {
    let name = path.last().map(|key| key.to_lowercase().replace(['-', '_'], "")).unwrap_or_default();
    let refers = ["name", "ref", "secret", "file", "path", "mount", "enabled"];
    SECRET_WORDS.iter().any(|word| name.contains(word))
        && !refers.iter().any(|end| name.ends_with(end))
        && !name.starts_with("existing")
        && !name.starts_with("automount")
}

/// Returns whether a version was asked for exactly, and another one is there.
fn is_other(asked: &str, found: &str) -> bool {
    let exact = |text: &str| semver::Version::parse(text.trim_start_matches(['v', '='])).ok();
    matches!((exact(asked), exact(found)), (Some(asked), Some(found)) if asked != found)
}

/// What tells one chart in a chart from another: name and version.
type ChartKey<'c> = (&'c str, &'c str);

fn chart_key(chart: &Chart) -> ChartKey<'_> {
    (&chart.metadata.name, &chart.metadata.version)
}

fn below(place: &Place, key: &str) -> Place {
    place.iter().cloned().chain([key.to_owned()]).collect()
}

/// Returns a place as a lock has it; the outermost chart's own is a dot.
fn text_of(place: &[String]) -> String {
    if place.is_empty() {
        return ".".to_owned();
    }
    path_text(&place.iter().map(|key| Step::Key(key)).collect::<Vec<_>>())
}

fn each_text(value: &Value, see: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => see(text),
        Value::Array(items) => items.iter().for_each(|item| each_text(item, see)),
        Value::Object(table) => table.values().for_each(|value| each_text(value, see)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::Files;
    use sovereign_language::lock::{Judgement, LockedValues};

    const CHART: [(&str, &str); 12] = [
        (
            "Chart.yaml",
            "name: web\nversion: 1.0.0\nkubeVersion: '>=1.28'\ndependencies:\n\
             - {name: db, version: 2.0.0, alias: store, condition: store.enabled, tags: [data]}\n\
             - {name: helpers, version: 1.x.x}\n\
             - {name: cache, version: 3.0.0}\n",
        ),
        (
            "values.yaml",
            "replicas: 1\nresources: {}\nlegacy: {on: false}\ngreeting: 'Hello {{ .Values.guest }}'\n\
             image: {repository: web, tag: ''}\nadmin: {password: ''}\nport: 80\nstore: {size: 2Gi}\n",
        ),
        (
            "values.schema.json",
            r#"{"properties": {"port": {"type": "integer"}, "extra": {"type": "object", "additionalProperties": {"type": "string"}}}}"#,
        ),
        (
            "templates/web.yaml",
            "{{ include \"helpers.image\" (dict \"image\" .Values.image \"global\" .Values.global) }}\n\
             n: {{ .Values.replicas }}\n{{ toYaml .Values.resources }}\n{{ tpl .Values.greeting . }}\n\
             {{ if .Capabilities.APIVersions.Has \"monitoring.coreos.com/v1\" }}{{ .Values.port }}{{ end }}\n\
             {{ randAlphaNum 8 }}{{ toYamlPretty .Values.admin.password }}",
        ),
        ("templates/NOTES.txt", "{{ if .Values.store.enabled }}{{ .Values.notes.motd }}{{ end }}"),
        (
            "crds/web.yaml",
            "kind: CustomResourceDefinition\nspec:\n  group: example.com\n  names:\n    kind: Web\n",
        ),
        ("charts/db/Chart.yaml", "name: db\nversion: 2.1.0\n"),
        ("charts/db/values.yaml", "size: 1Gi\npersistence: {storageClass: '', enabled: true}\nuser: app\n"),
        (
            "charts/db/templates/db.yaml",
            "{{ .Values.size }}{{ with .Values.persistence }}{{ .storageClass }}{{ end }}{{ .Values.global.zone }}",
        ),
        ("charts/helpers/Chart.yaml", "name: helpers\nversion: 1.2.0\ntype: library\n"),
        (
            "charts/helpers/templates/_image.tpl",
            "{{ define \"helpers.image\" }}{{ .global.registry }}/{{ .image.repository }}:{{ .image.tag }}{{ end }}",
        ),
        (
            "charts/helpers/templates/_unused.tpl",
            "{{ define \"helpers.unused\" }}{{ .Values.unused }}{{ end }}",
        ),
    ];

    fn chart() -> Chart {
        let mut files = Files::new();
        for (path, text) in CHART {
            files.insert(path, text.as_bytes().to_vec()).expect("a path");
        }
        Chart::of_files(files).expect("a chart")
    }

    #[test]
    fn a_lock_says_what_is_in_a_chart() {
        let lock = lock(&chart()).to_string();
        let values = lock.split_once("values = ").expect("values").1;
        let expected = "'''
admin.password string,open,sensitive \"\"
cache any,unopened
extra map,open,schema
global.registry any,open
global.zone any,open
greeting string \"Hello {{ .Values.guest }}\"
guest any,open
helpers map,unread
image.repository string \"web\"
image.tag string,open \"\"
legacy.on bool,unread false
notes.motd any,open
port int,schema 80
replicas int 1
resources map,open
store any,other-version
store.enabled any
store.global.zone any,open
store.persistence.enabled bool,unread,keeps-data true
store.persistence.storageClass string,open,keeps-data \"\"
store.size string \"2Gi\"
store.user string,unread \"app\"
tags.data any
'''
";
        assert_eq!(values, expected);
        for line in [
            "kube-version = \">=1.28\"",
            "    { at = \"cache\", name = \"cache\", version = \"3.0.0\", opened = false },",
            "    { at = \"store\", name = \"db\", version = \"2.1.0\", condition = \"store.enabled\", wanted = \"2.0.0\", tags = [\"data\"] },",
            "    \"example.com/Web\",",
            "    \"monitoring.coreos.com/v1\",",
            "    \"randAlphaNum\",",
            "    \"toYamlPretty of Helm 3.17\",",
        ] {
            assert!(lock.contains(line), "no {line} in\n{lock}");
        }
    }

    #[test]
    fn no_value_of_a_chart_is_unknown_to_its_own_lock() {
        let packed = lock(&chart()).packed_values().expect("packed");
        let values = LockedValues::of_packed(&packed);
        let mut seen = 0;
        leaves(&defaults(&chart()), &mut |path, value| {
            let keys: Vec<_> = path.iter().map(String::as_str).collect();
            let Judgement::Known(fact) = values.judge(&keys) else { panic!("{path:?} is not known") };
            let span = sovereign_text::source::Span::new(sovereign_text::source::SourceId::MANIFEST, 0..0);
            let node = sovereign_text::node::Node::from_json(value.clone(), span);
            let wrong =
                sovereign_language::lock::mismatch(Some(&fact), keys.last().expect("a key"), &node.value);
            assert_eq!(wrong, None, "{path:?}");
            seen += 1;
        });
        assert_eq!(seen, 13);
    }

    #[test]
    fn a_template_that_go_refuses_reads_everything() {
        let mut files = Files::new();
        files.insert("Chart.yaml", b"name: web\nversion: 1.0.0\n".to_vec()).expect("a path");
        files.insert("templates/bad.yaml", b"{{ if }}".to_vec()).expect("a path");
        let lock = lock(&Chart::of_files(files).expect("a chart"));
        assert!(lock.to_string().contains("    \"web/templates/bad.yaml\","), "{lock}");
        let packed = lock.packed_values().expect("packed");
        let values = LockedValues::of_packed(&packed);
        assert_eq!(values.judge(&["anything"]), Judgement::Uncertain);
    }
}
