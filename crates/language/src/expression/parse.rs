//! From a string to its expressions. There is nothing in the language that repeats: no loop, no function, no list that is
//! made from another one, so an expression takes as many steps as it has words.

use super::bounds::{LONGEST, MOST_OPERATIONS};
use super::error::ExpressionError;
use super::names;
use super::token::{Token, tokens};

/// A string with expressions.
#[derive(Debug)]
pub(super) struct Template<'t> {
    /// Its pieces in their order.
    pub(super) parts: Vec<Part<'t>>,
    /// Every name in it, also those in a branch that is not taken.
    pub(super) names: Vec<&'t str>,
}

/// A piece of a string.
#[derive(Debug)]
pub(super) enum Part<'t> {
    /// What is no expression.
    Text(&'t str),
    /// What stood in double braces.
    Expression(Expression<'t>),
}

/// An expression.
#[derive(Debug)]
pub(super) enum Expression<'t> {
    /// Text in quotation marks.
    Text(&'t str),
    /// A whole number.
    Number(i64),
    /// `true` or `false`.
    Truth(bool),
    /// A name or a group of names.
    Name(&'t str),
    /// `not …`.
    Not(Box<Self>),
    /// Two operands.
    Binary(Operator, Box<[Self; 2]>),
    /// `… if … else …`: what holds if the condition does, the condition, what holds otherwise.
    Choice(Box<[Self; 3]>),
    /// `… | filter`.
    Filtered(Box<Self>, Filter<'t>),
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    More,
    MoreOrEqual,
    Join,
    Plus,
    Minus,
    Times,
}

/// How operators bind, the loosest first. `not` stands between the two that take truth values and the others.
const LEVELS: [&[(&str, Operator)]; 6] = [
    &[("or", Operator::Or)],
    &[("and", Operator::And)],
    COMPARISONS,
    &[("~", Operator::Join)],
    &[("+", Operator::Plus), ("-", Operator::Minus)],
    &[("*", Operator::Times)],
];
const COMPARISONS: &[(&str, Operator)] = &[
    ("==", Operator::Equal),
    ("!=", Operator::NotEqual),
    ("<", Operator::Less),
    ("<=", Operator::LessOrEqual),
    (">", Operator::More),
    (">=", Operator::MoreOrEqual),
];
/// The level of [`COMPARISONS`].
const COMPARISON: usize = 2;

/// What is made of a value.
#[derive(Debug)]
pub(super) enum Filter<'t> {
    /// Stands in for a name that is not given, or the end of an empty list.
    Default(Box<Expression<'t>>),
    First,
    /// The texts of a list with another text between them.
    Join(&'t str),
    JsonEncode,
    Last,
    Length,
    Lower,
    Upper,
}

/// Returns whether a string holds an expression.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || has_statement(text)
}

fn has_statement(text: &str) -> bool {
    text.contains("{%") || text.contains("{#")
}

impl<'t> Template<'t> {
    /// Parses a string with expressions.
    pub(super) fn parse(text: &'t str) -> Result<Self, ExpressionError> {
        if text.len() > LONGEST {
            return Err(ExpressionError::TooLong);
        }
        let (mut parts, mut names, mut rest) = (Vec::new(), Vec::new(), text);
        while !rest.is_empty() {
            let (plain, marked) = rest.split_at(rest.find("{{").unwrap_or(rest.len()));
            if has_statement(plain) {
                return Err(ExpressionError::Statement);
            }
            if !plain.is_empty() {
                parts.push(Part::Text(plain));
            }
            let Some(open) = marked.strip_prefix("{{") else { break };
            let tokens = tokens(open)?;
            let mut parser = Parser { tokens: &tokens.list, names: &mut names, operations: 0 };
            parts.push(Part::Expression(parser.whole()?));
            rest = tokens.rest;
        }
        match names.iter().find(|name| !names::is_known(name) && !names::is_input(name)) {
            Some(name) => Err(ExpressionError::UnknownName((*name).to_owned())),
            None => Ok(Self { parts, names }),
        }
    }

    /// Returns itself, if there are the inputs that it reads.
    pub(super) fn known(self, inputs: &[String]) -> Result<Self, ExpressionError> {
        let is_there = |name: &str| inputs.iter().any(|input| names::is_within(input, name));
        match self.names.iter().find(|name| names::is_input(name) && !is_there(name)) {
            Some(name) => Err(ExpressionError::UnknownName((*name).to_owned())),
            None => Ok(self),
        }
    }

    /// Returns the expression of a string that is one and nothing else, white space aside.
    pub(super) fn alone(&self) -> Option<&Expression<'t>> {
        let is_space = |part: &&Part<'_>| matches!(part, Part::Text(text) if text.trim().is_empty());
        let mut parts = self.parts.iter().filter(|part| !is_space(part));
        match (parts.next(), parts.next()) {
            (Some(Part::Expression(expression)), None) => Some(expression),
            _ => None,
        }
    }
}

/// What is left to parse of one expression.
struct Parser<'a, 't> {
    tokens: &'a [Token<'t>],
    names: &'a mut Vec<&'t str>,
    operations: usize,
}

type Parsed<'t> = Result<Expression<'t>, ExpressionError>;

impl<'t> Parser<'_, 't> {
    fn whole(&mut self) -> Parsed<'t> {
        let expression = self.choice()?;
        match self.tokens.first() {
            Some(token) => Err(unexpected(token)),
            None => Ok(expression),
        }
    }

    fn choice(&mut self) -> Parsed<'t> {
        let then = self.binary(0)?;
        if !self.takes_word("if") {
            return Ok(then);
        }
        self.count()?;
        let condition = self.binary(0)?;
        if !self.takes_word("else") {
            return Err(self.refusal());
        }
        let otherwise = self.choice()?;
        Ok(Expression::Choice(Box::new([then, condition, otherwise])))
    }

    /// Returns the operators of a level and of those that bind closer.
    fn binary(&mut self, level: usize) -> Parsed<'t> {
        if level == COMPARISON && self.takes_word("not") {
            self.count()?;
            return Ok(Expression::Not(Box::new(self.binary(level)?)));
        }
        let Some(operators) = LEVELS.get(level) else { return self.filtered() };
        let mut left = self.binary(level + 1)?;
        while let Some(operator) = self.operator(operators) {
            self.count()?;
            let right = self.binary(level + 1)?;
            left = Expression::Binary(operator, Box::new([left, right]));
            // `a < b < c` means something else to everybody.
            if level == COMPARISON {
                break;
            }
        }
        Ok(left)
    }

    fn operator(&mut self, among: &[(&str, Operator)]) -> Option<Operator> {
        let (Token::Word(found) | Token::Sign(found)) = *self.tokens.first()? else { return None };
        let (_, operator) = among.iter().find(|(sign, _)| *sign == found)?;
        self.advance();
        Some(*operator)
    }

    fn filtered(&mut self) -> Parsed<'t> {
        let mut expression = self.operand()?;
        while self.takes_sign("|") {
            self.count()?;
            expression = Expression::Filtered(Box::new(expression), self.filter()?);
        }
        Ok(expression)
    }

    fn filter(&mut self) -> Result<Filter<'t>, ExpressionError> {
        let Some(Token::Word(name)) = self.tokens.first() else { return Err(self.refusal()) };
        self.advance();
        Ok(match *name {
            "default" => Filter::Default(Box::new(self.argument("value", Self::choice)?)),
            "first" => Filter::First,
            "join" => Filter::Join(self.argument("sep", Self::text)?),
            "json_encode" => Filter::JsonEncode,
            "last" => Filter::Last,
            "length" => Filter::Length,
            "lower" => Filter::Lower,
            "upper" => Filter::Upper,
            other => return Err(ExpressionError::UnknownFilter(other.to_owned())),
        })
    }

    /// `(name=…)`.
    fn argument<T>(
        &mut self,
        name: &str,
        parse: impl FnOnce(&mut Self) -> Result<T, ExpressionError>,
    ) -> Result<T, ExpressionError> {
        if !(self.takes_sign("(") && self.takes_word(name) && self.takes_sign("=")) {
            return Err(self.refusal());
        }
        let value = parse(self)?;
        if self.takes_sign(")") { Ok(value) } else { Err(self.refusal()) }
    }

    fn text(&mut self) -> Result<&'t str, ExpressionError> {
        let Some(Token::Text(text)) = self.tokens.first() else { return Err(self.refusal()) };
        self.advance();
        Ok(text)
    }

    fn operand(&mut self) -> Parsed<'t> {
        let Some(token) = self.tokens.first().copied() else { return Err(ExpressionError::Incomplete) };
        self.advance();
        match token {
            Token::Text(text) => Ok(Expression::Text(text)),
            Token::Number(number) => Ok(Expression::Number(number)),
            Token::Word("true") => Ok(Expression::Truth(true)),
            Token::Word("false") => Ok(Expression::Truth(false)),
            Token::Word("if" | "else" | "and" | "or" | "not") => Err(unexpected(&token)),
            Token::Word(name) => self.name(name),
            Token::Sign("-") => match self.tokens.first() {
                Some(&Token::Number(number)) => {
                    self.advance();
                    Ok(Expression::Number(-number))
                }
                _ => Err(unexpected(&token)),
            },
            Token::Sign("(") => {
                self.count()?;
                let inner = self.choice()?;
                if self.takes_sign(")") { Ok(inner) } else { Err(self.refusal()) }
            }
            Token::Sign(_) => Err(unexpected(&token)),
        }
    }

    fn name(&mut self, name: &'t str) -> Parsed<'t> {
        if self.tokens.first() == Some(&Token::Sign("(")) {
            return Err(ExpressionError::UnknownFilter(name.to_owned()));
        }
        self.names.push(name);
        Ok(Expression::Name(name))
    }

    /// Counts one operation more, each of which may stand in the one before.
    fn count(&mut self) -> Result<(), ExpressionError> {
        self.operations += 1;
        if self.operations > MOST_OPERATIONS { Err(ExpressionError::TooMany) } else { Ok(()) }
    }

    fn takes_word(&mut self, word: &str) -> bool {
        let found = self.tokens.first() == Some(&Token::Word(word));
        if found {
            self.advance();
        }
        found
    }

    fn takes_sign(&mut self, sign: &'static str) -> bool {
        let found = self.tokens.first() == Some(&Token::Sign(sign));
        if found {
            self.advance();
        }
        found
    }

    fn advance(&mut self) {
        self.tokens = self.tokens.get(1..).unwrap_or_default();
    }

    /// Returns why the next token is refused.
    fn refusal(&self) -> ExpressionError {
        self.tokens.first().map_or(ExpressionError::Incomplete, unexpected)
    }
}

fn unexpected(token: &Token<'_>) -> ExpressionError {
    ExpressionError::Unexpected(match token {
        Token::Word(text) | Token::Text(text) => (*text).to_owned(),
        Token::Number(number) => number.to_string(),
        Token::Sign(sign) => (*sign).to_owned(),
    })
}
