//! "Did you mean": the nearest of a set of known words, or none if nothing is near.

/// Returns the word of `known` that a person who typed `given` most likely meant.
///
/// Jaro-Winkler favours a common beginning, which is how people mistype names they know. Below 0.8 the
/// suggestion is more often wrong than right (`region` and `reason` are at 0.79).
pub fn nearest<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    const CLOSE: f64 = 0.8;
    // Nothing known is nearly as long, and the comparison takes time.
    if given.len() > 200 {
        return None;
    }
    let given = given.to_lowercase();
    known
        .into_iter()
        .map(|word| (strsim::jaro_winkler(&given, &word.to_lowercase()), word))
        .filter(|&(score, _)| score >= CLOSE)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, word)| word)
}

/// Returns the word of `known` that `given` becomes with two letters changed, left out or added at most.
pub fn misspelt<'a>(given: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let known = known.into_iter().filter(|word| word.len().abs_diff(given.len()) <= 2);
    let near = known.map(|word| (strsim::levenshtein(given, word), word)).filter(|(edits, _)| *edits <= 2);
    near.min().map(|(_, word)| word)
}

/// Up to `most` known words as one phrase: `` `a`, `b` and 3 more ``.
pub fn list<'a>(known: impl IntoIterator<Item = &'a str>, most: usize) -> String {
    let words: Vec<_> = known.into_iter().map(|word| format!("`{word}`")).collect();
    let shown = words.iter().take(most).cloned().collect::<Vec<_>>().join(", ");
    match words.len().saturating_sub(most) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_word_is_found_and_a_far_one_is_not_offered() {
        assert_eq!(nearest("harbour", ["gitea", "harbor", "haproxy"]), Some("harbor"));
        assert_eq!(nearest("zzz", ["gitea", "harbor"]), None);
    }

    #[test]
    fn two_letters_may_be_wrong() {
        assert_eq!(
            misspelt("harbor-robot-tokn", ["harbor-robot-token", "harbor-admin"]),
            Some("harbor-robot-token")
        );
        assert_eq!(misspelt("harbour-pilot", ["harbor-admin"]), None);
    }

    #[test]
    fn long_lists_are_cut() {
        assert_eq!(list(["a", "b", "c"], 2), "`a`, `b` and 1 more");
        assert_eq!(list(["a"], 2), "`a`");
    }
}
