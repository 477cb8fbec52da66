//! `[ip, user, ..., status = 4*, bytes > 1000]`.

use super::{PatternError, condition::Condition, scan::Scanner};

#[derive(Debug, Clone)]
pub(super) struct Delimited {
    before: Vec<Field>,
    /// The fields after `...`, which stands for any number of others.
    after: Option<Vec<Field>>,
}

/// A field's conditions: one of these lists holds whole. No list is no condition.
#[derive(Debug, Clone, Default)]
struct Field(Vec<Vec<Condition>>);

impl Delimited {
    pub(super) fn parse(scanner: &mut Scanner<'_>) -> Result<Self, PatternError> {
        scanner.expect("[")?;
        let mut pattern = Self { before: Vec::new(), after: None };
        loop {
            if scanner.eat("...") {
                if pattern.after.is_some() {
                    return Err(scanner.error("a pattern has at most one ellipsis"));
                }
                pattern.after = Some(Vec::new());
            } else {
                let field = field(scanner)?;
                pattern.after.as_mut().unwrap_or(&mut pattern.before).push(field);
            }
            if scanner.eat("]") {
                scanner.few_regexes()?;
                return Ok(pattern);
            }
            scanner.expect(",")?;
        }
    }

    pub(super) fn matches(&self, message: &str) -> bool {
        let words = words(message);
        let named = self.before.len() + self.after.as_ref().map_or(0, Vec::len);
        if words.len() < named {
            return false;
        }
        let Some(after) = &self.after else {
            // The last field holds all that is left.
            let (Some((last, fields)), Some(rest)) = (self.before.split_last(), words.get(self.before.len() - 1))
            else {
                return false;
            };
            let last_text =
                if words.len() == named { rest.text } else { message.get(rest.start..).unwrap_or_default().trim_end() };
            return fields.iter().zip(&words).all(|(field, word)| field.holds(word.text)) && last.holds(last_text);
        };
        let tail = words.len() - after.len();
        self.before.iter().zip(&words).all(|(field, word)| field.holds(word.text))
            && after.iter().zip(words.iter().skip(tail)).all(|(field, word)| field.holds(word.text))
    }
}

fn field(scanner: &mut Scanner<'_>) -> Result<Field, PatternError> {
    let name = name(scanner)?;
    scanner.skip_space();
    if matches!(scanner.peek(), Some(',' | ']')) {
        return Ok(Field::default());
    }
    let mut any = vec![vec![Condition::parse(scanner, ",")?]];
    loop {
        let and = scanner.eat("&&");
        if !and && !scanner.eat("||") {
            return Ok(Field(any));
        }
        let place = scanner.error(format!("a field's conditions are about itself: {name} is expected"));
        if self::name(scanner)? != name {
            return Err(place);
        }
        let condition = Condition::parse(scanner, ",")?;
        match any.last_mut() {
            Some(all) if and => all.push(condition),
            _ => any.push(vec![condition]),
        }
    }
}

fn name<'a>(scanner: &mut Scanner<'a>) -> Result<&'a str, PatternError> {
    scanner.skip_space();
    let name = scanner.take_while(|c| c.is_alphanumeric() || matches!(c, '_' | '-'));
    if name.is_empty() { Err(scanner.error("a field's name is expected")) } else { Ok(name) }
}

impl Field {
    fn holds(&self, word: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|all| all.iter().all(|condition| condition.holds(word)))
    }
}

#[derive(Debug, Clone, Copy)]
struct Word<'a> {
    text: &'a str,
    start: usize,
}

/// What is between spaces; what is in brackets or quotes is one.
fn words(message: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut at = 0;
    while let Some(offset) = message.get(at..).and_then(|rest| rest.find(|c: char| !c.is_whitespace())) {
        let start = at + offset;
        let rest = message.get(start..).unwrap_or_default();
        let closing = match rest.chars().next() {
            Some('[') => rest.find(']'),
            Some('"') => rest.get(1..).and_then(|inside| inside.find('"')).map(|end| end + 1),
            _ => None,
        };
        let (text, end) = match closing {
            Some(end) => (rest.get(1..end).unwrap_or_default(), end + 1),
            None => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                (rest.get(..end).unwrap_or_default(), end)
            }
        };
        words.push(Word { text, start });
        at = start + end;
    }
    words
}
