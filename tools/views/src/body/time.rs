//! `-PT3H` and ISO moments.

use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};

use super::BodyError;
use crate::data::Range;

const THREE_HOURS: i64 = 3 * 3600;

/// A moment in ISO 8601.
pub(crate) fn instant(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_second).or_else(|| {
        let civil: jiff::civil::DateTime = text.parse().ok()?;
        Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp().as_second())
    })
}

/// `-PT3H` or `PT3H`, in seconds.
fn duration(text: &str) -> Option<i64> {
    let text = text.strip_prefix('-').unwrap_or(text);
    let span: Span = text.starts_with('P').then(|| text.parse().ok())??;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours());
    // Months have no length of their own: thirty days, as the console's presets have it.
    let length = length.or_else(|_| {
        let days = i64::from(span.get_years()) * 365 + i64::from(span.get_months()) * 30;
        let rest = span.years(0).months(0).to_duration(jiff::SpanRelativeTo::days_are_24_hours());
        rest.map(|rest| rest + SignedDuration::from_hours(days * 24))
    });
    length.ok().map(|length| length.as_secs()).filter(|seconds| *seconds > 0)
}

pub(super) fn check(text: Option<&str>, path: &str) -> Result<(), BodyError> {
    match text {
        Some(text) if duration(text).is_none() && instant(text).is_none() => {
            Err(BodyError::new(path, format!("{text:?} is no time such as -PT3H or 2024-08-15T13:45:00Z")))
        }
        _ => Ok(()),
    }
}

pub(crate) fn range(start: Option<&str>, end: Option<&str>, now: i64) -> Range {
    let end = end.and_then(instant).unwrap_or(now);
    let start = start.map_or(end - THREE_HOURS, |start| {
        duration(start).map(|length| end - length).or_else(|| instant(start)).unwrap_or(end - THREE_HOURS)
    });
    Range { start: start.min(end - 60), end }
}

/// `+0130`, in seconds.
pub(crate) fn zone(text: &str) -> Option<i64> {
    let (sign, digits) = match text.split_at_checked(1)? {
        ("+", digits) => (1, digits),
        ("-", digits) => (-1, digits),
        _ => return None,
    };
    let digits = digits.replace(':', "");
    let (hours, minutes) = digits.split_at_checked(2).filter(|(_, minutes)| minutes.len() == 2)?;
    let (hours, minutes): (i64, i64) = (hours.parse().ok()?, minutes.parse().ok()?);
    (hours <= 14 && minutes < 60).then_some(sign * (hours * 3600 + minutes * 60))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_and_absolute_times_are_read() {
        let now = 1_700_000_000;
        let length = |start: &str| now - range(Some(start), None, now).start;
        assert_eq!(length("-PT5M"), 300);
        assert_eq!(length("-PT3H"), 10_800);
        assert_eq!(length("-P7D"), 7 * 86_400);
        assert_eq!(length("-P1M"), 30 * 86_400);
        let fixed = range(Some("2023-11-14T20:00:00Z"), Some("2023-11-14T21:00:00.000Z"), now);
        assert_eq!(fixed.end - fixed.start, 3600);
        assert_eq!(zone("+0130"), Some(5400));
        assert_eq!(zone("-0800"), Some(-28_800));
        assert!(zone("0130").is_none() && zone("+9").is_none());
        assert!(check(Some("yesterday"), "start").is_err());
    }
}
