//! Expressions: `or` binds least, then `and`, `not`, comparisons, `+ -`, `* / %`, `^`, a sign.

use std::ops::Range;

use super::{
    ast::{Aggregate, AggregateFunction, Binary, Expr},
    cursor::{Cursor, Parsed, field_name, unquote},
    token::Token,
};
use crate::{
    functions::{self, Argument},
    period::Period,
    value::Value,
};

/// Deeper queries are somebody's attack on the stack, not somebody's question.
const MAX_DEPTH: usize = 100;

#[derive(Debug)]
pub(super) struct Expressions<'c, 'a> {
    pub(super) cursor: &'c mut Cursor<'a>,
    /// Only `stats` takes aggregates, and only one level of them.
    pub(super) aggregates: bool,
    pub(super) depth: usize,
}

impl<'c, 'a> Expressions<'c, 'a> {
    pub(super) fn new(cursor: &'c mut Cursor<'a>) -> Self {
        Self { cursor, aggregates: false, depth: 0 }
    }

    pub(super) fn parse(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.cursor.error(self.cursor.place(), "the expression is nested too deeply"));
        }
        let expr = self.or();
        self.depth -= 1;
        expr
    }

    fn or(&mut self) -> Parsed<Expr> {
        let mut left = self.and()?;
        while self.cursor.eat_word("or")? {
            left = binary(Binary::Or, left, self.and()?);
        }
        Ok(left)
    }

    fn and(&mut self) -> Parsed<Expr> {
        let mut left = self.not()?;
        while self.cursor.eat_word("and")? {
            left = binary(Binary::And, left, self.not()?);
        }
        Ok(left)
    }

    fn not(&mut self) -> Parsed<Expr> {
        if self.cursor.eat_word("not")? {
            self.depth += 1;
            if self.depth > MAX_DEPTH {
                return Err(self.cursor.error(self.cursor.place(), "the expression is nested too deeply"));
            }
            let inner = self.not();
            self.depth -= 1;
            return Ok(Expr::Not(Box::new(inner?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed<Expr> {
        let left = self.sum()?;
        let operator = match self.cursor.peek() {
            Some(Token::Equal) => Binary::Equal,
            Some(Token::NotEqual) => Binary::NotEqual,
            Some(Token::Less) => Binary::Less,
            Some(Token::LessOrEqual) => Binary::LessOrEqual,
            Some(Token::Greater) => Binary::Greater,
            Some(Token::GreaterOrEqual) => Binary::GreaterOrEqual,
            Some(Token::Matches) => {
                self.cursor.take()?;
                return self.like(left, "a regular expression in slashes");
            }
            Some(Token::Word) => return self.word_comparison(left),
            _ => return Ok(left),
        };
        self.cursor.take()?;
        Ok(binary(operator, left, self.sum()?))
    }

    /// `like`, `in`, and both with `not`.
    fn word_comparison(&mut self, left: Expr) -> Parsed<Expr> {
        if self.cursor.eat_word("not")? {
            let comparison = if self.cursor.eat_word("like")? {
                self.like(left, "a text or a regular expression")?
            } else if self.cursor.eat_word("in")? {
                self.list(left)?
            } else {
                return Err(self.cursor.unexpected("like or in"));
            };
            return Ok(Expr::Not(Box::new(comparison)));
        }
        if self.cursor.eat_word("like")? {
            return self.like(left, "a text or a regular expression");
        }
        if self.cursor.eat_word("in")? {
            return self.list(left);
        }
        Ok(left)
    }

    fn like(&mut self, left: Expr, expected: &str) -> Parsed<Expr> {
        let pattern = match self.cursor.peek() {
            Some(Token::Slash) => Value::Regex(self.cursor.regex()?),
            Some(Token::Text) => Value::text(unquote(self.cursor.take()?)),
            _ => return Err(self.cursor.unexpected(expected)),
        };
        Ok(Expr::Like(Box::new(left), pattern))
    }

    fn list(&mut self, left: Expr) -> Parsed<Expr> {
        self.cursor.expect(Token::OpenBracket, "a list such as [\"a\", \"b\"]")?;
        let mut items = Vec::new();
        while !self.cursor.eat(Token::CloseBracket)? {
            if !items.is_empty() {
                self.cursor.expect(Token::Comma, "a comma or ]")?;
            }
            items.push(self.sum()?);
        }
        Ok(Expr::In(Box::new(left), items))
    }

    fn sum(&mut self) -> Parsed<Expr> {
        let mut left = self.product()?;
        loop {
            let operator = match self.cursor.peek() {
                Some(Token::Plus) => Binary::Add,
                Some(Token::Minus) => Binary::Subtract,
                _ => return Ok(left),
            };
            self.cursor.take()?;
            left = binary(operator, left, self.product()?);
        }
    }

    fn product(&mut self) -> Parsed<Expr> {
        let mut left = self.sign()?;
        loop {
            let operator = match self.cursor.peek() {
                Some(Token::Star) => Binary::Multiply,
                Some(Token::Slash) => Binary::Divide,
                Some(Token::Percent) => Binary::Remainder,
                _ => return Ok(left),
            };
            self.cursor.take()?;
            left = binary(operator, left, self.sign()?);
        }
    }

    /// `-2 ^ 2` is -4; `2 ^ 3 ^ 2` is 2 ^ 9.
    fn sign(&mut self) -> Parsed<Expr> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.cursor.error(self.cursor.place(), "the expression is nested too deeply"));
        }
        let expr = if self.cursor.eat(Token::Minus)? {
            self.sign().map(|inner| Expr::Negative(Box::new(inner)))
        } else if self.cursor.eat(Token::Plus)? {
            self.sign()
        } else {
            self.power()
        };
        self.depth -= 1;
        expr
    }

    fn power(&mut self) -> Parsed<Expr> {
        let base = self.operand()?;
        if self.cursor.eat(Token::Caret)? { Ok(binary(Binary::Power, base, self.sign()?)) } else { Ok(base) }
    }

    fn operand(&mut self) -> Parsed<Expr> {
        match self.cursor.peek() {
            Some(Token::Number) => {
                let place = self.cursor.place();
                let number = self.cursor.take()?.parse().ok().filter(|number: &f64| number.is_finite());
                number
                    .map(|number| Expr::Literal(Value::Number(number)))
                    .ok_or_else(|| self.cursor.error(place, "the number is too large"))
            }
            Some(Token::Period) => {
                let place = self.cursor.place();
                Period::parse(self.cursor.take()?)
                    .map(|period| Expr::Literal(Value::Period(period)))
                    .ok_or_else(|| self.cursor.error(place, "a period is a number and a unit, such as 5m or 1h"))
            }
            Some(Token::Text) => Ok(Expr::Literal(Value::text(unquote(self.cursor.take()?)))),
            Some(Token::Open) => {
                self.cursor.take()?;
                let inner = self.parse()?;
                self.cursor.expect(Token::Close, ")")?;
                Ok(inner)
            }
            Some(Token::Word) => self.word(),
            _ => Err(self.cursor.unexpected("a field, a value or a function")),
        }
    }

    fn word(&mut self) -> Parsed<Expr> {
        let place = self.cursor.place();
        let word = self.cursor.take()?;
        if self.cursor.peek() == Some(Token::Open) && !word.contains('`') {
            return self.call(word, place);
        }
        match word.to_ascii_lowercase().as_str() {
            "true" => return Ok(Expr::Literal(Value::Bool(true))),
            "false" => return Ok(Expr::Literal(Value::Bool(false))),
            "and" | "or" | "not" | "in" | "like" | "as" | "by" => {
                return Err(self
                    .cursor
                    .error(place, format!("unexpected {word:?}: a field or a value is expected here")));
            }
            _ => {}
        }
        self.path(word, place)
    }

    /// A field, with the places in lists that follow it: `users[1].action`.
    pub(super) fn path(&mut self, word: &str, place: Range<usize>) -> Parsed<Expr> {
        let mut name = field_name(word);
        while self.cursor.peek() == Some(Token::OpenBracket) && self.cursor.start() == self.cursor.end {
            self.cursor.take()?;
            let at = self.cursor.place();
            let index = self.cursor.expect(Token::Number, "a place in the list")?;
            if !index.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(self.cursor.error(at, "a place in a list is a whole number"));
            }
            name.push('.');
            name.push_str(index);
            self.cursor.expect(Token::CloseBracket, "]")?;
            if self.cursor.peek() == Some(Token::Dot) && self.cursor.start() == self.cursor.end {
                self.cursor.take()?;
                name.push('.');
                name.push_str(&field_name(self.cursor.expect(Token::Word, "a field's name")?));
            }
        }
        Ok(Expr::Field(name, place.start..self.cursor.end))
    }

    fn call(&mut self, name: &str, place: Range<usize>) -> Parsed<Expr> {
        if let Some(function) = AggregateFunction::named(name) {
            return self.aggregate(name, function, place);
        }
        let Some(function) = functions::find(name) else {
            return Err(self.cursor.error(place, functions::unknown(name)));
        };
        let arguments = self.arguments()?;
        let place = place.start..self.cursor.end;
        if !function.takes(arguments.len()) {
            let message = format!("{} takes {}, not {}", function.name, function.arity(), arguments.len());
            return Err(self.cursor.error(place, message));
        }
        let mut checked = Vec::with_capacity(arguments.len());
        for (index, (argument, at)) in arguments.into_iter().enumerate() {
            checked.push(self.argument(function, index, argument, at)?);
        }
        Ok(Expr::Call { function, arguments: checked })
    }

    fn arguments(&mut self) -> Parsed<Vec<(Expr, Range<usize>)>> {
        self.cursor.expect(Token::Open, "(")?;
        let mut arguments = Vec::new();
        while !self.cursor.eat(Token::Close)? {
            if !arguments.is_empty() {
                self.cursor.expect(Token::Comma, "a comma or )")?;
            }
            let start = self.cursor.start();
            let argument = self.parse()?;
            arguments.push((argument, start..self.cursor.end));
        }
        Ok(arguments)
    }

    /// Periods, patterns and formats are read once, with the query.
    fn argument(&self, function: &functions::Function, index: usize, argument: Expr, at: Range<usize>) -> Parsed<Expr> {
        let is_period = matches!(argument, Expr::Literal(Value::Period(_)));
        match function.argument(index) {
            Argument::Period if is_period => Ok(argument),
            Argument::Period => Err(self.cursor.error(at, "a period is expected here, such as 5m or 1h")),
            _ if is_period => Err(self.cursor.error(at, format!("{} takes no period here", function.name))),
            Argument::Any => Ok(argument),
            Argument::Pattern => match argument {
                Expr::Literal(Value::Text(pattern)) => {
                    Ok(Expr::Literal(Value::Regex(self.cursor.compile(&pattern, at)?)))
                }
                _ => Err(self.cursor.error(at, "a regular expression in quotes is expected here")),
            },
            Argument::Checked(check) => match &argument {
                Expr::Literal(Value::Text(text)) => match check(text) {
                    Ok(()) => Ok(argument),
                    Err(reason) => Err(self.cursor.error(at, reason)),
                },
                _ => Err(self.cursor.error(at, "a text in quotes is expected here")),
            },
        }
    }

    fn aggregate(&mut self, name: &str, function: AggregateFunction, place: Range<usize>) -> Parsed<Expr> {
        if !self.aggregates {
            return Err(self
                .cursor
                .error(place, format!("{name} is an aggregation: only stats takes it, and not in another one")));
        }
        self.aggregates = false;
        let result = self.aggregate_arguments(name, function, place);
        self.aggregates = true;
        result
    }

    fn aggregate_arguments(&mut self, name: &str, function: AggregateFunction, place: Range<usize>) -> Parsed<Expr> {
        self.cursor.expect(Token::Open, "(")?;
        let counts = function == AggregateFunction::Count;
        let all = if counts && self.cursor.eat(Token::Star)? {
            true
        } else {
            counts && self.cursor.peek() == Some(Token::Close)
        };
        let argument = if all { None } else { Some(self.parse()?) };
        let function = if matches!(function, AggregateFunction::Percentile(_)) {
            self.cursor.expect(Token::Comma, "a comma and the percentile")?;
            let at = self.cursor.place();
            let percent: f64 = self.cursor.expect(Token::Number, "a percentile")?.parse().unwrap_or(f64::NAN);
            if !(0.0..=100.0).contains(&percent) {
                return Err(self.cursor.error(at, "a percentile is from 0 to 100"));
            }
            AggregateFunction::Percentile(percent)
        } else {
            function
        };
        if self.cursor.peek() != Some(Token::Close) {
            let more = self.cursor.peek() == Some(Token::Comma);
            let span = place.start..self.cursor.place().end;
            return Err(if more {
                self.cursor.error(span, format!("{name} takes one argument"))
            } else {
                self.cursor.unexpected(")")
            });
        }
        self.cursor.take()?;
        Ok(Expr::Aggregate(Box::new(Aggregate { function, argument })))
    }
}

fn binary(operator: Binary, left: Expr, right: Expr) -> Expr {
    Expr::Binary(operator, Box::new(left), Box::new(right))
}
