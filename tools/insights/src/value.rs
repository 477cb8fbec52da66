//! What a field or an expression is: text, a number, a moment, or a structure.

use std::{cmp::Ordering, sync::Arc};

use jiff::{Timestamp, tz::TimeZone};
use regex::Regex;

use crate::period::Period;

#[derive(Debug, Clone)]
pub(crate) enum Value {
    /// The field is missing, or there is no answer.
    Null,
    Text(Arc<str>),
    Number(f64),
    Bool(bool),
    /// Epoch milliseconds, shown as a date.
    Time(i64),
    /// A map or a list, of `jsonParse` and the functions that make lists.
    Structure(Arc<serde_json::Value>),
    /// `/…/`, in a query only.
    Regex(Arc<Regex>),
    /// `5m`, in a query only.
    Period(Period),
}

impl Value {
    pub(crate) fn text(text: impl AsRef<str>) -> Self {
        Self::Text(text.as_ref().into())
    }

    /// What a JSON value is when it is taken out of a structure.
    pub(crate) fn of_json(value: &serde_json::Value) -> Self {
        match value {
            serde_json::Value::Null => Self::Null,
            serde_json::Value::Bool(truth) => Self::Bool(*truth),
            serde_json::Value::Number(number) => Self::text(number.to_string()),
            serde_json::Value::String(text) => Self::text(text),
            structure => Self::Structure(Arc::new(structure.clone())),
        }
    }

    pub(crate) fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self {
            Self::Number(number) => Some(*number),
            Self::Text(text) => numeric(text),
            Self::Bool(truth) => Some(f64::from(u8::from(*truth))),
            #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date are far below 2^53")]
            Self::Time(at) => Some(*at as f64),
            _ => None,
        }
    }

    /// A whole number of milliseconds.
    pub(crate) fn millis(&self) -> Option<i64> {
        match self {
            Self::Time(at) => Some(*at),
            other => {
                let number = other.number().filter(|number| number.abs() < 9e15)?;
                #[expect(clippy::cast_possible_truncation, reason = "checked")]
                Some(number.trunc() as i64)
            }
        }
    }

    /// As a result shows it; `None` for what is not there, and for structures where text is wanted.
    pub(crate) fn as_text(&self) -> Option<Arc<str>> {
        match self {
            Self::Null | Self::Structure(_) | Self::Regex(_) | Self::Period(_) => None,
            Self::Text(text) => Some(Arc::clone(text)),
            Self::Number(number) => Some(number_text(*number).into()),
            Self::Bool(truth) => Some(if *truth { "1" } else { "0" }.into()),
            Self::Time(at) => Some(timestamp(*at).into()),
        }
    }

    /// As a cell of the results.
    pub(crate) fn shown(&self) -> Option<String> {
        match self {
            Self::Structure(value) => Some(value.to_string()),
            other => other.as_text().map(|text| text.to_string()),
        }
    }

    /// What `filter`, `and`, `or`, `not` and `if` go by.
    pub(crate) fn is_true(&self) -> bool {
        match self {
            Self::Bool(truth) => *truth,
            Self::Number(number) => *number != 0.0,
            Self::Text(text) => &**text == "1" || text.eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// Equal as numbers if both are numbers, as text otherwise. A structure equals nothing.
    pub(crate) fn equals(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Bool(truth), Self::Text(text)) | (Self::Text(text), Self::Bool(truth))
                if text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false") =>
            {
                text.eq_ignore_ascii_case("true") == *truth
            }
            _ => self.compare(other) == Some(Ordering::Equal),
        }
    }

    /// Larger or smaller, as `<` and its like have it; `None` where there is nothing to compare.
    pub(crate) fn compare(&self, other: &Self) -> Option<Ordering> {
        if let (Some(left), Some(right)) = (self.number(), other.number()) {
            return left.partial_cmp(&right);
        }
        Some(self.as_text()?.cmp(&other.as_text()?))
    }
}

/// A value that is a number and nothing else.
pub(crate) fn numeric(text: &str) -> Option<f64> {
    let trimmed = text.trim();
    let plain = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | 'e' | 'E');
    if trimmed.is_empty() || !trimmed.chars().all(plain) {
        return None;
    }
    trimmed.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Computed numbers are shown with at most four decimals, and small ones with four digits that say something.
pub(crate) fn number_text(number: f64) -> String {
    let magnitude = number.abs();
    if number == 0.0 {
        return "0".into();
    }
    if number.fract() == 0.0 && magnitude < 1e15 {
        return format!("{number:.0}");
    }
    if magnitude >= 1e15 {
        return format!("{number:e}").replace('e', "E");
    }
    let decimals = 4 + leading_zeros(magnitude);
    format!("{number:.decimals$}").trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "at most 308 zeros")]
fn leading_zeros(magnitude: f64) -> usize {
    (-magnitude.log10()).floor().clamp(0.0, 300.0) as usize
}

/// `2022-01-14 21:18:31.000`, as Insights shows moments.
#[must_use]
pub fn timestamp(at: i64) -> String {
    match Timestamp::from_millisecond(at) {
        Ok(moment) => moment.to_zoned(TimeZone::UTC).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string(),
        Err(_) => at.to_string(),
    }
}

/// The order of `sort`: what is missing first, then text by its runs of digits and others, then numbers.
pub(crate) fn natural(left: &Value, right: &Value) -> Ordering {
    match (left.is_null(), right.is_null()) {
        (true, true) => return Ordering::Equal,
        (true, false) => return Ordering::Less,
        (false, true) => return Ordering::Greater,
        (false, false) => {}
    }
    match (left.number(), right.number()) {
        (Some(left), Some(right)) => left.total_cmp(&right),
        (Some(_), None) => Ordering::Greater,
        (None, Some(_)) => Ordering::Less,
        (None, None) => natural_text(&left.shown().unwrap_or_default(), &right.shown().unwrap_or_default()),
    }
}

fn natural_text(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (chunks(left), chunks(right));
    loop {
        let (a, b) = match (left.next(), right.next()) {
            (Some(a), Some(b)) => (a, b),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        };
        let digits = |chunk: &str| chunk.as_bytes().first().is_some_and(u8::is_ascii_digit);
        let order = if digits(a) && digits(b) { a.len().cmp(&b.len()).then_with(|| a.cmp(b)) } else { a.cmp(b) };
        if order != Ordering::Equal {
            return order;
        }
    }
}

/// Runs of digits, and of what is between them.
fn chunks(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c: char| c.is_ascii_digit() != first.is_ascii_digit()).unwrap_or(rest.len());
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of AWS's page on `sort`.
    #[test]
    fn the_order_of_sort_is_aws_natural_order() {
        let expected = [
            "!:",
            "#",
            "*%04",
            "0#",
            "5A",
            "111A",
            "2345_",
            "@",
            "@_",
            "A",
            "A9876fghj",
            "a12345hfh",
            "0",
            "01",
            "1",
            "2",
            "3",
        ];
        let mut values: Vec<_> = expected.iter().map(Value::text).collect();
        values.reverse();
        values.sort_by(natural);
        let mut shown: Vec<_> = values.iter().filter_map(Value::shown).collect();
        // Equal numbers may come in any order.
        if shown[12] == "0" || shown[12] == "01" {
            shown[12..14].sort();
        }
        assert_eq!(shown[..12], expected[..12]);
        assert_eq!(shown.iter().map(|text| numeric(text)).collect::<Vec<_>>()[12..].len(), 5);
    }

    #[test]
    fn missing_values_sort_first() {
        let mut values = [Value::text("a"), Value::Null, Value::Number(1.0)];
        values.sort_by(natural);
        assert!(values[0].is_null());
    }

    #[test]
    fn computed_numbers_are_rounded_where_nothing_is_lost_that_matters() {
        for (number, text) in [
            (1.0, "1"),
            (-3.0, "-3"),
            (-0.0, "0"),
            (-10.0, "-10"),
            (122.070_312_5, "122.0703"),
            (0.5, "0.5"),
            (0.000_123_456, "0.0001235"),
            (1.0 / 3.0, "0.3333"),
            (1e18, "1E18"),
        ] {
            assert_eq!(number_text(number), text, "{number}");
        }
    }

    #[test]
    fn numbers_compare_as_numbers_and_text_as_text() {
        assert!(Value::text("200").equals(&Value::Number(200.0)));
        assert!(Value::text("9").compare(&Value::text("10")) == Some(Ordering::Less));
        assert!(Value::text("b").compare(&Value::text("a")) == Some(Ordering::Greater));
        assert!(Value::Bool(true).equals(&Value::text("true")) && Value::Bool(true).equals(&Value::Number(1.0)));
        assert!(!Value::Null.equals(&Value::Null));
        assert!(numeric("1-2").is_none() && numeric("inf").is_none() && numeric("1e3") == Some(1000.0));
    }
}
