//! Follows templates with symbolic values.

use std::collections::{BTreeMap, BTreeSet};

use super::abstracts::{self, Many, Thing};
use super::{Place, Reads};
use crate::template::{Action, Base, Branch, Operand, Pipeline};

/// How many operands are looked at in one chart. Those of kit 2026.04 take a tenth of it at most.
const MOST_STEPS: usize = 4_000_000;
/// How deep named templates may call each other.
const DEEPEST: usize = 16;

/// Follows the templates of a chart and of those in it. Named templates are common to all of them.
pub(crate) struct Follower<'t> {
    named: BTreeMap<&'t str, Vec<&'t [Action]>>,
    /// Calls that were followed: the chart, the template and what it was given.
    followed: BTreeSet<(Place, &'t str, Many)>,
    /// The chart whose template is followed.
    chart: Place,
    /// Variables that are in sight, the innermost last.
    variables: Vec<(String, Many)>,
    depth: usize,
    steps: usize,
    reads: Reads,
}

impl<'t> Follower<'t> {
    /// Returns a follower that knows these named templates.
    pub(crate) fn new(named: impl IntoIterator<Item = (&'t str, &'t [Action])>) -> Self {
        let mut by_name: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (name, body) in named {
            by_name.entry(name).or_default().push(body);
        }
        Self {
            named: by_name,
            followed: BTreeSet::new(),
            chart: Place::new(),
            variables: Vec::new(),
            depth: 0,
            steps: 0,
            reads: Reads::default(),
        }
    }

    /// Follows what the chart at a place does.
    pub(crate) fn follow(&mut self, chart: &Place, body: &'t [Action]) {
        self.chart.clone_from(chart);
        self.body(body, &[Thing::Root(chart.clone())].into());
    }

    /// Returns what was read.
    pub(crate) fn reads(&mut self) -> &mut Reads {
        &mut self.reads
    }

    /// Returns what was read by all that was followed. Where following took too long, everything is.
    pub(crate) fn finish(mut self) -> Reads {
        if self.steps > MOST_STEPS {
            self.reads.use_whole(&Vec::new());
        }
        self.reads
    }

    /// Follows a file or a named template, which sees no variables but `$`.
    fn body(&mut self, body: &'t [Action], dot: &Many) {
        let outside = std::mem::replace(&mut self.variables, vec![(String::new(), dot.clone())]);
        self.actions(body, dot);
        self.variables = outside;
    }

    fn actions(&mut self, actions: &'t [Action], dot: &Many) {
        for action in actions {
            match action {
                Action::Evaluate(pipeline) => {
                    let value = self.pipeline(pipeline, dot);
                    if pipeline.variables.is_empty() {
                        self.use_whole(&value);
                    }
                }
                Action::Branch { kind, on, then, otherwise } => {
                    let inside = self.variables.len();
                    self.branch(*kind, on, then, dot);
                    self.actions(otherwise, dot);
                    self.variables.truncate(inside);
                }
                Action::Call { name, with } => {
                    let given = with.as_ref().map(|with| self.pipeline(with, dot)).unwrap_or_default();
                    self.call(name, &given);
                }
            }
        }
    }

    fn branch(&mut self, kind: Branch, on: &'t Pipeline, then: &'t [Action], dot: &Many) {
        let value = self.pipeline(on, dot);
        match kind {
            Branch::If => {
                self.look_at(&value);
                self.actions(then, dot);
            }
            Branch::With => {
                self.look_at(&value);
                self.actions(then, &value);
            }
            Branch::Range => {
                // Whoever walks over a table of values reads all of it.
                self.use_places(&value);
                let items = abstracts::items(&value);
                if let Some(last) = on.variables.last() {
                    self.declare(last, items.clone());
                }
                // The second time sees what the first one left in variables.
                self.actions(then, &items);
                self.actions(then, &items);
            }
        }
    }

    /// Follows a named template with what it is given.
    fn call(&mut self, name: &str, given: &Many) {
        if self.depth >= DEEPEST || abstracts::is_too_large(given) {
            self.use_whole(given);
            return;
        }
        let Some((&name, bodies)) = self.named.get_key_value(name) else { return };
        if !self.followed.insert((self.chart.clone(), name, given.clone())) {
            return;
        }
        self.depth += 1;
        for body in bodies.clone() {
            self.body(body, given);
        }
        self.depth -= 1;
    }

    fn pipeline(&mut self, pipeline: &'t Pipeline, dot: &Many) -> Many {
        let mut value: Option<Many> = None;
        for command in &pipeline.commands {
            value = Some(self.command(command, value, dot));
        }
        let value = value.unwrap_or_default();
        for name in &pipeline.variables {
            if pipeline.assigns {
                self.assign(name, &value);
            } else {
                self.declare(name, value.clone());
            }
        }
        value
    }

    fn command(&mut self, command: &'t [Operand], piped: Option<Many>, dot: &Many) -> Many {
        self.steps += 1;
        let Some((first, rest)) = command.split_first() else { return piped.unwrap_or_default() };
        if self.steps > MOST_STEPS {
            return Many::new();
        }
        let name = match &first.base {
            Base::Function(name) if first.fields.is_empty() => name.as_str(),
            Base::Function(_)
            | Base::Dot
            | Base::Variable(_)
            | Base::Text(_)
            | Base::Constant(_)
            | Base::Group(_) => "",
        };
        let mut arguments: Vec<Many> = rest.iter().map(|operand| self.operand(operand, dot)).collect();
        arguments.extend(piped);
        if name.is_empty() {
            return self.method(first, &arguments, dot);
        }
        if name == "set"
            && let Some(Operand { base: Base::Variable(variable), fields }) = rest.first()
            && fields.is_empty()
        {
            self.set(variable, &arguments);
        }
        if matches!(name, "index" | "first" | "last") && rest.len() == 2 {
            let place = rest.get(1).and_then(number);
            if let (Some(at), Some(list)) = (place, arguments.first()) {
                return abstracts::item(list, at);
            }
        }
        self.function(name, &arguments)
    }

    /// Returns a value that stands first in its command. With arguments it is a method: `.Capabilities.APIVersions.Has "…"`.
    fn method(&mut self, first: &'t Operand, arguments: &[Many], dot: &Many) -> Many {
        if let [.., of, method] = first.fields.as_slice()
            && of == "APIVersions"
            && method == "Has"
        {
            let asked = arguments.iter().flat_map(abstracts::texts).map(str::to_owned);
            self.reads.capabilities.extend(asked);
            return Many::new();
        }
        for argument in arguments {
            self.use_whole(argument);
        }
        self.operand(first, dot)
    }

    fn operand(&mut self, operand: &'t Operand, dot: &Many) -> Many {
        let value = match &operand.base {
            Base::Dot => dot.clone(),
            Base::Variable(name) => self.variable(name),
            Base::Text(text) => [Thing::Text(text.clone())].into(),
            Base::Constant(_) => Many::new(),
            Base::Function(name) => self.function(name, &[]),
            Base::Group(pipeline) => self.pipeline(pipeline, dot),
        };
        operand.fields.iter().fold(value, |value, name| abstracts::field(&value, name, &self.chart))
    }

    fn variable(&self, name: &str) -> Many {
        let found = self.variables.iter().rev().find(|(known, _)| known == name);
        found.map(|(_, value)| value.clone()).unwrap_or_default()
    }

    fn declare(&mut self, name: &str, value: Many) {
        self.variables.push((name.to_owned(), value));
    }

    /// A variable keeps what it may have been: which assignment comes last is not followed.
    fn assign(&mut self, name: &str, value: &Many) {
        if let Some((_, known)) = self.variables.iter_mut().rev().find(|(known, _)| known == name) {
            known.extend(value.iter().cloned());
            if abstracts::is_too_large(known) {
                let large = std::mem::take(known);
                self.use_whole(&large);
            }
        }
    }

    /// `set $variable "key" value`.
    fn set(&mut self, variable: &str, arguments: &[Many]) {
        let [_, key, value] = arguments else { return };
        let key = abstracts::texts(key).first().map(|key| (*key).to_owned());
        let more: Many = [Thing::dictionary([(key, value.clone())])].into();
        self.assign(variable, &more);
    }

    fn function(&mut self, name: &str, arguments: &[Many]) -> Many {
        self.reads.functions.insert(name.to_owned());
        let all = || arguments.iter().flatten().cloned().collect::<Many>();
        match name {
            "include" => self.include(arguments),
            "dict" => {
                let entries = arguments.chunks(2).map(|pair| {
                    let key =
                        pair.first().and_then(|key| abstracts::texts(key).first().map(|k| (*k).to_owned()));
                    (key, pair.get(1).cloned().unwrap_or_default())
                });
                [Thing::dictionary(entries)].into()
            }
            "list" | "tuple" => [Thing::List(arguments.to_vec())].into(),
            "index" | "get" => self.path(arguments.first(), arguments.get(1..)),
            "dig" => {
                let (keys, of) = arguments.split_at(arguments.len().saturating_sub(2));
                let mut found = self.path(of.get(1), Some(keys));
                found.extend(of.first().into_iter().flatten().cloned());
                found
            }
            "pluck" => {
                let (key, of) = arguments.split_at(arguments.len().min(1));
                of.iter().flat_map(|of| self.path(Some(of), Some(key))).collect()
            }
            "hasKey" => {
                let looked_at = self.path(arguments.first(), arguments.get(1..));
                self.look_at(&looked_at);
                Many::new()
            }
            "lookup" => {
                let kind: Vec<_> = arguments.iter().take(2).flat_map(abstracts::texts).collect();
                self.reads.lookups.insert(kind.join(" "));
                self.use_all(arguments.get(2..).unwrap_or_default());
                Many::new()
            }
            // What they give is one of their arguments, or holds them.
            "default" | "coalesce" | "ternary" | "or" | "and" | "merge" | "mergeOverwrite" | "mustMerge"
            | "mustMergeOverwrite" | "deepCopy" | "mustDeepCopy" | "required" | "concat" | "append"
            | "prepend" | "mustAppend" | "mustPrepend" | "uniq" | "compact" | "reverse" | "set" | "unset"
            | "pick" | "without" | "rest" | "initial" => {
                self.look_at_all(arguments);
                all()
            }
            "omit" => arguments.first().cloned().unwrap_or_default(),
            "first" | "last" | "values" => {
                for argument in arguments {
                    self.use_places(argument);
                }
                arguments.iter().flat_map(abstracts::items).collect()
            }
            "not" | "eq" | "ne" | "lt" | "le" | "gt" | "ge" | "empty" | "kindIs" | "kindOf" | "typeIs"
            | "typeOf" | "typeIsLike" | "deepEqual" | "len" | "contains" | "hasPrefix" | "hasSuffix"
            | "regexMatch" | "mustRegexMatch" | "semverCompare" | "all" | "any" | "fail" => {
                self.look_at_all(arguments);
                Many::new()
            }
            _ => {
                self.use_all(arguments);
                Many::new()
            }
        }
    }

    /// Follows `include`. A name that is only known at run time may be that of any template.
    fn include(&mut self, arguments: &[Many]) -> Many {
        let [name, given] = arguments else { return Many::new() };
        let names = abstracts::texts(name);
        for name in &names {
            self.call(name, given);
        }
        if names.is_empty() {
            self.use_places(given);
            let all: Vec<&str> = self.named.keys().copied().collect();
            for name in all {
                self.call(name, given);
            }
        }
        Many::new()
    }

    /// Returns what stands behind keys. A key that is not known may be any, so everything there is read.
    fn path(&mut self, of: Option<&Many>, keys: Option<&[Many]>) -> Many {
        let mut value = of.cloned().unwrap_or_default();
        for key in keys.unwrap_or_default() {
            let names = abstracts::texts(key);
            let mut below: Many =
                names.iter().flat_map(|name| abstracts::field(&value, name, &self.chart)).collect();
            if names.is_empty() {
                self.use_places(&value);
                self.look_at(key);
                below = abstracts::items(&value);
            }
            value = below;
        }
        value
    }

    fn use_all(&mut self, values: &[Many]) {
        for value in values {
            self.use_whole(value);
        }
    }

    fn look_at_all(&mut self, values: &[Many]) {
        for value in values {
            self.look_at(value);
        }
    }

    /// Notes that a value is used as it is, with all that it holds.
    fn use_whole(&mut self, value: &Many) {
        self.use_places(value);
        let items = abstracts::items(value);
        if !items.is_empty() {
            self.use_whole(&items);
        }
    }

    /// Notes that the places that a value may be are used as they are.
    fn use_places(&mut self, value: &Many) {
        for thing in value {
            if let Thing::Values(place) = thing {
                self.reads.use_whole(place);
            }
        }
    }

    /// Notes that the places that a value may be are looked at.
    fn look_at(&mut self, value: &Many) {
        for thing in value {
            if let Thing::Values(place) = thing {
                self.reads.look_at(place);
            }
        }
    }
}

/// Returns the number that an operand is.
fn number(operand: &Operand) -> Option<usize> {
    if let Base::Constant(number) = &operand.base { number.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::template;

    /// Returns what one template reads: places as they are, and with `*` those that are used as a whole.
    fn read(text: &str) -> Vec<String> {
        let template = template::parse(text).expect("a template");
        let named = template.definitions.iter().map(|(name, body)| (name.as_str(), body.as_slice()));
        let mut follower = Follower::new(named);
        follower.follow(&Place::new(), &template.body);
        let reads = follower.finish();
        let whole = reads.whole().map(|place| format!("{}*", place.join(".")));
        let exact = reads.all().map(|place| place.join("."));
        let exact: BTreeSet<_> =
            exact.filter(|place| !reads.whole().any(|w| w.join(".") == *place)).collect();
        exact.into_iter().chain(whole).collect()
    }

    #[test]
    fn fields_are_places() {
        assert_eq!(read("{{ .Values.a.b }}{{ if $.Values.c }}x{{ end }}"), ["c", "a.b*"]);
    }

    #[test]
    fn blocks_and_variables_move_the_dot() {
        assert_eq!(
            read("{{ with .Values.a }}{{ .b }}{{ $x := .c }}{{ $x.d }}{{ $.Values.e }}{{ end }}"),
            ["a", "a.b*", "a.c.d*", "e*"]
        );
    }

    #[test]
    fn keys_may_be_written_as_texts() {
        assert_eq!(
            read(r#"{{ index .Values "a" "b-c" }}{{ dig "d" "e" "x" .Values }}{{ get .Values.f "g" }}"#),
            ["a.b-c*", "d.e*", "f.g*"]
        );
        assert_eq!(
            read(r#"{{ range list "a" "b" }}{{ index $.Values . "on" }}{{ end }}"#),
            ["a.on*", "b.on*"]
        );
    }

    #[test]
    fn a_key_that_is_not_known_reads_the_whole_table() {
        assert_eq!(read("{{ index .Values.a .Release.Name }}"), ["a*"]);
        assert_eq!(read("{{ range $k, $v := .Values.a }}{{ $v.b }}{{ end }}"), ["a*"]);
    }

    #[test]
    fn helpers_are_followed_with_what_they_are_given() {
        let helper = r#"{{ define "image" }}{{ .global.registry | default .image.registry }}{{ end }}"#;
        assert_eq!(
            read(&format!(
                "{helper}{{{{ include \"image\" (dict \"image\" .Values.web \"global\" .Values.global) }}}}"
            )),
            ["global.registry*", "web.registry*"]
        );
        assert_eq!(
            read(
                r#"{{ define "n" }}{{ (index . 0).Values.a }}{{ end }}{{ include "n" (list $ .Values.b) }}"#
            ),
            ["a*"]
        );
    }

    #[test]
    fn a_copy_of_the_root_still_has_values() {
        assert_eq!(
            read(
                r#"{{ $c := merge (dict "x" 1) . }}{{ $c.Values.a }}{{ $u := fromYaml "" }}{{ $u.Values.b }}"#
            ),
            ["a*", "b*"]
        );
    }

    #[test]
    fn templates_that_call_themselves_end() {
        assert_eq!(
            read(r#"{{ define "r" }}{{ .a }}{{ include "r" .b }}{{ end }}{{ include "r" .Values }}"#).len(),
            DEEPEST + 1
        );
    }

    #[test]
    fn what_is_asked_of_the_cluster_is_seen() {
        let template = template::parse(
            r#"{{ if .Capabilities.APIVersions.Has "a/v1" }}{{ lookup "v1" "Secret" "x" .Values.n }}{{ genCA "x" 1 }}{{ end }}"#,
        )
        .expect("a template");
        let mut follower = Follower::new([]);
        follower.follow(&Place::new(), &template.body);
        let reads = follower.finish();
        assert_eq!(reads.capabilities, ["a/v1".to_owned()].into());
        assert_eq!(reads.lookups, ["v1 Secret".to_owned()].into());
        assert!(reads.functions.contains("genCA"));
        assert!(reads.reads(&["n".to_owned()]));
    }
}
