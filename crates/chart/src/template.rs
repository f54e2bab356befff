//! Go templates: from a text to what is done in it. What stands between actions is no part of that.

mod lexer;
mod parser;

pub(crate) use parser::parse;

/// A parsed file: what it does, and the named templates that it defines.
#[derive(Debug, Default)]
pub(crate) struct Template {
    /// What is done, in order.
    pub(crate) body: Vec<Action>,
    /// Named templates and what is done in each.
    pub(crate) definitions: Vec<(String, Vec<Action>)>,
}

/// One thing that a template does.
#[derive(Debug)]
pub(crate) enum Action {
    /// Prints a value, or declares a variable.
    Evaluate(Pipeline),
    /// `if`, `with` or `range`, with what follows `else`.
    Branch {
        /// Which of the three.
        kind: Branch,
        /// What decides.
        on: Pipeline,
        /// What is done if it holds, or for each.
        then: Vec<Action>,
        /// What is done otherwise.
        otherwise: Vec<Action>,
    },
    /// `template` and `block`.
    Call {
        /// The name of the template.
        name: String,
        /// What its dot is.
        with: Option<Pipeline>,
    },
}

/// What a block does with its pipeline.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Branch {
    /// Looks whether it is true.
    If,
    /// The same, and makes it the dot.
    With,
    /// Makes each of its items the dot.
    Range,
}

/// Commands, each of which gets what the one before gives as its last argument.
#[derive(Debug, Default)]
pub(crate) struct Pipeline {
    /// Variables that it declares or assigns; two for `range $key, $value := …`.
    pub(crate) variables: Vec<String>,
    /// Whether they are there already.
    pub(crate) assigns: bool,
    /// The commands.
    pub(crate) commands: Vec<Vec<Operand>>,
}

/// A value, and the fields that are taken of it.
#[derive(Debug)]
pub(crate) struct Operand {
    /// The value.
    pub(crate) base: Base,
    /// The fields.
    pub(crate) fields: Vec<String>,
}

/// What an operand begins with.
#[derive(Debug)]
pub(crate) enum Base {
    /// The dot.
    Dot,
    /// A variable, without its `$`; empty for `$` itself.
    Variable(String),
    /// A text.
    Text(String),
    /// A number, a character, `true`, `false` or `nil`.
    Constant(String),
    /// A function.
    Function(String),
    /// A pipeline in parentheses.
    Group(Box<Pipeline>),
}
