//! Closed sets of words: the value of a key that may hold one of a few names.

/// One of a fixed set of words. Implemented by `choice!`; gets [`Shape`](crate::shape::Shape) from it.
pub trait Choice: Copy + 'static {
    /// What the word is, with its article: `a provider`.
    const NAME: &'static str;
    /// Every word, in the order to show.
    const WORDS: &'static [&'static str];

    /// Words that others use here and that are refused, each with its finding, the reason and what to write.
    const REFUSED: &'static [Refused] = &[];

    /// The value of a word.
    fn from_word(word: &str) -> Option<Self>;

    /// The word of a value.
    fn word(self) -> &'static str;
}

/// A word that is refused with a reason of its own.
#[derive(Clone, Copy, Debug)]
pub struct Refused {
    /// The word.
    pub word: &'static str,
    /// The finding.
    pub code: sovereign_text::diag::Code,
    /// Why it is refused.
    pub reason: &'static str,
    /// What to write instead.
    pub help: &'static str,
}

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

        impl $crate::shape::choice::Choice for $name {
            const NAME: &'static str = $article;
            const WORDS: &'static [&'static str] = &[$($word,)+];
            $(const REFUSED: &'static [$crate::shape::choice::Refused] = &$refused;)?

            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::shape::choice::Choice::word(*self))
            }
        }

        $crate::shape::shape_of_choice!($name);
    };
}
pub(crate) use choice;
