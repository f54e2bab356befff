//! What a value was and will be, in a few words.

use serde_json::Value as Json;

use super::loss::shown;

/// `2 → 1`; of two texts of several lines the line that differs, if it is one.
pub(super) fn shift(old: Option<&Json>, new: Option<&Json>) -> String {
    let lines = text(old).zip(text(new)).and_then(|(old, new)| other_line(old, new));
    lines.unwrap_or_else(|| format!("{} → {}", shown(old), shown(new)))
}

/// Returns a text of several lines.
fn text(side: Option<&Json>) -> Option<&str> {
    side.and_then(Json::as_str).filter(|text| text.contains('\n'))
}

/// Returns how the one line differs in which two texts do.
fn other_line(old: &str, new: &str) -> Option<String> {
    let mut lines = old.lines().zip(new.lines()).filter(|(old, new)| old != new);
    let (before, after) = lines.next().filter(|_| old.lines().count() == new.lines().count())?;
    lines.next().is_none().then(|| excerpt(before, after))
}

/// Returns what differs in two lines, with some characters on both sides: `…orkerCount":3,"wor… → …`.
fn excerpt(old: &str, new: &str) -> String {
    const AROUND: usize = 24;
    let same = |(old, new): &(char, char)| old == new;
    let before = old.chars().zip(new.chars()).take_while(same).count();
    let most = old.chars().count().min(new.chars().count()) - before;
    let after = old.chars().rev().zip(new.chars().rev()).take(most).take_while(same).count();
    let part = |line: &str| {
        let (start, length) = (before.saturating_sub(AROUND), line.chars().count());
        let end = (length - after + AROUND).min(length);
        let text: String = line.chars().skip(start).take((end - start).min(4 * AROUND)).collect();
        let (head, tail) =
            (if start > 0 { "…" } else { "" }, if start + text.chars().count() < length { "…" } else { "" });
        format!("{head}{text}{tail}")
    };
    format!("{} → {}", part(old), part(new))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn of_a_text_the_line_that_differs_is_shown() {
        let text = |count: usize| {
            json!(format!(
                "a: 1\nregions: [{{\"cloudRegion\":\"hel1\",\"workerCount\":{count},\"workerSize\":\"cpx42\"}}]\nb: 2\n"
            ))
        };
        assert_eq!(
            shift(Some(&text(3)), Some(&text(12))),
            "…n\":\"hel1\",\"workerCount\":3,\"workerSize\":\"cpx42\"}] → …n\":\"hel1\",\"workerCount\":12,\"workerSize\":\"cpx42\"}]"
        );
        // Ends that the two have in common are counted once.
        assert_eq!(shift(Some(&json!("x\naa\n")), Some(&json!("x\naaa\n"))), "aa → aaa");
        assert_eq!(shift(Some(&json!("ä\nb\n")), Some(&json!("ö\nb\n"))), "ä → ö");
    }

    #[test]
    fn of_other_values_both_are() {
        assert_eq!(shift(Some(&json!(2)), Some(&json!(1))), "2 → 1");
        assert_eq!(
            shift(Some(&json!("a\nb")), Some(&json!("c\nd"))),
            "a text of 2 lines → a text of 2 lines"
        );
        assert_eq!(
            shift(Some(&json!("a\nb")), Some(&json!("a\nb\nc"))),
            "a text of 2 lines → a text of 3 lines"
        );
        assert_eq!(shift(None, Some(&json!("x"))), "nothing → x");
    }
}
