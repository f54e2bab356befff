//! From tokens to what a template does.

use std::iter::Peekable;
use std::vec::IntoIter;

use super::lexer::{Kind, Token, tokens};
use super::{Action, Base, Branch, Operand, Pipeline, Template};

/// How deep blocks and parentheses may stand in each other.
const DEEPEST: usize = 120;

/// Parses a template; `None` where Go would refuse it.
pub(crate) fn parse(text: &str) -> Option<Template> {
    let mut parser =
        Parser { tokens: tokens(text)?.into_iter().peekable(), template: Template::default(), depth: 0 };
    let mut body = Vec::new();
    match parser.block(&mut body)? {
        Stop::Text => {}
        Stop::End | Stop::Else => return None,
    }
    Some(Template { body, ..parser.template })
}

/// What a block ends with.
#[derive(PartialEq, Eq)]
enum Stop {
    /// The end of the text.
    Text,
    /// `end`.
    End,
    /// `else`, whose word is taken.
    Else,
}

struct Parser<'t> {
    tokens: Peekable<IntoIter<Token<'t>>>,
    template: Template,
    depth: usize,
}

impl Parser<'_> {
    /// Parses actions up to the end of their block.
    fn block(&mut self, into: &mut Vec<Action>) -> Option<Stop> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        loop {
            if self.tokens.next().is_none() {
                self.depth -= 1;
                return Some(Stop::Text);
            }
            let keyword = match self.tokens.peek().map(|token| &token.kind) {
                Some(Kind::Word(word)) => *word,
                Some(_) => "",
                None => return None,
            };
            match keyword {
                "end" => {
                    self.tokens.next();
                    self.close()?;
                    self.depth -= 1;
                    return Some(Stop::End);
                }
                "else" => {
                    self.tokens.next();
                    self.depth -= 1;
                    return Some(Stop::Else);
                }
                "if" => into.push(self.branch(Branch::If)?),
                "with" => into.push(self.branch(Branch::With)?),
                "range" => into.push(self.branch(Branch::Range)?),
                "define" => self.definition()?,
                "template" => into.push(self.call()?),
                "block" => into.push(self.inner_template()?),
                "break" | "continue" => {
                    self.tokens.next();
                    self.close()?;
                }
                _ => {
                    let pipeline = self.pipeline()?;
                    self.close()?;
                    into.push(Action::Evaluate(pipeline));
                }
            }
        }
    }

    fn branch(&mut self, kind: Branch) -> Option<Action> {
        self.tokens.next();
        let on = self.pipeline()?;
        self.close()?;
        let (mut then, mut otherwise) = (Vec::new(), Vec::new());
        match self.block(&mut then)? {
            Stop::Text => return None,
            Stop::End => {}
            Stop::Else => self.otherwise(&mut otherwise)?,
        }
        Some(Action::Branch { kind, on, then, otherwise })
    }

    /// Parses what follows the word `else`: a block, or `if` and `with` that share the `end`.
    fn otherwise(&mut self, into: &mut Vec<Action>) -> Option<()> {
        let kind = match self.tokens.peek().map(|token| &token.kind) {
            Some(Kind::Word("if")) => Branch::If,
            Some(Kind::Word("with")) => Branch::With,
            _ => {
                self.close()?;
                return (self.block(into)? == Stop::End).then_some(());
            }
        };
        into.push(self.branch(kind)?);
        Some(())
    }

    fn definition(&mut self) -> Option<()> {
        self.tokens.next();
        let name = self.text()?;
        self.close()?;
        let mut body = Vec::new();
        let ended = self.block(&mut body)? == Stop::End;
        self.template.definitions.push((name, body));
        ended.then_some(())
    }

    fn call(&mut self) -> Option<Action> {
        self.tokens.next();
        let name = self.text()?;
        let with = if self.at_close() { None } else { Some(self.pipeline()?) };
        self.close()?;
        Some(Action::Call { name, with })
    }

    /// Parses `block`: a template that is defined where it is called.
    fn inner_template(&mut self) -> Option<Action> {
        let call = self.call()?;
        let mut body = Vec::new();
        let ended = self.block(&mut body)? == Stop::End;
        if let Action::Call { name, .. } = &call {
            self.template.definitions.push((name.clone(), body));
        }
        ended.then_some(call)
    }

    fn pipeline(&mut self) -> Option<Pipeline> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let mut pipeline = Pipeline::default();
        let first = self.command(&mut pipeline)?;
        if !first.is_empty() {
            pipeline.commands.push(first);
        }
        while self.mark("|") {
            let command = self.command(&mut pipeline)?;
            pipeline.commands.push(command);
        }
        self.depth -= 1;
        (!pipeline.commands.is_empty()).then_some(pipeline)
    }

    /// Parses operands up to the end of their command. What turns out to be variables that are declared goes to the
    /// pipeline.
    fn command(&mut self, pipeline: &mut Pipeline) -> Option<Vec<Operand>> {
        let mut operands = Vec::new();
        loop {
            if self.at_close() || matches!(self.peek_mark(), Some("|" | ")")) {
                return Some(operands);
            }
            let is_assigned = self.mark("=");
            pipeline.assigns |= is_assigned;
            if is_assigned || self.mark(",") || self.mark(":=") {
                pipeline.variables.push(variable(operands.pop()?)?);
            } else {
                operands.push(self.operand()?);
            }
        }
    }

    fn operand(&mut self) -> Option<Operand> {
        let token = self.tokens.next()?;
        let mut fields = Vec::new();
        let base = match token.kind {
            Kind::Dot => Base::Dot,
            Kind::Field(name) => {
                fields.push(name.to_owned());
                Base::Dot
            }
            Kind::Variable(name) => Base::Variable(name.to_owned()),
            Kind::Text(text) => Base::Text(text),
            Kind::Number(number) => Base::Constant(number.to_owned()),
            Kind::Word(word @ ("true" | "false" | "nil")) => Base::Constant(word.to_owned()),
            Kind::Word(word) => Base::Function(word.to_owned()),
            Kind::Mark("(") => {
                let inner = self.pipeline()?;
                if !self.mark(")") {
                    return None;
                }
                Base::Group(Box::new(inner))
            }
            Kind::Mark(_) | Kind::Open | Kind::Close => return None,
        };
        while let Some(Token { kind: Kind::Field(name), spaced: false }) = self.tokens.peek() {
            fields.push((*name).to_owned());
            self.tokens.next();
        }
        Some(Operand { base, fields })
    }

    fn text(&mut self) -> Option<String> {
        if let Kind::Text(text) = self.tokens.next()?.kind { Some(text) } else { None }
    }

    fn at_close(&mut self) -> bool {
        matches!(self.tokens.peek(), Some(Token { kind: Kind::Close, .. }))
    }

    fn close(&mut self) -> Option<()> {
        matches!(self.tokens.next()?.kind, Kind::Close).then_some(())
    }

    fn peek_mark(&mut self) -> Option<&'static str> {
        if let Kind::Mark(mark) = self.tokens.peek()?.kind { Some(mark) } else { None }
    }

    fn mark(&mut self, wanted: &'static str) -> bool {
        let found = self.peek_mark() == Some(wanted);
        if found {
            self.tokens.next();
        }
        found
    }
}

/// Returns the name of an operand that is nothing but a variable.
fn variable(operand: Operand) -> Option<String> {
    match operand {
        Operand { base: Base::Variable(name), fields } if fields.is_empty() => Some(name),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_stand_in_each_other() {
        let template = parse(
            "{{ if .a }}{{ range $k, $v := .b }}{{ $v.c }}{{ else }}x{{ end }}{{ else if .d }}{{ .e }}{{ end }}",
        )
        .expect("a template");
        let [Action::Branch { kind: Branch::If, then, otherwise, .. }] = template.body.as_slice() else {
            panic!("{template:?}")
        };
        let [Action::Branch { kind: Branch::Range, on, .. }] = then.as_slice() else { panic!("{then:?}") };
        assert_eq!(on.variables, ["k", "v"]);
        assert!(matches!(otherwise.as_slice(), [Action::Branch { kind: Branch::If, .. }]), "{otherwise:?}");
    }

    #[test]
    fn definitions_stand_apart() {
        let template =
            parse(r#"{{ define "a.b" }}{{ . }}{{ end }}{{ template "a.b" .x }}"#).expect("a template");
        assert_eq!(template.definitions[0].0, "a.b");
        assert!(matches!(&template.body[..], [Action::Call { name, with: Some(_) }] if name == "a.b"));
    }

    #[test]
    fn what_go_refuses_is_refused() {
        for text in
            ["{{ if .a }}", "{{ end }}", "{{ define x }}{{ end }}", "{{ (.a }}", "{{ }}", "{{ | a }}{{"]
        {
            assert!(parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn depth_is_bounded() {
        let deep = format!("{{{{ {}.a{} }}}}", "(".repeat(10_000), ")".repeat(10_000));
        assert!(parse(&deep).is_none());
    }
}
