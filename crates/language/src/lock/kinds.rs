//! Whether a value is of a kind that a chart can use.

use std::fmt;

use super::{Kind, Mark, ValueFact};
use sovereign_text::node::Value;

/// From here on Helm prints a whole number with an exponent: values reach templates as JSON, whose numbers are floats in
/// Go, and Go's `%v` prints those so (`strconv.FormatFloat` with `g` and the shortest form).
const PRINTED_WITH_EXPONENT: u64 = 1_000_000;

/// What is wrong with the kind of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Mismatch {
    /// It is not what the schema of the chart says.
    Schema(Vec<Kind>),
    /// It is not what the chart has there by default.
    Default(Kind),
    /// A number where text belongs, which Helm prints otherwise than it is written.
    Printed(String),
    /// A number that is another one as soon as it is JSON.
    Inexact(i64),
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Null => "nothing",
            Self::Bool => "`true` or `false`",
            Self::Integer => "a whole number",
            Self::Number => "a number",
            Self::Text => "text",
            Self::List => "a list",
            Self::Map => "a table",
        })
    }
}

/// Says what is wrong with a value for a place of which this much is known. `name` is the last key of its path.
///
/// Charts often take more than their default shows: a quantity for a number, the name of a port, a template for a table.
/// Only what no template can use is wrong.
pub fn mismatch(fact: Option<&ValueFact<'_>>, name: &str, value: &Value) -> Option<Mismatch> {
    // Helm takes `null` for the wish to have no such key, and looks at kinds after that.
    if matches!(value, Value::Null) {
        return None;
    }
    if let Value::Integer(number) = value {
        let wants_text = match fact {
            Some(fact) if !fact.kinds().is_empty() => fact.is_only(Kind::Text),
            _ => is_name_of_text(name),
        };
        if wants_text && number.unsigned_abs() >= PRINTED_WITH_EXPONENT {
            return Some(Mismatch::Printed(printed(*number)));
        }
        if let Some(read) = as_json(*number).filter(|read| read != number) {
            return Some(Mismatch::Inexact(read));
        }
    }
    let fact = fact?;
    if fact.is(Mark::Schema) {
        let fits = fact.kinds().iter().any(|kind| fits(*kind, value));
        return (!fits).then(|| Mismatch::Schema(fact.kinds().to_vec()));
    }
    let [default] = fact.kinds() else { return None };
    let is_wrong = match (default, value) {
        (Kind::Bool, Value::String(text)) => is_switch(text) || is_name_of_switch(name),
        (Kind::Integer | Kind::Number, Value::String(text)) => {
            !text.contains("{{") && !text.contains(|c: char| c.is_ascii_digit()) && is_name_of_count(name)
        }
        (Kind::Text, Value::List(_) | Value::Map(_)) => fact.default() != Some("\"\""),
        (Kind::Map, Value::List(_)) => !fact.is(Mark::Open),
        (Kind::Bool, Value::Integer(_) | Value::Float(_) | Value::List(_) | Value::Map(_))
        | (Kind::Integer | Kind::Number, Value::Bool(_) | Value::List(_) | Value::Map(_))
        | (Kind::List, Value::Map(_) | Value::Bool(_) | Value::Integer(_) | Value::Float(_))
        | (Kind::Map, Value::Bool(_) | Value::Integer(_) | Value::Float(_)) => true,
        _ => false,
    };
    is_wrong.then_some(Mismatch::Default(*default))
}

/// Returns how Helm prints a whole number: `2.0260501e+07`.
pub fn printed(number: i64) -> String {
    if number.unsigned_abs() < PRINTED_WITH_EXPONENT {
        return number.to_string();
    }
    #[expect(clippy::cast_precision_loss, reason = "this is what happens to it")]
    let text = format!("{:e}", number as f64);
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    format!("{digits}e+{exponent:0>2}")
}

/// Returns the whole number that this one is as a float; `None` where it is no whole number of 64 bits any more.
fn as_json(number: i64) -> Option<i64> {
    #[expect(clippy::cast_precision_loss, reason = "this is what happens to it")]
    format!("{:.0}", number as f64).parse().ok()
}

fn fits(kind: Kind, value: &Value) -> bool {
    match (kind, value) {
        (Kind::Null, Value::Null)
        | (Kind::Bool, Value::Bool(_))
        | (Kind::Integer | Kind::Number, Value::Integer(_))
        | (Kind::Number, Value::Float(_))
        | (Kind::Text, Value::String(_))
        | (Kind::List, Value::List(_))
        | (Kind::Map, Value::Map(_)) => true,
        (Kind::Integer, Value::Float(number)) => number.fract() == 0.0,
        _ => false,
    }
}

/// Words that people write for a switch. As text each of them is true, `false` too.
fn is_switch(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "true" | "false" | "yes" | "no" | "on" | "off" | "")
}

fn is_name_of_switch(name: &str) -> bool {
    matches!(name, "enabled" | "enable" | "create" | "install")
}

fn is_name_of_count(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with("replicas") || name.ends_with("count") || name.ends_with("instances")
}

fn is_name_of_text(name: &str) -> bool {
    let name = name.to_lowercase();
    name.ends_with("tag") || name.ends_with("version") || name == "digest"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fact(kind: Kind) -> ValueFact<'static> {
        ValueFact::new("a").with_kind(kind)
    }

    fn found(kind: Kind, name: &str, value: impl Into<Value>) -> Option<Mismatch> {
        mismatch(Some(&fact(kind)), name, &value.into())
    }

    #[test]
    fn text_is_no_switch_and_no_count() {
        for text in ["false", "yes", ""] {
            assert_eq!(found(Kind::Bool, "verbose", text), Some(Mismatch::Default(Kind::Bool)), "{text}");
        }
        assert_eq!(found(Kind::Bool, "verbose", "auto"), None);
        assert_eq!(found(Kind::Bool, "enabled", "auto"), Some(Mismatch::Default(Kind::Bool)));
        assert_eq!(found(Kind::Integer, "replicas", "three"), Some(Mismatch::Default(Kind::Integer)));
        assert_eq!(found(Kind::Integer, "cpu", "500m"), None);
        assert_eq!(found(Kind::Integer, "targetPort", "http"), None);
        assert_eq!(found(Kind::Integer, "replicas", "{{ .Values.n }}"), None);
    }

    #[test]
    fn tables_and_lists_are_not_each_other() {
        let (map, list) = (Value::Map(sovereign_text::node::Map::new()), Value::List(Vec::new()));
        assert_eq!(found(Kind::List, "hosts", map.clone()), Some(Mismatch::Default(Kind::List)));
        assert_eq!(found(Kind::Map, "hosts", list.clone()), Some(Mismatch::Default(Kind::Map)));
        assert_eq!(found(Kind::Text, "affinity", map.clone()), Some(Mismatch::Default(Kind::Text)));
        let empty = fact(Kind::Text).with_default("");
        assert_eq!(mismatch(Some(&empty), "affinity", &map), None);
        assert_eq!(found(Kind::Null, "affinity", map), None);
    }

    #[test]
    fn numbers_that_helm_prints_otherwise() {
        assert_eq!(printed(20_260_501), "2.0260501e+07");
        assert_eq!(printed(1_000_000), "1e+06");
        assert_eq!(printed(-999_999), "-999999");
        let wrong = Some(Mismatch::Printed("2.0260501e+07".to_owned()));
        assert_eq!(found(Kind::Text, "tag", 20_260_501), wrong);
        assert_eq!(mismatch(None, "imageTag", &Value::Integer(20_260_501)), wrong);
        assert_eq!(mismatch(None, "limit", &Value::Integer(20_260_501)), None);
        assert_eq!(found(Kind::Integer, "tag", 20_260_501), None);
        assert_eq!(
            mismatch(None, "account", &Value::Integer(9_007_199_254_740_993)),
            Some(Mismatch::Inexact(9_007_199_254_740_992))
        );
    }

    #[test]
    fn a_schema_is_taken_at_its_word() {
        let fact = fact(Kind::Integer).with_kind(Kind::Null).marked(Mark::Schema);
        let wanted = Some(Mismatch::Schema(vec![Kind::Null, Kind::Integer]));
        assert_eq!(mismatch(Some(&fact), "n", &Value::from("3")), wanted);
        assert_eq!(mismatch(Some(&fact), "n", &Value::Integer(3)), None);
    }
}
