//! Which periods an evaluation at a given moment looks at.

use cloudwatch::math::Slot;
use jiff::{Span, Timestamp, ToSpan, Zoned, tz::TimeZone};

use super::options::{Alignment, Options};
use crate::model::{EpochSeconds, MetricAlarm, Window};

/// Seconds between two evaluations of an alarm whose window is at most a day.
pub(super) fn interval(alarm: &MetricAlarm) -> i64 {
    if alarm.spec.period < 60 { 10 } else { 60 }
}

/// Whether an alarm is evaluated at `now` (a multiple of ten seconds).
pub(super) fn is_due(alarm: &MetricAlarm, now: EpochSeconds, options: &Options) -> bool {
    if alarm.is_hourly() {
        now.rem_euclid(3_600) == i64::from(options.hourly_minute) * 60
    } else {
        now.rem_euclid(interval(alarm)) == 0
    }
}

/// The evaluation range: how many periods are fetched.
pub(super) fn range_of(alarm: &MetricAlarm, options: &Options) -> usize {
    let n = alarm.spec.evaluation_periods as usize;
    match alarm.spec.window {
        Window::Sliding => n + options.range_beyond_n,
        // Documented: exactly N.
        Window::WallClock(_) => n,
    }
}

/// The end of the newest period of a sliding window.
pub(super) fn sliding_end(alarm: &MetricAlarm, now: EpochSeconds, options: &Options) -> EpochSeconds {
    let step = step_of_ends(alarm, options);
    now.div_euclid(step) * step
}

/// What the ends of sliding windows are multiples of; a period is a multiple of it.
pub(super) fn step_of_ends(alarm: &MetricAlarm, options: &Options) -> i64 {
    match options.alignment {
        Alignment::Period => alarm.spec.period,
        Alignment::Minute if alarm.is_hourly() => 3_600,
        Alignment::Minute => interval(alarm),
    }
}

/// The periods of an evaluation, oldest first.
pub(super) fn slots(alarm: &MetricAlarm, now: EpochSeconds, options: &Options) -> Vec<Slot> {
    let count = range_of(alarm, options);
    let period = alarm.spec.period;
    match &alarm.spec.window {
        Window::Sliding => {
            let end = sliding_end(alarm, now, options);
            (0..count as i64)
                .rev()
                .map(|back| {
                    let end = end - back * period;
                    Slot { start: end - period, end }
                })
                .collect()
        }
        Window::WallClock(zone) => wall_clock(zone, period, now, count).unwrap_or_default(),
    }
}

/// The last completed periods on a wall clock; days and weeks follow the zone's daylight saving.
fn wall_clock(zone: &TimeZone, period: i64, now: EpochSeconds, count: usize) -> Option<Vec<Slot>> {
    let local = Timestamp::from_second(now).ok()?.to_zoned(zone.clone());
    let (latest, step): (Zoned, Span) = match period {
        604_800 => {
            let days = i32::from(local.weekday().to_monday_zero_offset());
            (local.start_of_day().ok()?.checked_sub(days.days()).ok()?, 7.days())
        }
        86_400 => (local.start_of_day().ok()?, 1.day()),
        _ => {
            // An hour of the local clock: offsets are multiples of five minutes.
            let offset = i64::from(local.offset().seconds());
            let floor = (now + offset).div_euclid(period) * period - offset;
            let latest = Timestamp::from_second(floor).ok()?.to_zoned(zone.clone());
            (latest, period.seconds())
        }
    };
    let mut boundaries = vec![latest.timestamp().as_second()];
    let mut boundary = latest;
    for _ in 0..count {
        boundary = boundary.checked_sub(step).ok()?;
        boundaries.push(boundary.timestamp().as_second());
    }
    boundaries.reverse();
    let pairs = boundaries.windows(2);
    Some(
        pairs
            .filter_map(|pair| match pair {
                [start, end] => Some(Slot { start: *start, end: *end }),
                _ => None,
            })
            .collect(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn starts(zone: &str, period: i64, now: &str, count: usize) -> Vec<String> {
        let zone = TimeZone::get(zone).unwrap();
        wall_clock(&zone, period, at(now), count)
            .unwrap()
            .iter()
            .map(|slot| Timestamp::from_second(slot.start).unwrap().to_string())
            .collect()
    }

    #[test]
    fn an_hour_starts_on_the_hour_of_the_zone() {
        assert_eq!(
            starts("Asia/Kolkata", 3_600, "2026-01-01T10:45:00Z", 2),
            ["2026-01-01T08:30:00Z", "2026-01-01T09:30:00Z"]
        );
    }

    #[test]
    fn a_day_follows_daylight_saving() {
        // 2026-03-29 has 23 hours in Berlin.
        assert_eq!(
            starts("Europe/Berlin", 86_400, "2026-03-30T12:00:00Z", 2),
            ["2026-03-27T23:00:00Z", "2026-03-28T23:00:00Z"]
        );
    }

    #[test]
    fn a_week_starts_on_monday() {
        assert_eq!(starts("UTC", 604_800, "2026-01-08T12:00:00Z", 1), ["2025-12-29T00:00:00Z"]);
    }
}
