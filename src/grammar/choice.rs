//! Closed sets of words: the value of a key that may hold one of a few names.

/// One of a fixed set of words. Implemented by `choice!`; gets [`Shape`](crate::shape::Shape) from it.
pub trait Choice: Copy + 'static {
    /// What the word is, with its article: `a provider`.
    const NAME: &'static str;
    /// Every word, in the order to show.
    const WORDS: &'static [&'static str];

    /// The value of a word.
    fn from_word(word: &str) -> Option<Self>;

    /// The word of a value.
    fn word(self) -> &'static str;
}

/// Declares an enum whose variants are written as words in `sovereign.toml`.
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        $name:ident, $article:literal {
            $($(#[doc = $variant_doc:literal])* $variant:ident $word:literal,)+
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum $name { $($(#[doc = $variant_doc])* $variant,)+ }

        impl $crate::grammar::choice::Choice for $name {
            const NAME: &'static str = $article;
            const WORDS: &'static [&'static str] = &[$($word,)+];

            fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some(Self::$variant),)+ _ => None }
            }

            fn word(self) -> &'static str {
                match self { $(Self::$variant => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::grammar::choice::Choice::word(*self))
            }
        }

        $crate::shape::shape_of_choice!($name);
    };
}
pub(crate) use choice;
