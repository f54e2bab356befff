//! Whether a text was made up by a program: it has long parts that no language has words like.

use std::collections::BTreeSet;

/// By letter, from `a` on, the letters that often follow it in words. They are two of seven pairs of letters and nineteen of
/// twenty in words: counted in the 2,700 words of this project's documentation.
const FOLLOWERS: [&str; 26] = [
    "bcdfgiklmnprstuvy",
    "aeiloru",
    "aehiklortuy",
    "adeiorsuy",
    "acdefgilmnprstvwxy",
    "aefiloru",
    "aehilnorsu",
    "aeiot",
    "acdefglmnoprstvz",
    "aeou",
    "aeilsu",
    "adeilmostuy",
    "aeimopsy",
    "acdefgiknostuy",
    "abcdfgiklmnoprstuvwx",
    "aehiloprstu",
    "u",
    "acdegikmnorstuvy",
    "acehikopqstuy",
    "acehiorstuwy",
    "abcdegilmnprst",
    "aeio",
    "aehinors",
    "ept",
    "ems",
    "aeo",
];
/// A shorter part says nothing: `k8s`, `2026`, `x2k9z` at the end of the name of a Pod.
const PART: usize = 8;
/// A shorter run of letters is a word by chance too often.
const WORD: usize = 4;
/// So many of a hundred pairs of letters follow each other as in words, if it is one: random letters have 30, words 85.
const PAIRS_OF_WORD: usize = 55;
/// The same for words that are long, or several: chance plays a smaller part.
const PAIRS_OF_LONG_WORD: usize = 65;
const LONG_WORD: usize = 10;
/// What has fewer letters than one in so many characters is a number, a date or a version; sixteen hexadecimal digits have six.
const LETTERS: usize = 6;
/// From letters to digits and back: so often, few words do that stand after the prefix of a token.
const TURNS: usize = 4;
/// Below this many random characters a text holds too little to be a generated secret: 64 bits in hexadecimal.
pub(super) const SHORTEST: usize = 16;
/// Bits a character. Sixteen random hexadecimal digits have more than this in 99 of 100 cases; `abababab…` has one.
const ENTROPY: f64 = 2.5;

/// Returns whether most of a text is generated, and enough for a secret.
pub(super) fn is_generated(text: &str) -> bool {
    let random = random_characters(text);
    random >= SHORTEST && random * 2 >= text.chars().count() && entropy(text) >= ENTROPY
}

/// Returns whether any part of a text is generated: what stands after the prefix of a token is, a word that
/// begins alike is not.
pub(super) fn has_generated_part(text: &str) -> bool {
    let turns = |part: &str| {
        part.as_bytes()
            .windows(2)
            .filter(|pair| pair.iter().filter(|byte| byte.is_ascii_digit()).count() == 1)
            .count()
    };
    parts(text).any(|part| part.len() >= PART && (in_words(part) * 2 < part.len() || turns(part) >= TURNS))
}

/// Returns whether a text is a password that somebody made up to be a good one: digits between letters, or
/// signs, and characters of three kinds.
pub(super) fn is_strong(text: &str) -> bool {
    /// What rules for passwords ask for, and a browser's generator makes.
    const LEAST: usize = 8;
    let is_sign = |c: char| "!@#$%^&*~?§".contains(c);
    let kinds = [
        text.contains(|c: char| c.is_lowercase()),
        text.contains(|c: char| c.is_uppercase()),
        text.contains(|c: char| c.is_ascii_digit()),
        text.contains(is_sign),
    ];
    let kinds = kinds.into_iter().filter(|kind| *kind).count();
    let chars: Vec<char> = text.chars().collect();
    let digit_inside = chars.windows(3).any(
        |window| matches!(window, [a, b, c] if a.is_alphabetic() && b.is_ascii_digit() && c.is_alphabetic()),
    );
    let blank = text.contains(char::is_whitespace);
    chars.len() >= LEAST && kinds >= 3 && !blank && (digit_inside || text.contains(is_sign))
}

fn random_characters(text: &str) -> usize {
    parts(text).filter(|part| is_random(part)).map(str::len).sum()
}

/// Returns the parts of a text: what stands between the signs that names and addresses are joined by.
fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '+' | '=' | '~')))
}

fn is_random(part: &str) -> bool {
    let letters = part.bytes().filter(u8::is_ascii_alphabetic).count();
    let is_number = letters * LETTERS < part.len();
    part.len() >= PART
        && if is_hexadecimal(part) {
            letters > 1 || !is_number
        } else {
            !is_number && in_words(part) * 2 < letters
        }
}

/// Returns whether a part is made of hexadecimal digits, numbers among them: the letters of those are words
/// by chance too often.
fn is_hexadecimal(part: &str) -> bool {
    let digits = part.bytes().filter(u8::is_ascii_digit).count();
    digits * LETTERS >= part.len() && part.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// Returns how many characters are in words.
fn in_words(part: &str) -> usize {
    runs(part).into_iter().filter(|run| is_word(run)).map(str::len).sum()
}

/// Returns the words of a text in camel case, and what else stands between digits and signs.
pub(super) fn runs(text: &str) -> Vec<&str> {
    let bytes = text.as_bytes();
    let letter = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_alphabetic);
    let upper = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_uppercase);
    let mut runs = Vec::new();
    let mut start = None;
    for at in 0..=bytes.len() {
        let begins = letter(at)
            && (start.is_none()
                || upper(at) && (!upper(at.wrapping_sub(1)) || letter(at + 1) && !upper(at + 1)));
        if begins || !letter(at) {
            runs.extend(start.take().and_then(|from: usize| text.get(from..at)));
        }
        if begins {
            start = Some(at);
        }
    }
    runs
}

fn is_word(run: &str) -> bool {
    let follows = |pair: &[u8]| {
        let [a, b] = [0, 1].map(|n| pair.get(n).map_or(0, u8::to_ascii_lowercase));
        let followers = FOLLOWERS.get(usize::from(a.wrapping_sub(b'a'))).copied().unwrap_or_default();
        followers.as_bytes().contains(&b)
    };
    let usual = run.as_bytes().windows(2).filter(|pair| follows(pair)).count();
    let least = if run.len() < LONG_WORD { PAIRS_OF_WORD } else { PAIRS_OF_LONG_WORD };
    run.len() >= WORD && usual * 100 >= (run.len() - 1) * least
}

/// Returns whether all words of a text are of a language, and there are some: `GITHUB_TOKEN`.
pub(super) fn is_words(text: &str) -> bool {
    let kinds: BTreeSet<bool> = runs(text).into_iter().filter(|run| run.len() >= WORD).map(is_word).collect();
    kinds == BTreeSet::from([true])
}

/// Shannon's entropy in bits a byte.
fn entropy(text: &str) -> f64 {
    let mut counts = [0_u32; 256];
    text.bytes().for_each(|byte| counts[usize::from(byte)] += 1);
    let length = f64::from(u32::try_from(text.len()).unwrap_or(u32::MAX));
    let share = |&count: &u32| {
        let p = f64::from(count) / length;
        -p * p.log2()
    };
    counts.iter().filter(|&&count| count > 0).map(share).sum()
}
