//! The defaults of a chart's values, with those of the charts in it below their keys.

use serde_json::{Map, Value};

use crate::chart::Chart;

/// Returns the defaults of a chart as Helm lays them: each chart's own, and over those of the charts in it what their parent
/// says below their keys.
pub(crate) fn defaults(chart: &Chart) -> Value {
    let mut values = chart.values.clone();
    if !values.is_object() {
        values = Value::Object(Map::new());
    }
    for (key, inner) in subcharts(chart) {
        let mut under = defaults(inner);
        if let Some(table) = values.as_object_mut() {
            if let Some(over) = table.remove(key) {
                lay(&mut under, over);
            }
            table.insert(key.to_owned(), under);
        }
    }
    values
}

/// Returns the charts in a chart with the key of each: those that it asks for, and those that are just there.
pub(crate) fn subcharts(chart: &Chart) -> Vec<(&str, &Chart)> {
    let asked = chart.metadata.dependencies.iter();
    let mut found: Vec<_> =
        asked.filter_map(|asked| Some((asked.key(), chart.chart(&asked.name)?))).collect();
    for inner in &chart.charts {
        let name = inner.metadata.name.as_str();
        if !chart.metadata.dependencies.iter().any(|asked| asked.name == name) {
            found.push((name, inner));
        }
    }
    found
}

/// Lays values over others: tables merge, `null` removes, everything else is replaced.
fn lay(under: &mut Value, over: Value) {
    match (under, over) {
        (Value::Object(under), Value::Object(over)) => {
            for (key, value) in over {
                match under.get_mut(&key) {
                    Some(_) if value.is_null() => {
                        under.remove(&key);
                    }
                    Some(present) => lay(present, value),
                    None => {
                        under.insert(key, value);
                    }
                }
            }
        }
        (_, Value::Null) => {}
        (under, over) => *under = over,
    }
}

/// Visits every leaf: a value that is no table, or an empty one.
pub(crate) fn leaves(value: &Value, see: &mut dyn FnMut(&[String], &Value)) {
    fn go(value: &Value, path: &mut Vec<String>, see: &mut dyn FnMut(&[String], &Value)) {
        let Some(table) = value.as_object().filter(|table| !table.is_empty()) else {
            see(path, value);
            return;
        };
        for (key, value) in table {
            path.push(key.clone());
            go(value, path, see);
            path.pop();
        }
    }
    go(value, &mut Vec::new(), see);
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_a_parent_says_lies_over_what_its_chart_says() {
        let mut under = json!({ "a": { "b": 1, "c": [1], "gone": 2 }, "d": 1 });
        lay(&mut under, json!({ "a": { "c": [2], "gone": null, "e": 3 }, "d": null }));
        assert_eq!(under, json!({ "a": { "b": 1, "c": [2], "e": 3 } }));
    }
}
