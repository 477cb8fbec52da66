//! Durations and times for people, and back.

use jiff::{
    SignedDuration, Span, SpanRelativeTo, Timestamp,
    fmt::friendly::{Designator, Spacing, SpanPrinter},
};

const MINUTE: i64 = 60;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Spans are written one way.
const PRINTER: SpanPrinter = SpanPrinter::new().designator(Designator::Compact).spacing(Spacing::None);

/// A measured time: three digits that count, at most seven characters.
#[must_use]
pub fn took(ms: f64) -> String {
    match ms {
        ms if ms < 9.95 => format!("{ms:.1}ms"),
        ms if ms < 999.5 => format!("{ms:.0}ms"),
        ms if ms < 59_995.0 => format!("{:.2}s", ms / 1000.0),
        ms if ms < 3_599_500.0 => {
            let seconds = (ms / 1000.0).round();
            format!("{}m{:02}s", (seconds / 60.0).floor(), seconds % 60.0)
        }
        ms => {
            let minutes = (ms / 60_000.0).round();
            format!("{}h{:02}m", (minutes / 60.0).floor(), minutes % 60.0)
        }
    }
}

/// Seconds, exactly, as [`parse`] reads them: `90s` is `1m30s`.
#[must_use]
pub fn exact(seconds: i64) -> String {
    let rest = seconds.unsigned_abs();
    let part =
        |length: i64, of: i64| i64::try_from(rest / length.unsigned_abs() % of.unsigned_abs()).unwrap_or_default();
    let span = Span::new()
        .try_days(part(DAY, i64::MAX))
        .and_then(|span| span.try_hours(part(HOUR, 24)))
        .and_then(|span| span.try_minutes(part(MINUTE, 60)))
        .and_then(|span| span.try_seconds(part(1, 60)));
    let sign = if seconds < 0 { "-" } else { "" };
    match span {
        Ok(span) => format!("{sign}{}", PRINTER.span_to_string(&span)),
        // Beyond what a calendar holds.
        Err(_) => format!("{seconds}s"),
    }
}

/// Seconds in the two largest units: `13d5h`, `1m30s`.
#[must_use]
pub fn about(seconds: i64) -> String {
    let smallest = match seconds.abs() {
        s if s >= DAY => HOUR,
        s if s >= HOUR => MINUTE,
        _ => 1,
    };
    exact(seconds / smallest * smallest)
}

/// No span.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a time span: give numbers with d, h, m or s, such as 90s, 10m, 1h30m or 3d, up to 366d")]
pub struct NoSpan(String);

/// Reads a span such as `90s`, `8m`, `1h30m`, `3d`: seconds, not negative.
///
/// # Errors
/// When it is something else, or longer than a leap year.
pub fn parse(text: &str) -> Result<i64, NoSpan> {
    let wrong = || NoSpan(text.to_owned());
    let plain = |c: char| c.is_ascii_digit() || matches!(c, 'd' | 'h' | 'm' | 's');
    let text = text.trim();
    if !text.chars().all(plain) {
        return Err(wrong());
    }
    let span: Span = text.parse().map_err(|_| wrong())?;
    let duration = span.to_duration(SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    let seconds = duration.as_secs();
    if (0..=366 * DAY).contains(&seconds) { Ok(seconds) } else { Err(wrong()) }
}

/// [`parse`] for a command line's `--since`: at least a second.
///
/// # Errors
/// As [`parse`], and for no time at all.
pub fn since(text: &str) -> Result<SignedDuration, NoSpan> {
    match parse(text)? {
        0 => Err(NoSpan(text.to_owned())),
        seconds => Ok(SignedDuration::from_secs(seconds)),
    }
}

/// A time in UTC: `10:19:44Z` within a day of `now`, with its date otherwise.
#[must_use]
pub fn clock(at: Timestamp, now: Timestamp) -> String {
    let near = now.duration_since(at).abs() < SignedDuration::from_hours(24);
    at.strftime(if near { "%H:%M:%SZ" } else { "%Y-%m-%d %H:%M:%SZ" }).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn measured_times_keep_three_digits_and_seven_characters() {
        let cases = [
            (0.0, "0.0ms"),
            (9.94, "9.9ms"),
            (9.96, "10ms"),
            (999.4, "999ms"),
            (999.6, "1.00s"),
            (59_990.0, "59.99s"),
            (59_996.0, "1m00s"),
            (99_217.0, "1m39s"),
            (125_000.0, "2m05s"),
            (3_599_900.0, "1h00m"),
            (345_600_000.0, "96h00m"),
        ];
        for (ms, text) in cases {
            assert_eq!(took(ms), text);
        }
    }

    #[test]
    fn spans_read_back_as_written() {
        for seconds in [0, 1, 59, 60, 61, 90, 3_600, 5_400, DAY - 1, 3 * DAY, 13 * DAY + 5 * HOUR + 7, 366 * DAY] {
            assert_eq!(parse(&exact(seconds)), Ok(seconds), "{}", exact(seconds));
        }
        assert_eq!([0, 90, 5_400, -90].map(exact), ["0s", "1m30s", "1h30m", "-1m30s"]);
        assert_eq!(parse("90s"), Ok(90));
        assert_eq!(parse("0m"), Ok(0));
        for text in ["", "5", "m", "5x", "10w", "-1m", "99999999999999999999d", "367d", "1 h", "10é", "1.5h", "1y"] {
            assert!(parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_rough_span_has_two_units_at_most() {
        assert_eq!(
            [0, 59, 60, 61, 3600, 3661, 86_400 * 13 + 3600 * 5 + 7].map(about),
            ["0s", "59s", "1m", "1m1s", "1h", "1h1m", "13d5h"]
        );
    }

    #[test]
    fn since_is_at_least_a_second() {
        assert_eq!(since("1d").unwrap(), SignedDuration::from_hours(24));
        assert!(since("0s").unwrap_err().to_string().contains("such as 90s"));
    }

    #[test]
    fn a_time_has_its_date_when_it_is_far() {
        let at: Timestamp = "2026-11-25T10:19:44.9Z".parse().unwrap();
        assert_eq!(clock(at, at), "10:19:44Z");
        assert_eq!(clock(at, at + SignedDuration::from_hours(25)), "2026-11-25 10:19:44Z");
    }
}
