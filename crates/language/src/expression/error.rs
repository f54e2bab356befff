//! What can be wrong with an expression, in words.

use std::fmt;

use sovereign_text::diag::suggest;

use super::bounds::{LONGEST, MOST_OPERATIONS, MOST_WORK};
use super::names::{FILTERS, NAMES};

/// Why an expression has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ExpressionError {
    /// The whole string is longer than [`LONGEST`].
    TooLong,
    /// More operations than [`MOST_OPERATIONS`].
    TooMany,
    /// `{%` or `{#`.
    Statement,
    /// No `}}`, or no closing quotation mark.
    Unclosed(&'static str),
    /// Something that does not stand here in the grammar.
    Unexpected(String),
    /// The expression ends where something has to follow.
    Incomplete,
    /// A filter that there is none of, or a call, which this language does not have.
    UnknownFilter(String),
    /// A name that no Sovereign gives.
    UnknownName(String),
    /// A name that this Sovereign, or this place in the tree, does not give.
    NotGiven(String),
    /// The end of a list that has none.
    Empty(&'static str),
    /// A value of a type that an operator or filter does not take.
    WrongType {
        /// What takes it: `` `not` ``.
        taker: &'static str,
        /// What that takes.
        takes: &'static str,
        /// What was there.
        found: &'static str,
    },
    /// Two values of different types, held against each other.
    Incomparable {
        /// The type to the left.
        left: &'static str,
        /// The type to the right.
        right: &'static str,
    },
    /// A sum or product that no integer of 64 bits holds.
    Overflow,
    /// The expressions of one blueprint make more than [`MOST_WORK`].
    TooMuch,
}

impl ExpressionError {
    /// Returns whether there is no value, where another manifest has one: what the filter `default` stands in for.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(self, Self::NotGiven(_) | Self::Empty(_))
    }

    /// Returns what to write instead. `inputs` are the names that the kit adds.
    pub(super) fn help(&self, inputs: &[String]) -> String {
        let names = || NAMES.iter().copied().chain(inputs.iter().map(String::as_str));
        match self {
            Self::UnknownName(name) => match suggest::nearest(name, names()) {
                Some(near) => format!("a name that is written alike is `{near}`"),
                None => "docs/kits.md lists the names that an expression may use".to_owned(),
            },
            Self::UnknownFilter(_) => {
                format!("the filters are {}", suggest::list(FILTERS.iter().copied(), FILTERS.len()))
            }
            Self::NotGiven(_) | Self::Empty(_) => {
                "say what stands instead with `| default(value=…)`, or put it into an `[[overlay]]` with a condition"
                    .to_owned()
            }
            Self::TooLong | Self::TooMany | Self::TooMuch => "put less into it, or write the value out".to_owned(),
            Self::Statement
            | Self::Unclosed(_)
            | Self::Unexpected(_)
            | Self::Incomplete
            | Self::WrongType { .. }
            | Self::Incomparable { .. }
            | Self::Overflow => "docs/kits.md says what an expression may hold".to_owned(),
        }
    }
}

impl fmt::Display for ExpressionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => write!(f, "it is longer than {LONGEST} bytes"),
            Self::TooMany => {
                write!(f, "it has more than {MOST_OPERATIONS} operators, filters and parentheses")
            }
            Self::Statement => f.write_str("it holds a statement; only `{{ … }}` is allowed"),
            Self::Unclosed(end) => write!(f, "`{end}` is missing at its end"),
            Self::Unexpected(what) => write!(f, "`{what}` does not belong here"),
            Self::Incomplete => f.write_str("something is missing at its end"),
            Self::UnknownFilter(name) => write!(f, "there is no filter or function `{name}`"),
            Self::UnknownName(name) => write!(f, "there is no name `{name}`"),
            Self::NotGiven(name) => write!(f, "`{name}` has no value here"),
            Self::Empty(filter) => write!(f, "`{filter}` of an empty list is nothing"),
            Self::WrongType { taker, takes, found } => {
                write!(f, "{taker} takes {takes}, and this is {found}")
            }
            Self::Incomparable { left, right } => write!(f, "{left} is never the same as {right}"),
            Self::Overflow => f.write_str("the number is larger than 64 bits"),
            Self::TooMuch => {
                write!(f, "the expressions of this blueprint make more than {} KiB", MOST_WORK / 1024)
            }
        }
    }
}

impl std::error::Error for ExpressionError {}
