//! Characters to tokens.

use super::error::{MathError, syntax};

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Number(f64),
    Word(String),
    Text(String),
    Sign(&'static str),
}

const SIGNS: &[&str] =
    &["==", "!=", "<=", ">=", "&&", "||", "<", ">", "+", "-", "*", "/", "^", "(", ")", "[", "]", ","];

/// Splits a text; each token with its position.
pub(super) fn lex(text: &str) -> Result<Vec<(usize, Token)>, MathError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        let start = i;
        let token = if c.is_whitespace() {
            i += 1;
            continue;
        } else if c.is_ascii_digit() || c == '.' {
            i = number_end(&chars, i);
            let digits: String = chars[start..i].iter().collect();
            match digits.parse::<f64>() {
                Ok(value) if value.is_finite() => Token::Number(value),
                _ => return Err(syntax(start, format!("`{digits}` is not a number"))),
            }
        } else if c.is_ascii_alphabetic() || c == '_' {
            while chars.get(i).is_some_and(|c| c.is_ascii_alphanumeric() || *c == '_') {
                i += 1;
            }
            Token::Word(chars[start..i].iter().collect())
        } else if c == '"' || c == '\'' {
            i += 1;
            while chars.get(i).is_some_and(|inner| *inner != c) {
                i += 1;
            }
            if i >= chars.len() {
                return Err(syntax(start, "the quote is not closed".into()));
            }
            i += 1;
            Token::Text(chars[start + 1..i - 1].iter().collect())
        } else {
            let sign = SIGNS.iter().find(|sign| chars[i..].iter().take(sign.len()).copied().eq(sign.chars()));
            let Some(sign) = sign else {
                return Err(syntax(start, format!("`{c}` has no meaning here")));
            };
            i += sign.len();
            Token::Sign(sign)
        };
        tokens.push((start, token));
    }
    Ok(tokens)
}

fn number_end(chars: &[char], mut i: usize) -> usize {
    let digit = |i: usize| chars.get(i).is_some_and(char::is_ascii_digit);
    while digit(i) || chars.get(i) == Some(&'.') {
        i += 1;
    }
    if matches!(chars.get(i), Some('e' | 'E')) {
        let sign = usize::from(matches!(chars.get(i + 1), Some('+' | '-')));
        if digit(i + 1 + sign) {
            i += 1 + sign;
            while digit(i) {
                i += 1;
            }
        }
    }
    i
}
