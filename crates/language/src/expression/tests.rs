use serde_json::json;

use super::*;
use sovereign_text::source::{SourceId, Span};

/// What came of some values.
struct Outcome {
    value: Json,
    left_out: Vec<LeftOut>,
    errors: Vec<String>,
}

fn scope() -> Scope {
    let facts = json!({
        "fqdn": "a.b", "null": null, "identity": { "shared": true }, "domain": { "mode": "pool" },
        "regions": [{ "name": "hel1" }, { "name": "nbg1" }], "region_names": ["hel1", "nbg1"],
        "region": { "name": "hel1", "mesh_id": 7, "peers": [], "observed": { "deployment_id": "0123" } },
    });
    Scope::new(facts, vec!["region.observed.load_balancer_address".to_owned()])
}

fn evaluate(values: Json) -> Outcome {
    let node = Node::from_json(values, Span::new(SourceId::MANIFEST, 0..0));
    let mut diags = Diagnostics::new();
    let mut work = Work::default();
    let value = Expressions::compile([&node], &[], &mut diags)
        .evaluate(&node, &scope(), &mut work, &mut diags)
        .to_json();
    let errors = diags.sorted().iter().map(|found| found.message.clone()).collect();
    Outcome { value, left_out: work.left_out(), errors }
}

/// Returns the value of one expression.
fn value(text: &str) -> Json {
    let outcome = evaluate(json!({ "x": text }));
    assert_eq!(outcome.errors, [""; 0], "{text}");
    outcome.value["x"].clone()
}

/// Returns why an expression has no value.
fn refusal(text: &str) -> String {
    let outcome = evaluate(json!({ "x": text }));
    assert_eq!((&outcome.value, outcome.errors.len()), (&json!({}), 1), "{text}");
    outcome.errors[0].split_once("`: ").expect("a reason").1.to_owned()
}

#[test]
fn an_expression_alone_keeps_its_type_and_a_mixed_one_is_text() {
    for (text, expected) in [
        ("{{ identity.shared }}", json!(true)),
        (" {{ region.mesh_id }}\n", json!(7)),
        ("x-{{region.mesh_id}}", json!("x-7")),
        ("{{ fqdn }}{{ identity.shared }}", json!("a.btrue")),
        ("{{ null }}", json!(null)),
        ("{{ region_names }}", json!(["hel1", "nbg1"])),
        ("{{ regions }}", json!([{ "name": "hel1" }, { "name": "nbg1" }])),
        ("{{ domain }}", json!({ "mode": "pool" })),
        ("plain }} and {", json!("plain }} and {")),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn operators_bind_as_everywhere() {
    for (text, expected) in [
        ("{{ 1 + 2 * 3 - -4 }}", json!(11)),
        ("{{ (1 + 2) * 3 }}", json!(9)),
        ("{{ 'a' ~ 1 + 1 ~ fqdn }}", json!("a2a.b")),
        ("{{ not identity.shared or region.mesh_id == 7 and 1 < 2 }}", json!(true)),
        ("{{ not (1 == 2) }}", json!(true)),
        ("{{ 1 if region.mesh_id >= 8 else 2 if false else 3 }}", json!(3)),
        ("{{ \"it's }} 'quoted'\" }}", json!("it's }} 'quoted'")),
        ("{{ 'a' != 'b' }}", json!(true)),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn filters_make_values_of_values() {
    for (text, expected) in [
        ("{{ region_names | first }}", json!("hel1")),
        ("{{ region_names | last | upper }}", json!("NBG1")),
        ("{{ region_names | join(sep=', ') }}", json!("hel1, nbg1")),
        ("{{ region_names | length }}", json!(2)),
        ("{{ 'Ä' | lower | length }}", json!(1)),
        ("{{ regions | json_encode }}", json!("[{\"name\":\"hel1\"},{\"name\":\"nbg1\"}]")),
        ("{{ storage.class | default(value='standard') }}", json!("standard")),
        ("{{ region.peers | first | default(value=fqdn) }}", json!("a.b")),
        ("{{ fqdn | default(value=1) }}", json!("a.b")),
    ] {
        assert_eq!(value(text), expected, "{text}");
    }
}

#[test]
fn an_unknown_name_is_an_error_wherever_it_stands() {
    for text in [
        "{{ nobody }}",
        "x{{ nobody }}",
        "{{ not nobody }}",
        "{{ 1 if nobody else 2 }}",
        "{{ 1 if true else nobody }}",
        "{{ true or nobody }}",
        "{{ nobody | default(value=1) }}",
        "{{ 1 | default(value=nobody) }}",
        "{{ nobody == null }}",
        "{{ nobody | length }}",
    ] {
        assert_eq!(refusal(text), "there is no name `nobody`");
    }
    assert_eq!(refusal("{{ region.nmae }}"), "there is no name `region.nmae`");
    assert_eq!(refusal("{{ region.name.first }}"), "there is no name `region.name.first`");
    assert_eq!(refusal("{{ storage.class }}"), "`storage.class` has no value here");
}

#[test]
fn the_nearest_name_is_shown() {
    let help =
        |name: &str| ExpressionError::UnknownName(name.to_owned()).help(&["input.shop_host".to_owned()]);
    assert_eq!(help("region.nmae"), "a name that is written alike is `region.name`");
    assert_eq!(help("zzz"), "docs/kits.md lists the names that an expression may use");
}

#[test]
fn a_fact_that_is_not_known_makes_its_whole_string_absent() {
    for text in [
        "{{ region.observed.load_balancer_address }}",
        "at {{ region.observed.load_balancer_address }}:443",
        "{{ region.observed.load_balancer_address | length }}",
        "{{ region.observed.load_balancer_address | default(value='x') }}",
        "{{ 'x' if region.observed.load_balancer_address == '1.2.3.4' else 'y' }}",
        "{{ 'x' if true else region.observed.load_balancer_address }}",
        "{{ region.observed }}",
        "{{ region | json_encode }}",
    ] {
        let outcome = evaluate(json!({ "a": { "b": text, "c": 1 }, "d": [text, 2] }));
        assert_eq!(
            (outcome.value, outcome.errors.len()),
            (json!({ "a": { "c": 1 }, "d": [2] }), 0),
            "{text}"
        );
        let fact = "load-balancer-address".to_owned();
        let [one, two] = ["a.b", "d.0"].map(|path| LeftOut { fact: fact.clone(), path: path.to_owned() });
        assert_eq!(outcome.left_out.len(), 2);
        assert_eq!((&outcome.left_out[0], outcome.left_out[1].fact.as_str()), (&one, two.fact.as_str()));
    }
    assert_eq!(value("{{ region.observed.deployment_id }}"), json!("0123"));
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    for (text, reason) in [
        ("{{ not fqdn }}", "`not` takes a truth value, and this is text"),
        ("{{ 1 if region.peers else 2 }}", "`if` takes a truth value, and this is a list"),
        ("{{ true and 1 }}", "`and` takes a truth value, and this is a number"),
        ("{{ region.mesh_id == '7' }}", "a number is never the same as text"),
        ("{{ fqdn + 1 }}", "a calculation takes whole numbers, and this is text"),
        ("{{ 9223372036854775807 + 1 }}", "the number is larger than 64 bits"),
        ("{{ 9223372036854775808 }}", "the number is larger than 64 bits"),
        ("x{{ region_names }}", "a text takes texts, numbers and truth values, and this is a list"),
        ("x{{ null }}", "a text takes texts, numbers and truth values, and this is null"),
        ("{{ region.mesh_id | length }}", "`length` takes a list or text, and this is a number"),
        ("{{ fqdn | first }}", "`first` takes a list, and this is text"),
        ("{{ region.peers | last }}", "`last` of an empty list is nothing"),
    ] {
        assert_eq!(refusal(text), reason, "{text}");
    }
}

#[test]
fn what_is_no_expression_is_refused() {
    for (text, reason) in [
        ("{{ fqdn", "`}}` is missing at its end"),
        ("{{ 'fqdn }}", "`'` is missing at its end"),
        ("{{ }}", "something is missing at its end"),
        ("{{ fqdn | }}", "something is missing at its end"),
        ("{{ (fqdn }}", "something is missing at its end"),
        ("{{ fqdn fqdn }}", "`fqdn` does not belong here"),
        ("{{ 1 < 2 < 3 }}", "`<` does not belong here"),
        ("{{- fqdn }}", "`-` does not belong here"),
        ("{{ fqdn.1 }}", "`fqdn.1` does not belong here"),
        ("{{ regions[0] }}", "`[` does not belong here"),
        ("{{ [r.name for r in regions] }}", "`[` does not belong here"),
        ("{{ fqdn | join }}", "something is missing at its end"),
        ("{{ range(end=1000000000) }}", "there is no filter or function `range`"),
        ("{{ fqdn | indent(width=1000000000) }}", "there is no filter or function `indent`"),
        ("{% for i in regions %}{% endfor %}", "it holds a statement; only `{{ … }}` is allowed"),
        ("{# nothing #}", "it holds a statement; only `{{ … }}` is allowed"),
    ] {
        assert_eq!(refusal(text), reason, "{text}");
    }
}

#[test]
fn what_an_expression_may_be_is_bounded() {
    let nested = |levels: usize| format!("{{{{ {}1{} }}}}", "(".repeat(levels), ")".repeat(levels));
    assert_eq!(value(&nested(64)), json!(1));
    assert_eq!(refusal(&nested(65)), "it has more than 64 operators, filters and parentheses");
    for operation in ["not ", "1 + ", "1 if true else "] {
        let text = format!("{{{{ {}true }}}}", operation.repeat(65));
        assert!(refusal(&text).starts_with("it "), "{text}");
    }
    assert_eq!(refusal(&format!("{{{{ '{}' }}}}", "a".repeat(1000))), "it is longer than 1000 bytes");
}

#[test]
fn what_expressions_make_together_is_bounded_and_said_once() {
    // Each turn escapes the quotation marks of the one before: twice as long.
    let doubling = format!("{{{{ regions{} }}}}", " | json_encode".repeat(60));
    assert_eq!(refusal(&doubling), "the expressions of this blueprint make more than 1024 KiB");
    let half = format!("{{{{ regions{} }}}}", " | json_encode".repeat(12));
    let many: Vec<_> = std::iter::repeat_n(&half, 100_000).collect();
    let outcome = evaluate(json!({ "list": many }));
    assert_eq!(outcome.errors.len(), 1, "{:?}", outcome.errors);
}

#[test]
fn json_keeps_the_order_of_the_facts() {
    let facts: serde_json::Map<_, _> = (0..50).map(|n| (format!("k{}", n * 7 % 50), json!(n))).collect();
    let expected = Json::Object(facts.clone()).to_string();
    let node = Node::new("{{ regions | json_encode }}", Span::new(SourceId::MANIFEST, 0..0));
    let mut diags = Diagnostics::new();
    let scope = Scope::new(json!({ "regions": facts }), Vec::new());
    let found = Expressions::compile([&node], &[], &mut diags).evaluate(
        &node,
        &scope,
        &mut Work::default(),
        &mut diags,
    );
    assert_eq!(found.as_str(), Some(expected.as_str()));
}
