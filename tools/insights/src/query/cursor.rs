//! A query's tokens with their places, one ahead.

use std::{ops::Range, sync::Arc};

use logos::{Lexer, Logos as _};
use regex::Regex;

use super::token::Token;
use crate::malformed::Malformed;

pub(super) type Parsed<T> = Result<T, Malformed>;

#[derive(Debug)]
pub(super) struct Cursor<'a> {
    source: &'a str,
    lexer: Lexer<'a, Token>,
    next: Option<Token>,
    span: Range<usize>,
    /// Where the last taken token ended.
    pub(super) end: usize,
}

impl<'a> Cursor<'a> {
    pub(super) fn new(source: &'a str) -> Parsed<Self> {
        let mut cursor = Self { source, lexer: Token::lexer(source), next: None, span: 0..0, end: 0 };
        cursor.read()?;
        Ok(cursor)
    }

    fn read(&mut self) -> Parsed<()> {
        self.next = match self.lexer.next() {
            Some(Ok(token)) => Some(token),
            Some(Err(())) => {
                let span = self.lexer.span();
                let text = self.source.get(span.clone()).unwrap_or_default();
                let message = match text.chars().next() {
                    Some('"' | '\'') => "a text that is opened here is not closed".to_owned(),
                    Some('`') => "a backtick that is opened here is not closed".to_owned(),
                    _ => format!("unexpected character {text:?}"),
                };
                return Err(Malformed::new(self.source, span, message));
            }
            None => None,
        };
        self.span = if self.next.is_some() { self.lexer.span() } else { self.source.len()..self.source.len() };
        Ok(())
    }

    pub(super) fn peek(&self) -> Option<Token> {
        self.next
    }

    /// The place of the token ahead.
    pub(super) fn place(&self) -> Range<usize> {
        self.span.clone()
    }

    pub(super) fn start(&self) -> usize {
        self.span.start
    }

    /// What the query says from a place up to the last taken token.
    pub(super) fn since(&self, start: usize) -> &'a str {
        self.source.get(start..self.end).unwrap_or_default()
    }

    /// The text of the token ahead.
    pub(super) fn text(&self) -> &'a str {
        self.source.get(self.span.clone()).unwrap_or_default()
    }

    pub(super) fn take(&mut self) -> Parsed<&'a str> {
        let text = self.text();
        self.end = self.span.end;
        self.read()?;
        Ok(text)
    }

    /// Takes the token ahead if it is this one.
    pub(super) fn eat(&mut self, token: Token) -> Parsed<bool> {
        let is = self.next == Some(token);
        if is {
            self.take()?;
        }
        Ok(is)
    }

    pub(super) fn expect(&mut self, token: Token, what: &str) -> Parsed<&'a str> {
        if self.next == Some(token) { self.take() } else { Err(self.unexpected(what)) }
    }

    /// Whether a keyword is ahead; they are written in any case.
    pub(super) fn is_word(&self, word: &str) -> bool {
        self.next == Some(Token::Word) && self.text().eq_ignore_ascii_case(word)
    }

    pub(super) fn eat_word(&mut self, word: &str) -> Parsed<bool> {
        let is = self.is_word(word);
        if is {
            self.take()?;
        }
        Ok(is)
    }

    /// The regular expression whose `/` is ahead: what is between slashes is no token of the language.
    pub(super) fn regex(&mut self) -> Parsed<Arc<Regex>> {
        let start = self.span.start;
        let body = self.source.get(self.span.end..).unwrap_or_default();
        let mut escaped = false;
        let length = body.find(|c: char| {
            let closes = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            closes
        });
        let Some(length) = length else {
            return Err(self.error(start..start + 1, "a regular expression that is opened here is not closed"));
        };
        self.end = self.span.end + length + 1;
        // In slashes a slash is escaped; to the engine it is a character as any other.
        let pattern = body.get(..length).unwrap_or_default().replace("\\/", "/");
        let regex = self.compile(&pattern, start..self.end)?;
        self.lexer.bump(length + 1);
        self.read()?;
        Ok(regex)
    }

    pub(super) fn compile(&self, pattern: &str, span: Range<usize>) -> Parsed<Arc<Regex>> {
        Regex::new(pattern).map(Arc::new).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            self.error(span, format!("the regular expression can't be used: {reason}"))
        })
    }

    pub(super) fn error(&self, span: Range<usize>, message: impl Into<String>) -> Malformed {
        Malformed::new(self.source, span, message)
    }

    pub(super) fn unexpected(&self, expected: &str) -> Malformed {
        let found = match self.next {
            Some(_) => format!("unexpected {:?}", self.text()),
            None => "the query ends too early".to_owned(),
        };
        self.error(self.place(), format!("{found}: {expected} is expected here"))
    }
}

/// What a quoted text says.
pub(super) fn unquote(quoted: &str) -> String {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default();
    let mut text = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    while let Some(c) = chars.next() {
        if c != '\\' {
            text.push(c);
            continue;
        }
        match chars.next() {
            Some('n') => text.push('\n'),
            Some('t') => text.push('\t'),
            Some('r') => text.push('\r'),
            Some(quote @ ('"' | '\'' | '\\' | '/')) => text.push(quote),
            // As a pattern would have it: the backslash stays.
            Some(other) => text.extend(['\\', other]),
            None => text.push('\\'),
        }
    }
    text
}

/// The name that a word with backticks stands for.
pub(super) fn field_name(word: &str) -> String {
    word.replace('`', "")
}
