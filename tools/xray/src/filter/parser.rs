//! Builds an expression out of tokens.

use super::{
    FilterError,
    ast::{Expression, Literal, Operator, Scope},
    keyword::is_known,
    lexer::{Placed, Token, tokens},
};

/// Deeper than anybody writes, and shallow enough never to exhaust the stack.
const MAX_DEPTH: usize = 64;

/// Parses a filter expression. Every documented form parses; unknown keywords do not.
///
/// # Errors
/// [`FilterError::Syntax`] and [`FilterError::UnknownKeyword`].
pub fn parse(text: &str) -> Result<Expression, FilterError> {
    let mut parser = Parser { tokens: tokens(text)?, next: 0, end: text.len(), depth: 0 };
    let expression = parser.any()?;
    match parser.peek() {
        None => Ok(expression),
        Some(_) => Err(parser.problem("expected the end of the expression")),
    }
}

pub(super) struct Parser {
    tokens: Vec<Placed>,
    pub(super) next: usize,
    end: usize,
    depth: usize,
}

impl Parser {
    pub(super) fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|placed| &placed.token)
    }

    pub(super) fn problem(&self, problem: impl Into<String>) -> FilterError {
        FilterError::Syntax { at: self.tokens.get(self.next).map_or(self.end, |t| t.at), problem: problem.into() }
    }

    pub(super) fn take_symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Symbol(s)) if *s == symbol);
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Result<(), FilterError> {
        if self.take_symbol(symbol) { Ok(()) } else { Err(self.problem(format!("expected {symbol:?}"))) }
    }

    fn take_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w.eq_ignore_ascii_case(word));
        self.next += usize::from(found);
        found
    }

    /// alternatives joined by OR
    fn any(&mut self) -> Result<Expression, FilterError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(self.problem(format!("more than {MAX_DEPTH} levels")));
        }
        let mut alternatives = vec![self.all()?];
        while self.take_word("or") {
            alternatives.push(self.all()?);
        }
        self.depth -= 1;
        Ok(one_or(alternatives, Expression::Or))
    }

    /// terms joined by AND or by standing side by side
    fn all(&mut self) -> Result<Expression, FilterError> {
        let mut terms = vec![self.term()?];
        loop {
            if self.take_word("and") {
                terms.push(self.term()?);
                continue;
            }
            match self.peek() {
                Some(Token::Word(word)) if !word.eq_ignore_ascii_case("or") => {}
                Some(Token::Symbol("!" | "(")) => {}
                _ => return Ok(one_or(terms, Expression::And)),
            }
            terms.push(self.term()?);
        }
    }

    fn term(&mut self) -> Result<Expression, FilterError> {
        let mut negations = 0_usize;
        while self.take_symbol("!") {
            negations += 1;
        }
        let term = self.positive()?;
        Ok(if negations % 2 == 1 { Expression::Not(Box::new(term)) } else { term })
    }

    fn positive(&mut self) -> Result<Expression, FilterError> {
        if self.take_symbol("(") {
            let inside = self.any()?;
            self.expect_symbol(")")?;
            return Ok(inside);
        }
        let Some(Token::Word(written)) = self.peek().cloned() else {
            return Err(self.problem("expected a keyword"));
        };
        let name = written.to_ascii_lowercase();
        if matches!(name.as_str(), "and" | "or") {
            return Err(self.problem(format!("expected a keyword, found {written:?}")));
        }
        self.next += 1;
        match name.as_str() {
            "service" => {
                let [target] = self.targets()?;
                let filter = self.braces()?;
                Ok(Expression::Service { target, filter })
            }
            "edge" => {
                let [source, destination] = self.targets()?;
                let filter = self.braces()?;
                Ok(Expression::Edge { source, destination, filter })
            }
            "rootcause.json" => self.root_cause_json(),
            _ if name.starts_with("rootcause.") => self.root_cause(&name),
            _ => match annotation(&written, &name) {
                Some((scope, key)) => self.annotation(scope, key),
                None if is_known(&name) => Ok(Expression::Keyword { name, test: self.test()? }),
                None => Err(FilterError::UnknownKeyword(written)),
            },
        }
    }

    fn annotation(&mut self, scope: Scope, key: Option<String>) -> Result<Expression, FilterError> {
        let key = match (key, self.peek()) {
            (Some(key), _) => key,
            (None, Some(Token::Bracketed(inside))) => {
                let key = inside.trim().trim_matches('"').to_owned();
                self.next += 1;
                key
            }
            (None, _) => return Err(self.problem("expected [key] after annotation")),
        };
        if key.is_empty() {
            return Err(self.problem("the annotation key is empty"));
        }
        let test = self.test()?;
        Ok(Expression::Annotation { scope, key, test })
    }

    fn test(&mut self) -> Result<Option<(Operator, Literal)>, FilterError> {
        let operator = match self.peek() {
            Some(Token::Symbol("=")) => Operator::Equal,
            Some(Token::Symbol("!=")) => Operator::NotEqual,
            Some(Token::Symbol("<")) => Operator::Less,
            Some(Token::Symbol("<=")) => Operator::LessOrEqual,
            Some(Token::Symbol(">")) => Operator::Greater,
            Some(Token::Symbol(">=")) => Operator::GreaterOrEqual,
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "contains" => Operator::Contains,
                "beginswith" => Operator::BeginsWith,
                "endswith" => Operator::EndsWith,
                _ => return Ok(None),
            },
            _ => return Ok(None),
        };
        self.next += 1;
        let literal = match self.peek().cloned() {
            Some(Token::Text(text)) => Literal::Text(text),
            Some(Token::Number(number)) => Literal::Number(number),
            Some(Token::Word(word)) => match word.to_ascii_lowercase().as_str() {
                "true" => Literal::Boolean(true),
                "false" => Literal::Boolean(false),
                _ => Literal::Text(word),
            },
            _ => return Err(self.problem(format!("expected a value after {operator}"))),
        };
        self.next += 1;
        Ok(Some((operator, literal)))
    }

    pub(super) fn braces(&mut self) -> Result<Option<Box<Expression>>, FilterError> {
        if !self.take_symbol("{") || self.take_symbol("}") {
            return Ok(None);
        }
        let inside = self.any()?;
        self.expect_symbol("}")?;
        Ok(Some(Box::new(inside)))
    }
}

/// The annotation a word names: its scope, and its key where the key is part of the word.
fn annotation(written: &str, name: &str) -> Option<(Scope, Option<String>)> {
    let (scope, prefix) = if name.starts_with("source.") {
        (Scope::Source, "source.")
    } else if name.starts_with("destination.") {
        (Scope::Destination, "destination.")
    } else {
        (Scope::Any, "")
    };
    let rest = written.get(prefix.len()..)?;
    let word = rest.get(.."annotation".len())?;
    if !word.eq_ignore_ascii_case("annotation") {
        return None;
    }
    match rest.get("annotation".len()..)? {
        "" => Some((scope, None)),
        dotted => Some((scope, Some(dotted.strip_prefix('.')?.to_owned()))),
    }
}

fn one_or(mut many: Vec<Expression>, join: fn(Vec<Expression>) -> Expression) -> Expression {
    match (many.len(), many.pop()) {
        (1, Some(only)) => only,
        (_, last) => {
            many.extend(last);
            join(many)
        }
    }
}
