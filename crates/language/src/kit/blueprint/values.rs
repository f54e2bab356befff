//! Values that a chart gets from other objects, or for certain choices.

use super::Text;
use crate::kit::condition::Condition;
use crate::manifest::ValuesKind;
use crate::scalar::name::ValuePath;
use crate::schema::{Values, table};
use sovereign_text::source::Spanned;

/// A value that comes from another object.
#[derive(Clone, Debug)]
pub struct ValueSource {
    /// The kind of object.
    pub kind: Spanned<ValuesKind>,
    /// Its name.
    pub name: Spanned<String>,
    /// The key in it.
    pub key: Spanned<String>,
    /// Where the value goes; the whole if there is none.
    pub target: Option<Spanned<String>>,
    /// Whether it may be missing.
    pub optional: Option<Spanned<bool>>,
}

table! {
    /// A value that comes from a Secret or ConfigMap in `flux-system`.
    ValuesFrom {
        /// The kind of object.
        kind: ValuesKind = required,
        /// Its name; may be an expression.
        name: Text = required,
        /// The key in it.
        values_key: Text = required,
        /// Where the value goes.
        target_path: ValuePath = required,
        /// Whether it may be missing.
        optional: bool = optional,
        /// When it applies.
        when: Condition = optional,
    }
}

table! {
    /// Values for certain choices.
    Overlay {
        /// When it applies.
        when: Condition = required,
        /// The values, merged over those before.
        values: Values = required,
    }
}
