//! Closed sets of words: the value of a key that may hold one of a few names.

use toml::de::DeValue;

use super::{Decoder, Raw, shorten};
use sovereign_text::diag::{Code, Diagnostic, suggest};

/// One of a fixed set of words. Implemented by `choice!`; gets [`Shape`](crate::schema::Shape) from it.
pub trait Choice: Copy + 'static {
    /// What the word is, with its article: `a provider`.
    const NAME: &'static str;
    /// Every word, in the order to show.
    const WORDS: &'static [&'static str];

    /// Words that others use here and that are refused, each with its finding, the reason and what to write.
    const REFUSED: &'static [Refused] = &[];

    /// Returns the value of a word.
    fn from_word(word: &str) -> Option<Self>;

    /// Returns the word of a value.
    fn word(self) -> &'static str;
}

/// A word that is refused with a reason of its own.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// The word.
    pub word: &'static str,
    /// The finding.
    pub code: Code,
    /// Why it is refused.
    pub reason: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

pub(crate) fn decode_choice<T: Choice>(raw: &Raw<'_>, decoder: &mut Decoder<'_>) -> Option<T> {
    let DeValue::String(word) = raw.get_ref() else {
        decoder.wrong_type(raw, T::NAME, &format!("{:?}", T::WORDS.first().copied().unwrap_or_default()));
        return None;
    };
    let choice = T::from_word(word);
    if choice.is_none() {
        let span = decoder.span(raw);
        if decoder.is_placeholder(span) {
            return None;
        }
        if let Some(refused) = T::REFUSED.iter().find(|refused| refused.word == &**word) {
            let message = format!("`{}` is refused as {}", refused.word, T::NAME);
            decoder
                .report(Diagnostic::new(refused.code, span, message).note(refused.reason).help(refused.help));
            return None;
        }
        let message = format!("`{}` is not {}", shorten(word), T::NAME);
        // Where one of them is empty, that is what a key means that is not there.
        let known = T::WORDS.iter().copied().filter(|word| !word.is_empty());
        let found = Diagnostic::new(Code::UnknownChoice, span, message);
        decoder.report(match suggest::nearest(word, known.clone()) {
            Some(near) => found.fix("did you mean", span, format!("{near:?}")),
            None => found.help(format!("write one of {}", suggest::list(known, 12))),
        });
    }
    choice
}

/// Gives a [`Choice`] its shape.
macro_rules! shape_of_choice {
    ($name:ident) => {
        impl $crate::schema::Shape for $name {
            fn decode(raw: &$crate::schema::Raw<'_>, decoder: &mut $crate::schema::Decoder<'_>) -> Option<Self> {
                $crate::schema::choice::decode_choice(raw, decoder)
            }

            fn schema(_: &mut $crate::schema::Definitions) -> serde_json::Value {
                serde_json::json!({ "title": <Self as $crate::schema::choice::Choice>::NAME, "type": "string", "enum": <Self as $crate::schema::choice::Choice>::WORDS })
            }

            fn example() -> std::borrow::Cow<'static, str> {
                let words = <Self as $crate::schema::choice::Choice>::WORDS;
                format!("{:?}", words.first().copied().unwrap_or_default()).into()
            }
        }
    };
}
pub(crate) use shape_of_choice;

/// Declares an enum whose variants are written as words in `sovereign.toml`.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        $name:ident, $article:literal {
            $($(#[doc = $variant_doc:literal])* $variant:ident $word:literal,)+
        }
        $(refused $refused:expr)?
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $variant_doc])* $variant,)+ }

        impl $crate::schema::choice::Choice for $name {
            const NAME: &'static str = $article;
            const WORDS: &'static [&'static str] = &[$($word,)+];
            $(const REFUSED: &'static [$crate::schema::choice::Refused] = &$refused;)?

            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::schema::choice::Choice::word(*self))
            }
        }

        $crate::schema::choice::shape_of_choice!($name);
    };
}
pub(crate) use choice;
