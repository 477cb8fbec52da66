//! A pattern's characters, and what all forms have in common: quoted text and `%…%`.

use regex::Regex;

use super::PatternError;

/// In one pattern with brackets.
const MAX_REGEXES: usize = 2;

#[derive(Debug)]
pub(super) struct Scanner<'a> {
    text: &'a str,
    at: usize,
    regexes: usize,
}

impl<'a> Scanner<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, at: 0, regexes: 0 }
    }

    pub(super) fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn next(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        Some(next)
    }

    pub(super) fn skip_space(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    /// Takes these characters if they come next, after any space.
    pub(super) fn eat(&mut self, text: &str) -> bool {
        self.skip_space();
        let is = self.rest().starts_with(text);
        if is {
            self.at += text.len();
        }
        is
    }

    /// Takes a word that is followed by something else.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        self.skip_space();
        let rest = self.rest();
        let is = rest.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
            && !rest[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        if is {
            self.at += word.len();
        }
        is
    }

    pub(super) fn expect(&mut self, text: &str) -> Result<(), PatternError> {
        if self.eat(text) { Ok(()) } else { Err(self.error(format!("{text} is expected"))) }
    }

    pub(super) fn take_while(&mut self, goes: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let taken = rest.get(..rest.find(|c| !goes(c)).unwrap_or(rest.len())).unwrap_or_default();
        self.at += taken.len();
        taken
    }

    pub(super) fn error(&self, message: impl Into<String>) -> PatternError {
        let place = self.text.get(..self.at).map_or(0, |before| before.chars().count()) + 1;
        PatternError { message: message.into(), place }
    }

    /// The text in the quotes that come next. A backslash is for quotes and itself.
    pub(super) fn quoted(&mut self) -> Result<String, PatternError> {
        let unclosed = self.error("a quotation mark is not closed");
        self.next();
        let mut text = String::new();
        loop {
            match self.next().ok_or_else(|| unclosed.clone())? {
                '"' => return Ok(text),
                '\\' => match self.next().ok_or_else(|| unclosed.clone())? {
                    quote @ ('"' | '\\') => text.push(quote),
                    other => text.extend(['\\', other]),
                },
                c => text.push(c),
            }
        }
    }

    /// The expression between the `%` that come next, of the little that CloudWatch Logs takes.
    pub(super) fn regex(&mut self) -> Result<Regex, PatternError> {
        let unclosed = self.error("a % is not closed");
        self.next();
        let mut expression = String::new();
        loop {
            match self.peek().ok_or_else(|| unclosed.clone())? {
                '%' => break,
                c @ ('(' | ')') => {
                    return Err(
                        self.error(format!("{c} is not supported in a regular expression: \\x{:x} is", c as u32))
                    );
                }
                c if c.is_ascii_alphanumeric() || ":_#=@/;,- ^$?[]{}|\\*+.".contains(c) => expression.push(c),
                c => return Err(self.error(format!("{c} is not supported in a regular expression"))),
            }
            self.next();
        }
        self.next();
        self.regexes += 1;
        // AWS leaves out either bound of {m,n}; the engine wants the first.
        let expression = expression.replace("{,", "{0,");
        Regex::new(&format!("(?-u:{expression})")).or_else(|_| Regex::new(&expression)).map_err(|error| {
            let reason = error.to_string();
            let reason = reason.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned();
            self.error(format!("the regular expression before this can't be used: {reason}"))
        })
    }

    /// JSON and space-delimited patterns may have two expressions.
    pub(super) fn few_regexes(&self) -> Result<(), PatternError> {
        if self.regexes <= MAX_REGEXES {
            return Ok(());
        }
        Err(self.error(format!("a pattern has at most {MAX_REGEXES} regular expressions")))
    }
}
