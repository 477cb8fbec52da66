//! Periods such as `5m`, and the moments that begin and end them.

use jiff::{
    Timestamp, ToSpan as _,
    civil::{Date, DateTime, Time},
    tz::TimeZone,
};

/// A number and a unit. AWS caps the number by the unit: `bin(300s)` is `bin(60s)`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Period {
    /// A fixed length.
    Milliseconds(i64),
    /// From Monday on.
    Weeks(i64),
    /// Quarters are three, years twelve.
    Months(i64),
}

const SECOND: i64 = 1000;
const MINUTE: i64 = 60 * SECOND;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

impl Period {
    /// Reads `5m`, `2 hrs` without the space, `1mo`.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (number, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
        let number: i64 = number.parse().ok().filter(|n| (1..=100_000).contains(n))?;
        let unit = unit.to_ascii_lowercase();
        let singular = unit.strip_suffix('s').filter(|one| one.len() > 1 && *one != "m").unwrap_or(&unit);
        let fixed = |cap: i64, unit: i64| Self::Milliseconds(number.min(cap) * unit);
        Some(match singular {
            "ms" | "msec" | "millisecond" => fixed(1000, 1),
            "s" | "sec" | "second" => fixed(60, SECOND),
            "m" | "min" | "minute" => fixed(60, MINUTE),
            "h" | "hr" | "hour" => fixed(24, HOUR),
            "d" | "day" => fixed(i64::MAX, DAY),
            "w" | "week" => Self::Weeks(number),
            "mo" | "mon" | "month" => Self::Months(number),
            "q" | "qtr" | "quarter" => Self::Months(number * 3),
            "y" | "yr" | "year" => Self::Months(number * 12),
            _ => return None,
        })
    }

    /// The beginning of the period that a moment is in.
    pub(crate) fn floor(self, at: i64) -> i64 {
        match self {
            Self::Milliseconds(length) => at.div_euclid(length) * length,
            Self::Weeks(weeks) => {
                // 1970-01-05 was the first Monday of the epoch.
                let (first, length) = (4 * DAY, weeks * 7 * DAY);
                (at - first).div_euclid(length) * length + first
            }
            Self::Months(length) => {
                let Some(date) = date(at) else { return at };
                let month = (i64::from(date.year()) * 12 + i64::from(date.month()) - 1).div_euclid(length) * length;
                month_start(month).unwrap_or(at)
            }
        }
    }

    /// The first beginning that is not before a moment.
    pub(crate) fn ceil(self, at: i64) -> i64 {
        let floor = self.floor(at);
        if floor == at {
            return at;
        }
        match self {
            Self::Milliseconds(length) => floor + length,
            Self::Weeks(weeks) => floor + weeks * 7 * DAY,
            Self::Months(length) => date(floor)
                .and_then(|date| date.checked_add(i32::try_from(length).unwrap_or(i32::MAX).months()).ok())
                .and_then(start_of)
                .unwrap_or(at),
        }
    }
}

fn date(at: i64) -> Option<Date> {
    Some(Timestamp::from_millisecond(at).ok()?.to_zoned(TimeZone::UTC).date())
}

fn month_start(month: i64) -> Option<i64> {
    let (year, month) = (i16::try_from(month.div_euclid(12)).ok()?, i8::try_from(month.rem_euclid(12) + 1).ok()?);
    start_of(Date::new(year, month, 1).ok()?)
}

fn start_of(date: Date) -> Option<i64> {
    let midnight = DateTime::from_parts(date, Time::midnight());
    Some(midnight.to_zoned(TimeZone::UTC).ok()?.timestamp().as_millisecond())
}

#[cfg(test)]
mod tests {
    use jiff::civil::Weekday;

    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn every_unit_begins_where_its_calendar_does() {
        let moment = at("2024-08-15T13:47:31.250Z");
        for (period, floor, ceil) in [
            ("100ms", "2024-08-15T13:47:31.200Z", "2024-08-15T13:47:31.300Z"),
            ("30s", "2024-08-15T13:47:30Z", "2024-08-15T13:48:00Z"),
            ("5m", "2024-08-15T13:45:00Z", "2024-08-15T13:50:00Z"),
            ("1hr", "2024-08-15T13:00:00Z", "2024-08-15T14:00:00Z"),
            ("2hrs", "2024-08-15T12:00:00Z", "2024-08-15T14:00:00Z"),
            ("1d", "2024-08-15T00:00:00Z", "2024-08-16T00:00:00Z"),
            ("1w", "2024-08-12T00:00:00Z", "2024-08-19T00:00:00Z"),
            ("1mo", "2024-08-01T00:00:00Z", "2024-09-01T00:00:00Z"),
            ("1q", "2024-07-01T00:00:00Z", "2024-10-01T00:00:00Z"),
            ("1y", "2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
        ] {
            let parsed = Period::parse(period).unwrap();
            assert_eq!((parsed.floor(moment), parsed.ceil(moment)), (at(floor), at(ceil)), "{period}");
            assert_eq!(parsed.ceil(at(floor)), at(floor), "{period}");
        }
        let monday = at("2024-08-12T00:00:00Z");
        let date = Timestamp::from_millisecond(monday).unwrap().to_zoned(TimeZone::UTC).date();
        assert_eq!(date.weekday(), Weekday::Monday);
    }

    #[test]
    fn a_number_over_its_units_cap_is_the_cap() {
        assert_eq!(Period::parse("300s"), Period::parse("60s"));
        assert_eq!(Period::parse("90m"), Period::parse("60m"));
        assert_eq!(Period::parse("48h"), Period::parse("24h"));
        for wrong in ["", "m", "5", "5x", "0m", "-5m", "5 m"] {
            assert_eq!(Period::parse(wrong), None, "{wrong}");
        }
    }
}
