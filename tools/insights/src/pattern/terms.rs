//! `ERROR -"timed out"`, `?a ?b`, `%expression%`.

use regex::Regex;

use super::{PatternError, scan::Scanner};

#[derive(Debug, Clone)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            // `" "` is AWS's way to match everything, even what has no space.
            Self::Text(text) => text.trim().is_empty() || message.contains(text),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

/// All of the first, none of the second; only if there are neither, one of the third.
#[derive(Debug, Clone, Default)]
pub(super) struct Terms {
    all: Vec<Term>,
    none: Vec<Term>,
    any: Vec<Term>,
}

impl Terms {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, PatternError> {
        let mut terms = Self::default();
        loop {
            scanner.skip_space();
            let list = match scanner.peek() {
                None => return Ok(terms),
                Some('-') => &mut terms.none,
                Some('?') => &mut terms.any,
                Some(_) => &mut terms.all,
            };
            if matches!(scanner.peek(), Some('-' | '?')) {
                scanner.next();
            }
            list.push(term(scanner)?);
        }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let within = |term: &Term| term.is_in(message);
        if self.all.is_empty() && self.none.is_empty() {
            return self.any.is_empty() || self.any.iter().any(within);
        }
        self.all.iter().all(within) && !self.none.iter().any(within)
    }
}

fn term(scanner: &mut Scanner<'_>) -> Result<Term, PatternError> {
    match scanner.peek() {
        Some('"') => scanner.quoted().map(Term::Text),
        Some('%') => scanner.regex().map(Term::Regex),
        Some(c) if c.is_alphanumeric() || c == '_' => {
            let text = scanner.take_while(|c| c.is_alphanumeric() || c == '_');
            match scanner.peek() {
                Some(c) if !c.is_whitespace() => Err(scanner.error(format!(
                    "{c} is no letter or digit: put the term that begins with {text} in double quotes"
                ))),
                _ => Ok(Term::Text(text.to_owned())),
            }
        }
        Some(c) => Err(scanner.error(format!("{c} is no letter or digit: put the term in double quotes"))),
        None => Err(scanner.error("a term is expected")),
    }
}
