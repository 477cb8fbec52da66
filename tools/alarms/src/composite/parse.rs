//! Text to [`Rule`]. Precedence, from loose to tight: OR, AND, NOT.

use super::{Quota, Rule};
use crate::model::State;

const MAX_DEPTH: usize = 64;
const MAX_CHARACTERS: usize = 10_240;
const MAX_ELEMENTS: usize = 500;
const MAX_CHILDREN: usize = 100;

/// Why a rule is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Not the rule language.
    #[error("{message} at character {at}")]
    Syntax {
        /// Position, counted in characters from 1.
        at: usize,
        /// What was expected.
        message: String,
    },
    /// Beyond what CloudWatch accepts.
    #[error("{0}")]
    Limit(String),
}

#[derive(Clone, Debug, PartialEq)]
enum Token {
    Open,
    Close,
    Comma,
    Word(String),
    Quoted(String),
}

/// Parses an `AlarmRule`.
pub fn parse(text: &str) -> Result<Rule, RuleError> {
    if text.chars().count() > MAX_CHARACTERS {
        return Err(RuleError::Limit(format!("a rule has at most {MAX_CHARACTERS} characters")));
    }
    let tokens = lex(text)?;
    let mut parser = Parser { tokens, next: 0, depth: 0, elements: 0, end: text.chars().count() };
    let rule = parser.either()?;
    if parser.peek().is_some() {
        return Err(parser.wrong("AND, OR or the end was expected"));
    }
    if parser.elements > MAX_ELEMENTS {
        return Err(RuleError::Limit(format!("a rule has at most {MAX_ELEMENTS} elements")));
    }
    if rule.alarms().len() > MAX_CHILDREN {
        return Err(RuleError::Limit(format!("a rule names at most {MAX_CHILDREN} alarms")));
    }
    Ok(rule)
}

fn lex(text: &str) -> Result<Vec<(usize, Token)>, RuleError> {
    let chars: Vec<char> = text.chars().collect();
    let mut tokens = Vec::new();
    let mut i = 0;
    while let Some(&c) = chars.get(i) {
        let start = i;
        i += 1;
        let token = match c {
            c if c.is_whitespace() => continue,
            '(' => Token::Open,
            ')' => Token::Close,
            ',' => Token::Comma,
            '"' => {
                let mut name = String::new();
                loop {
                    match (chars.get(i), chars.get(i + 1)) {
                        (Some('\\'), Some('"')) => {
                            name.push('"');
                            i += 2;
                        }
                        (Some('"'), _) => break,
                        (Some(other), _) => {
                            name.push(*other);
                            i += 1;
                        }
                        (None, _) => {
                            let message = "the quote is not closed".to_owned();
                            return Err(RuleError::Syntax { at: start + 1, message });
                        }
                    }
                }
                i += 1;
                Token::Quoted(name)
            }
            _ => {
                let word = |c: &char| !c.is_whitespace() && !matches!(c, '(' | ')' | ',' | '"');
                while chars.get(i).is_some_and(word) {
                    i += 1;
                }
                Token::Word(chars[start..i].iter().collect())
            }
        };
        tokens.push((start, token));
    }
    Ok(tokens)
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    /// Alarms, constants and parentheses, as CloudWatch counts them.
    elements: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn wrong(&self, message: &str) -> RuleError {
        let at = self.tokens.get(self.next).map_or(self.end, |(at, _)| *at);
        RuleError::Syntax { at: at + 1, message: message.to_owned() }
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, token: &Token, name: &str) -> Result<(), RuleError> {
        if self.peek() != Some(token) {
            return Err(self.wrong(&format!("`{name}` was expected")));
        }
        self.next += 1;
        Ok(())
    }

    fn deeper(&mut self) -> Result<(), RuleError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(RuleError::Limit(format!("nesting deeper than {MAX_DEPTH}")));
        }
        Ok(())
    }

    fn either(&mut self) -> Result<Rule, RuleError> {
        let mut left = self.both()?;
        while self.word("OR") {
            left = Rule::Or(Box::new(left), Box::new(self.both()?));
        }
        Ok(left)
    }

    fn both(&mut self) -> Result<Rule, RuleError> {
        let mut left = self.not()?;
        while self.word("AND") {
            left = Rule::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Rule, RuleError> {
        if self.word("NOT") {
            self.deeper()?;
            let inner = self.not()?;
            self.depth -= 1;
            return Ok(Rule::Not(Box::new(inner)));
        }
        self.atom()
    }

    fn atom(&mut self) -> Result<Rule, RuleError> {
        self.elements += 1;
        if self.peek() == Some(&Token::Open) {
            self.next += 1;
            self.elements += 1;
            self.deeper()?;
            let inner = self.either()?;
            self.depth -= 1;
            self.expect(&Token::Close, ")")?;
            return Ok(inner);
        }
        if self.word("TRUE") {
            return Ok(Rule::Constant(true));
        }
        if self.word("FALSE") {
            return Ok(Rule::Constant(false));
        }
        if self.word("AT_LEAST") {
            return self.at_least();
        }
        let Some(state) = self.state() else {
            return Err(self
                .wrong("ALARM(..), OK(..), INSUFFICIENT_DATA(..), AT_LEAST(..), TRUE, FALSE, NOT or ( was expected"));
        };
        self.expect(&Token::Open, "(")?;
        let alarm = self.name()?;
        self.expect(&Token::Close, ")")?;
        Ok(Rule::Is(state, alarm))
    }

    fn state(&mut self) -> Option<State> {
        [State::Alarm, State::Ok, State::InsufficientData].into_iter().find(|state| self.word(state.as_str()))
    }

    fn name(&mut self) -> Result<String, RuleError> {
        match self.peek().cloned() {
            Some(Token::Word(name) | Token::Quoted(name)) if !name.is_empty() => {
                self.next += 1;
                Ok(name)
            }
            _ => Err(self.wrong("an alarm's name was expected")),
        }
    }

    fn at_least(&mut self) -> Result<Rule, RuleError> {
        self.expect(&Token::Open, "(")?;
        let quota = self.quota()?;
        self.expect(&Token::Comma, ",")?;
        let negated = self.word("NOT");
        let Some(state) = self.state() else {
            return Err(self.wrong("ALARM, OK or INSUFFICIENT_DATA was expected"));
        };
        self.expect(&Token::Comma, ",")?;
        self.expect(&Token::Open, "(")?;
        let mut alarms = vec![self.name()?];
        while self.peek() == Some(&Token::Comma) {
            self.next += 1;
            self.elements += 1;
            alarms.push(self.name()?);
        }
        self.expect(&Token::Close, ")")?;
        self.expect(&Token::Close, ")")?;
        Ok(Rule::AtLeast { quota, state, negated, alarms })
    }

    fn quota(&mut self) -> Result<Quota, RuleError> {
        let quota = match self.peek() {
            Some(Token::Word(word)) => match word.strip_suffix('%') {
                Some(number) => {
                    number.parse::<f64>().ok().filter(|percent| *percent > 0.0 && *percent <= 100.0).map(Quota::Percent)
                }
                None => word.parse().ok().filter(|count| *count >= 1).map(Quota::Count),
            },
            _ => None,
        };
        let Some(quota) = quota else {
            return Err(self.wrong("a number from 1, or a percentage up to 100%, was expected"));
        };
        self.next += 1;
        Ok(quota)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn not_binds_before_and_before_or() {
        assert_eq!(parse("OK(a) OR NOT ALARM(b) AND OK(c)"), parse("OK(a) OR ((NOT ALARM(b)) AND OK(c))"));
    }

    #[test]
    fn a_quoted_name_may_hold_anything() {
        let rule = parse(r#"ALARM("a \"b\" (c), d")"#).unwrap();
        assert_eq!(rule.alarms(), [r#"a "b" (c), d"#]);
    }

    #[test]
    fn mistakes_are_located() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert!(error("ALARM(a) ALARM(b)").starts_with("AND, OR or the end"), "{}", error("ALARM(a) ALARM(b)"));
        assert!(error("alarm(a)").ends_with("at character 1"));
        assert_eq!(error("ALARM(a"), "`)` was expected at character 8");
        assert_eq!(error("ALARM(\"a)"), "the quote is not closed at character 7");
        assert!(error("AT_LEAST(0, ALARM, (a))").contains("a number from 1"));
        assert!(error(&"(".repeat(5_000)).contains("nesting"));
        assert!(error(&"NOT ".repeat(2_000)).contains("nesting"));
        assert!(error(&vec!["OK(a)"; 600].join(" OR ")).contains("elements"));
    }
}
