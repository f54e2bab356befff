//! The value of an expression over the facts of a plan.

use std::borrow::Cow;

use serde_json::Value as Json;

use super::error::ExpressionError;
use super::parse::{Expression, Filter, Operator, Part, Template};

/// The value that is text between two expressions, and every value on the way to it.
type Evaluated<'v> = Result<Cow<'v, Json>, ExpressionError>;

/// What evaluates: the facts, and how much may still be made.
pub(super) struct Evaluator<'f, 'w> {
    /// The facts, as one JSON object.
    pub(super) facts: &'f Json,
    /// What is left of [`MOST_WORK`](super::bounds::MOST_WORK).
    pub(super) left: &'w mut usize,
}

impl<'f> Evaluator<'f, '_> {
    /// Returns the value of a string: of its own type if it is one expression alone, otherwise text.
    pub(super) fn template<'v>(&mut self, template: &'v Template<'_>) -> Evaluated<'v>
    where
        'f: 'v,
    {
        if let Some(expression) = template.alone() {
            return self.value(expression);
        }
        let mut text = String::new();
        for part in &template.parts {
            match part {
                Part::Text(plain) => text.push_str(plain),
                Part::Expression(expression) => text.push_str(&shown(&*self.value(expression)?)?),
            }
        }
        self.made(Json::String(text))
    }

    fn value<'v>(&mut self, expression: &'v Expression<'_>) -> Evaluated<'v>
    where
        'f: 'v,
    {
        match expression {
            Expression::Text(text) => self.made(Json::String((*text).to_owned())),
            Expression::Number(number) => self.made((*number).into()),
            Expression::Truth(truth) => self.made((*truth).into()),
            Expression::Name(name) => {
                let fact = find(name, self.facts);
                let fact = fact.ok_or_else(|| ExpressionError::NotGiven((*name).to_owned()))?;
                self.spend(size(fact))?;
                Ok(Cow::Borrowed(fact))
            }
            Expression::Not(inner) => {
                let truth = self.truth(inner, "`not`")?;
                self.made((!truth).into())
            }
            Expression::Binary(operator, operands) => {
                let [left, right] = &**operands;
                self.binary(*operator, left, right)
            }
            Expression::Choice(choice) => {
                let [then, condition, otherwise] = &**choice;
                let holds = self.truth(condition, "`if`")?;
                self.value(if holds { then } else { otherwise })
            }
            Expression::Filtered(inner, Filter::Default(other)) => match self.value(inner) {
                Err(error) if error.is_nothing() => self.value(other),
                found => found,
            },
            Expression::Filtered(inner, filter) => {
                let value = self.value(inner)?;
                self.filtered(value, filter)
            }
        }
    }

    fn binary<'v>(
        &mut self,
        operator: Operator,
        left: &'v Expression<'_>,
        right: &'v Expression<'_>,
    ) -> Evaluated<'v>
    where
        'f: 'v,
    {
        let json: Json = match operator {
            Operator::And => (self.truth(left, "`and`")? && self.truth(right, "`and`")?).into(),
            Operator::Or => (self.truth(left, "`or`")? || self.truth(right, "`or`")?).into(),
            Operator::Equal => self.same(left, right)?.into(),
            Operator::NotEqual => (!self.same(left, right)?).into(),
            Operator::Join => {
                let left = shown(&*self.value(left)?)?.into_owned();
                (left + &shown(&*self.value(right)?)?).into()
            }
            Operator::Less => (self.number(left)? < self.number(right)?).into(),
            Operator::LessOrEqual => (self.number(left)? <= self.number(right)?).into(),
            Operator::More => (self.number(left)? > self.number(right)?).into(),
            Operator::MoreOrEqual => (self.number(left)? >= self.number(right)?).into(),
            Operator::Plus => checked(self.number(left)?.checked_add(self.number(right)?))?,
            Operator::Minus => checked(self.number(left)?.checked_sub(self.number(right)?))?,
            Operator::Times => checked(self.number(left)?.checked_mul(self.number(right)?))?,
        };
        self.made(json)
    }

    fn same(&mut self, left: &Expression<'_>, right: &Expression<'_>) -> Result<bool, ExpressionError> {
        let left = self.value(left)?.into_owned();
        let right = self.value(right)?;
        if std::mem::discriminant(&left) == std::mem::discriminant(&*right) {
            return Ok(left == *right);
        }
        Err(ExpressionError::Incomparable { left: kind(&left), right: kind(&right) })
    }

    fn truth(&mut self, expression: &Expression<'_>, taker: &'static str) -> Result<bool, ExpressionError> {
        let value = self.value(expression)?;
        let wrong = || ExpressionError::WrongType { taker, takes: "a truth value", found: kind(&value) };
        value.as_bool().ok_or_else(wrong)
    }

    fn number(&mut self, expression: &Expression<'_>) -> Result<i64, ExpressionError> {
        let value = self.value(expression)?;
        let wrong = || ExpressionError::WrongType {
            taker: "a calculation",
            takes: "whole numbers",
            found: kind(&value),
        };
        value.as_i64().ok_or_else(wrong)
    }

    fn filtered<'v>(&mut self, value: Cow<'v, Json>, filter: &Filter<'_>) -> Evaluated<'v> {
        let json = match filter {
            // Stands in for a value that is not there, and this one is.
            Filter::Default(_) => return Ok(value),
            Filter::First => list(&value, "`first`")?.first().ok_or(ExpressionError::Empty("first"))?.clone(),
            Filter::Last => list(&value, "`last`")?.last().ok_or(ExpressionError::Empty("last"))?.clone(),
            Filter::Join(between) => {
                let items = list(&value, "`join`")?;
                self.spend(items.len().saturating_mul(between.len()))?;
                let texts: Vec<_> = items.iter().map(shown).collect::<Result<_, _>>()?;
                texts.join(between).into()
            }
            Filter::JsonEncode => value.to_string().into(),
            Filter::Length => match &*value {
                Json::Array(items) => items.len(),
                Json::String(text) => text.chars().count(),
                Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => {
                    return Err(wrong_type("`length`", "a list or text", &value));
                }
            }
            .into(),
            Filter::Lower => text(&value, "`lower`")?.to_lowercase().into(),
            Filter::Upper => text(&value, "`upper`")?.to_uppercase().into(),
        };
        self.made(json)
    }

    /// Returns a value that was made, and counts it.
    fn made<'v>(&mut self, json: Json) -> Evaluated<'v> {
        self.spend(size(&json))?;
        Ok(Cow::Owned(json))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ExpressionError> {
        *self.left = self.left.checked_sub(bytes).ok_or(ExpressionError::TooMuch)?;
        Ok(())
    }
}

fn checked(number: Option<i64>) -> Result<Json, ExpressionError> {
    number.map(Json::from).ok_or(ExpressionError::Overflow)
}

/// Returns the fact, or the group of facts, of a dotted name.
fn find<'f>(name: &str, facts: &'f Json) -> Option<&'f Json> {
    name.split('.').try_fold(facts, |facts, word| facts.as_object()?.get(word))
}

/// Returns a value as a piece of a text.
fn shown(value: &Json) -> Result<Cow<'_, str>, ExpressionError> {
    match value {
        Json::String(text) => Ok(text.into()),
        Json::Bool(_) | Json::Number(_) => Ok(value.to_string().into()),
        Json::Null | Json::Array(_) | Json::Object(_) => {
            Err(wrong_type("a text", "texts, numbers and truth values", value))
        }
    }
}

fn list<'v>(value: &'v Json, taker: &'static str) -> Result<&'v [Json], ExpressionError> {
    value.as_array().map(Vec::as_slice).ok_or_else(|| wrong_type(taker, "a list", value))
}

fn text<'v>(value: &'v Json, taker: &'static str) -> Result<&'v str, ExpressionError> {
    value.as_str().ok_or_else(|| wrong_type(taker, "text", value))
}

fn wrong_type(taker: &'static str, expected: &'static str, found: &Json) -> ExpressionError {
    ExpressionError::WrongType { taker, takes: expected, found: kind(found) }
}

/// Returns the type of a value in words.
fn kind(value: &Json) -> &'static str {
    match value {
        Json::Null => "null",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "text",
        Json::Array(_) => "a list",
        Json::Object(_) => "a group of names",
    }
}

/// Returns how large a value is, at least 1.
fn size(value: &Json) -> usize {
    1 + match value {
        Json::Null | Json::Bool(_) | Json::Number(_) => 8,
        Json::String(text) => text.len(),
        Json::Array(items) => items.iter().map(size).sum(),
        Json::Object(map) => map.iter().map(|(key, value)| key.len() + size(value)).sum(),
    }
}
