//! Cuts a filter expression into tokens.

use super::FilterError;

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    /// A keyword, function name or bare value, dots and dashes included.
    Word(String),
    Text(String),
    Number(f64),
    /// What stands between square brackets, as it is.
    Bracketed(String),
    /// What stands in `#[...]`, as it is.
    Json(String),
    Symbol(&'static str),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) token: Token,
    pub(super) at: usize,
}

/// Longer ones first: `<=` must not be read as `<`.
const SYMBOLS: &[&str] = &["!=", "<=", ">=", "=", "<", ">", "!", "(", ")", "{", "}", ",", ":"];

pub(super) fn tokens(text: &str) -> Result<Vec<Placed>, FilterError> {
    let mut lexer = Lexer { text, at: 0 };
    let mut tokens = Vec::new();
    while let Some(placed) = lexer.next()? {
        tokens.push(placed);
    }
    Ok(tokens)
}

struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl Lexer<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn problem(&self, problem: impl Into<String>) -> FilterError {
        FilterError::Syntax { at: self.at, problem: problem.into() }
    }

    fn next(&mut self) -> Result<Option<Placed>, FilterError> {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        let at = self.at;
        let Some(first) = self.rest().chars().next() else {
            return Ok(None);
        };
        let token = match first {
            '"' => self.text()?,
            '[' => Token::Bracketed(self.bracketed(1)?),
            '#' if self.rest().starts_with("#[") => Token::Json(self.bracketed(2)?),
            c if c.is_ascii_digit() || (c == '-' && self.digit_follows()) => self.number()?,
            c if c.is_alphabetic() || c == '_' => self.word(),
            c => match SYMBOLS.iter().find(|s| self.rest().starts_with(**s)) {
                Some(symbol) => {
                    self.at += symbol.len();
                    Token::Symbol(symbol)
                }
                None => return Err(self.problem(format!("unexpected {c:?}"))),
            },
        };
        Ok(Some(Placed { token, at }))
    }

    fn digit_follows(&self) -> bool {
        self.rest().chars().nth(1).is_some_and(|c| c.is_ascii_digit())
    }

    fn text(&mut self) -> Result<Token, FilterError> {
        let mut value = String::new();
        let mut chars = self.rest().char_indices().skip(1);
        while let Some((offset, c)) = chars.next() {
            match c {
                '"' => {
                    self.at += offset + 1;
                    return Ok(Token::Text(value));
                }
                '\\' => match chars.next() {
                    Some((_, escaped @ ('"' | '\\'))) => value.push(escaped),
                    Some((_, other)) => value.extend(['\\', other]),
                    None => break,
                },
                c => value.push(c),
            }
        }
        Err(self.problem("the string has no closing quotation mark"))
    }

    /// Up to the bracket that closes the one just opened; brackets inside quotation marks do not count.
    fn bracketed(&mut self, opening: usize) -> Result<String, FilterError> {
        let mut depth = 1_usize;
        let mut quoted = false;
        let mut escaped = false;
        let rest = self.rest();
        for (offset, c) in rest.char_indices().skip(opening) {
            match c {
                _ if escaped => escaped = false,
                '\\' if quoted => escaped = true,
                '"' => quoted = !quoted,
                '[' if !quoted => depth += 1,
                ']' if !quoted => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                let inside = rest.get(opening..offset).unwrap_or_default().to_owned();
                self.at += offset + 1;
                return Ok(inside);
            }
        }
        Err(self.problem("the square bracket is not closed"))
    }

    fn number(&mut self) -> Result<Token, FilterError> {
        let rest = self.rest();
        let mut end = 0;
        let mut previous = ' ';
        for (offset, c) in rest.char_indices() {
            let part = c.is_ascii_digit()
                || matches!(c, '.' | 'e' | 'E')
                || (matches!(c, '-' | '+') && (offset == 0 || matches!(previous, 'e' | 'E')));
            if !part {
                break;
            }
            end = offset + c.len_utf8();
            previous = c;
        }
        let written = rest.get(..end).unwrap_or_default();
        match written.parse::<f64>() {
            Ok(number) if number.is_finite() => {
                let glued = rest
                    .get(end..)
                    .and_then(|after| after.chars().next())
                    .is_some_and(|c| c.is_alphanumeric() || c == '_');
                if glued {
                    return Err(self.problem("a letter follows a number; quote string values"));
                }
                self.at += end;
                Ok(Token::Number(number))
            }
            _ => Err(self.problem(format!("{written:?} is not a number"))),
        }
    }

    fn word(&mut self) -> Token {
        let rest = self.rest();
        let end = rest
            .char_indices()
            .find(|(_, c)| !(c.is_alphanumeric() || matches!(c, '_' | '.' | '-')))
            .map_or(rest.len(), |(offset, _)| offset);
        let word = rest.get(..end).unwrap_or_default().to_owned();
        self.at += end;
        Token::Word(word)
    }
}
