//! Reading a query: a pipeline of commands, checked as far as it can be without a log line.

pub(crate) mod ast;
mod cursor;
mod expression;
mod extract;
mod scope;
mod token;

use std::{collections::BTreeSet, str::FromStr};

pub use ast::Source;

use self::{
    ast::{Column, Command, Expr, Key},
    cursor::{Cursor, Parsed, field_name, unquote},
    expression::Expressions,
    scope::Scope,
    token::Token,
};
use crate::malformed::Malformed;

/// The most results that a query can ask for.
pub const MAX_LIMIT: usize = 100_000;
const MAX_PREFIXES: usize = 5;

/// Commands of the language that this library does not have. They are refused, never skipped.
const UNSUPPORTED: [&str; 27] = [
    "accum",
    "addtotals",
    "anomaly",
    "appendcols",
    "autoregress",
    "cidrlookup",
    "countfrequent",
    "diff",
    "estimate",
    "expand",
    "filldown",
    "fillmissing",
    "filterindex",
    "head",
    "join",
    "logcompare",
    "lookup",
    "order",
    "outlier",
    "pattern",
    "relevantfields",
    "search",
    "sessionize",
    "subqueries",
    "tail",
    "unmask",
    "alias",
];

/// A query that can be asked.
#[derive(Debug, Clone)]
pub struct Query {
    pub(crate) sources: Vec<Source>,
    pub(crate) commands: Vec<Command>,
}

impl Query {
    /// The log groups that the query names itself.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Whether the query has a `limit` of its own.
    #[must_use]
    pub fn has_limit(&self) -> bool {
        self.commands.iter().any(|command| matches!(command, Command::Limit(_)))
    }
}

impl FromStr for Query {
    type Err = Malformed;

    fn from_str(text: &str) -> Result<Self, Malformed> {
        let mut parser = Parser { cursor: Cursor::new(text)?, scope: Scope::default(), query: text };
        let (mut sources, mut commands) = (Vec::new(), Vec::new());
        loop {
            let at = parser.cursor.place();
            let command = parser.cursor.expect(Token::Word, "a command")?;
            if command.eq_ignore_ascii_case("source") {
                if !commands.is_empty() {
                    return Err(parser.cursor.error(at, "SOURCE comes before all other commands"));
                }
                sources.push(parser.source()?);
            } else {
                commands.push(parser.command(command, at)?);
            }
            if parser.cursor.peek().is_none() {
                break;
            }
            parser.cursor.expect(Token::Pipe, "| or the query's end")?;
        }
        if commands.is_empty() {
            return Err(parser.cursor.unexpected("| and a command"));
        }
        Ok(Self { sources, commands })
    }
}

#[derive(Debug)]
struct Parser<'a> {
    cursor: Cursor<'a>,
    scope: Scope,
    query: &'a str,
}

impl<'a> Parser<'a> {
    fn command(&mut self, command: &str, at: std::ops::Range<usize>) -> Parsed<Command> {
        let name = command.to_ascii_lowercase();
        self.scope.follows(&name).map_err(|message| self.cursor.error(at.clone(), message))?;
        match name.as_str() {
            "fields" => {
                let columns = self.columns(false)?;
                self.scope.projects(&columns, self.query)?;
                Ok(Command::Fields(columns))
            }
            "display" => {
                let columns = self.columns(false)?;
                self.scope.displays(&columns, self.query)?;
                Ok(Command::Display(columns))
            }
            "filter" | "where" => Ok(Command::Filter(self.known_expression()?)),
            "stats" => self.stats(),
            "sort" => self.sort(),
            "limit" => self.limit(),
            "dedup" => Ok(Command::Dedup(self.fields()?)),
            "parse" => self.parse(),
            "unnest" => self.unnest(),
            known if UNSUPPORTED.contains(&known) => {
                Err(self.cursor.error(at, format!("{known} is not supported here")))
            }
            _ => Err(self.cursor.error(at, format!("{command:?} is no command"))),
        }
    }

    fn source(&mut self) -> Parsed<Source> {
        if self.cursor.peek() == Some(Token::Text) {
            return Ok(Source::Group(unquote(self.cursor.take()?)));
        }
        let at = self.cursor.place();
        if !self.cursor.eat_word("logGroups")? {
            return Err(self.cursor.unexpected("a log group in quotes or logGroups(…)"));
        }
        self.cursor.expect(Token::Open, "(")?;
        let mut prefixes = Vec::new();
        while !self.cursor.eat(Token::Close)? {
            if !self.cursor.eat_word("namePrefix")? {
                return Err(self.cursor.unexpected("namePrefix, the only selector that is supported here"));
            }
            self.cursor.expect(Token::Colon, ":")?;
            self.cursor.expect(Token::OpenBracket, "a list such as ['prefix']")?;
            loop {
                prefixes.push(unquote(self.cursor.expect(Token::Text, "a prefix in quotes")?));
                if !self.cursor.eat(Token::Comma)? {
                    break;
                }
            }
            self.cursor.expect(Token::CloseBracket, "a comma or ]")?;
        }
        if prefixes.len() > MAX_PREFIXES {
            return Err(self.cursor.error(at.start..self.cursor.end, "logGroups takes at most 5 prefixes"));
        }
        Ok(Source::Prefixes(prefixes))
    }

    /// An expression whose fields are all there at this place of the pipeline.
    fn known_expression(&mut self) -> Parsed<Expr> {
        let expr = Expressions::new(&mut self.cursor).parse()?;
        self.scope.knows(&expr, self.query)?;
        Ok(expr)
    }

    fn columns(&mut self, aggregates: bool) -> Parsed<Vec<Column>> {
        let mut columns = Vec::new();
        loop {
            columns.push(self.column(aggregates)?);
            if !self.cursor.eat(Token::Comma)? {
                return Ok(columns);
            }
        }
    }

    fn column(&mut self, aggregates: bool) -> Parsed<Column> {
        let start = self.cursor.start();
        let mut expressions = Expressions::new(&mut self.cursor);
        expressions.aggregates = aggregates;
        let expr = expressions.parse()?;
        let text = self.cursor.since(start);
        let named = self.cursor.eat_word("as")?;
        let name = match &expr {
            _ if named => self.new_name()?,
            Expr::Field(name, _) => name.clone(),
            _ => text.to_owned(),
        };
        Ok(Column { name, expr, named, span: start..self.cursor.end })
    }

    fn new_name(&mut self) -> Parsed<String> {
        Ok(field_name(self.cursor.expect(Token::Word, "a name")?))
    }

    fn names(&mut self) -> Parsed<Vec<String>> {
        let mut names = vec![self.new_name()?];
        while self.cursor.eat(Token::Comma)? {
            names.push(self.new_name()?);
        }
        Ok(names)
    }

    fn fields(&mut self) -> Parsed<Vec<Expr>> {
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if !self.cursor.eat(Token::Comma)? {
                return Ok(fields);
            }
        }
    }

    fn field(&mut self) -> Parsed<Expr> {
        let place = self.cursor.place();
        let word = self.cursor.expect(Token::Word, "a field")?;
        let field = Expressions::new(&mut self.cursor).path(word, place)?;
        self.scope.knows(&field, self.query)?;
        Ok(field)
    }

    fn stats(&mut self) -> Parsed<Command> {
        let aggregates = self.columns(true)?;
        let by = if self.cursor.eat_word("by")? { self.columns(false)? } else { Vec::new() };
        self.scope.aggregates(&aggregates, &by, self.query)?;
        Ok(Command::Stats { aggregates, by })
    }

    fn sort(&mut self) -> Parsed<Command> {
        let mut keys = Vec::new();
        loop {
            let start = self.cursor.start();
            let mut expressions = Expressions::new(&mut self.cursor);
            expressions.aggregates = true;
            let expr = expressions.parse()?;
            // Results without a name are sorted by what the query says: `sort count(*)`.
            let text = self.cursor.since(start);
            let expr =
                if self.scope.has_column(text) { Expr::Field(text.into(), start..self.cursor.end) } else { expr };
            self.scope.knows(&expr, self.query)?;
            let descending = !self.cursor.eat_word("asc")? && self.cursor.eat_word("desc")?;
            keys.push(Key { expr, descending });
            if !self.cursor.eat(Token::Comma)? {
                return Ok(Command::Sort(keys));
            }
        }
    }

    fn limit(&mut self) -> Parsed<Command> {
        // `limit any` may stop early; that it does not is one of its answers.
        self.cursor.eat_word("any")?;
        let at = self.cursor.place();
        let number = self.cursor.expect(Token::Number, "a number")?;
        match number.parse() {
            Ok(limit @ 1..=MAX_LIMIT) => Ok(Command::Limit(limit)),
            _ => Err(self.cursor.error(at, format!("a limit is from 1 to {MAX_LIMIT}"))),
        }
    }

    fn parse(&mut self) -> Parsed<Command> {
        let from = match self.cursor.peek() {
            Some(Token::Text | Token::Slash) => Expr::Field("@message".into(), self.cursor.place()),
            _ => self.field()?,
        };
        let start = self.cursor.start();
        let (extract, into) = match self.cursor.peek() {
            Some(Token::Text) => {
                let glob = unquote(self.cursor.take()?);
                let (extract, stars) = extract::glob(&glob);
                if !self.cursor.eat_word("as")? {
                    return Err(self.cursor.unexpected("as and a name for each *"));
                }
                let names = self.names()?;
                if names.len() != stars {
                    let message = format!("the pattern has {stars} * and {} names", names.len());
                    return Err(self.cursor.error(start..self.cursor.end, message));
                }
                (extract, names)
            }
            Some(Token::Slash) => {
                let regex = self.cursor.regex()?;
                let names = if self.cursor.eat_word("as")? { Some(self.names()?) } else { None };
                extract::regex(regex, names).map_err(|message| self.cursor.error(start..self.cursor.end, message))?
            }
            _ => return Err(self.cursor.unexpected("a pattern in quotes or slashes")),
        };
        let distinct: BTreeSet<_> = into.iter().collect();
        if distinct.len() != into.len() {
            return Err(self.cursor.error(start..self.cursor.end, "a name is given twice"));
        }
        self.scope.adds(&into);
        Ok(Command::Parse { from, extract, into })
    }

    fn unnest(&mut self) -> Parsed<Command> {
        let list = self.field()?;
        if !self.cursor.eat_word("into")? {
            return Err(self.cursor.unexpected("into and a name"));
        }
        let into = self.new_name()?;
        self.scope.adds(std::slice::from_ref(&into));
        Ok(Command::Unnest { list, into })
    }
}

#[cfg(test)]
mod tests;
