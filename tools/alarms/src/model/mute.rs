use jiff::{SignedDuration, Timestamp, ToSpan, Zoned, civil, tz::TimeZone};

use super::EpochSeconds;

/// An alarm mute rule: while one of its windows is open, the actions of its alarms don't run; what is still in the state when the
/// window closes acts then.
#[derive(Clone, Debug, PartialEq)]
pub struct MuteRule {
    /// `Name`.
    pub name: String,
    /// `MuteTargets.AlarmNames`: names or ARNs.
    pub targets: Vec<String>,
    /// When windows open.
    pub schedule: Schedule,
    /// The clock the schedule is read on; UTC when the rule names none.
    pub zone: TimeZone,
    /// How long a window is open, in seconds.
    pub duration_s: i64,
    /// `StartDate`: no window opens before.
    pub from: Option<EpochSeconds>,
    /// `ExpireDate`: no window opens afterwards.
    pub until: Option<EpochSeconds>,
}

/// When the windows of a mute rule open.
#[derive(Clone, Debug, PartialEq)]
pub enum Schedule {
    /// `at(2026-01-05T10:00)`: once.
    At(civil::DateTime),
    /// `cron(0 2 * * SUN)`: minute, hour, day of the month, month, day of the week, each as the set of its values.
    Cron(Box<Cron>),
}

/// The five fields of a cron expression, as bits by value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cron {
    minutes: u64,
    hours: u64,
    days: u64,
    months: u64,
    weekdays: u64,
    /// Both fields restrict: a day counts when either matches, as in every cron.
    either_day: bool,
}

impl Schedule {
    /// Reads `cron(...)` with five fields, or `at(yyyy-MM-ddThh:mm)`.
    ///
    /// # Errors
    /// When it is neither, or a field has no such value.
    pub fn parse(text: &str) -> Result<Self, String> {
        let inside = |head: &str| text.trim().strip_prefix(head)?.strip_suffix(')');
        if let Some(at) = inside("at(") {
            let at = at.parse::<civil::DateTime>().map_err(|error| format!("schedule `{text}`: {error}"))?;
            return Ok(Schedule::At(at));
        }
        let Some(fields) = inside("cron(") else {
            return Err(format!("schedule `{text}`: `cron(...)` or `at(...)` was expected"));
        };
        let fields: Vec<&str> = fields.split_whitespace().collect();
        let [minutes, hours, days, months, weekdays] = fields[..] else {
            return Err(format!("schedule `{text}`: five fields were expected, not {}", fields.len()));
        };
        let bits = |field: &str, low: u32, high: u32, names: &[&str]| {
            field_bits(field, low, high, names).ok_or_else(|| format!("schedule `{text}`: `{field}` is no such field"))
        };
        let star = |field: &str| matches!(field, "*" | "?");
        Ok(Schedule::Cron(Box::new(Cron {
            minutes: bits(minutes, 0, 59, &[])?,
            hours: bits(hours, 0, 23, &[])?,
            days: bits(days, 1, 31, &[])?,
            months: bits(months, 1, 12, &MONTHS)?,
            weekdays: {
                // 7 is Sunday too.
                let bits = bits(weekdays, 0, 7, &WEEKDAYS)?;
                bits | u64::from(bits >> 7 & 1 == 1)
            },
            either_day: !star(days) && !star(weekdays),
        })))
    }
}

const MONTHS: [&str; 13] = ["", "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: [&str; 7] = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

fn field_bits(field: &str, low: u32, high: u32, names: &[&str]) -> Option<u64> {
    let value = |text: &str| -> Option<u32> {
        let named = names.iter().position(|name| !name.is_empty() && name.eq_ignore_ascii_case(text));
        let value = named.and_then(|at| u32::try_from(at).ok()).or_else(|| text.parse().ok())?;
        (low..=high).contains(&value).then_some(value)
    };
    let mut bits = 0;
    for part in field.split(',') {
        let (range, step) = match part.split_once('/') {
            Some((range, step)) => (range, step.parse::<u32>().ok().filter(|step| *step > 0)?),
            None => (part, 1),
        };
        let (from, to) = match range {
            "*" | "?" => (low, high),
            range => match range.split_once('-') {
                Some((from, to)) => (value(from)?, value(to)?),
                // `5/10` runs on to the end.
                None if part.contains('/') => (value(range)?, high),
                None => (value(range)?, value(range)?),
            },
        };
        if from > to {
            return None;
        }
        let mut at = from;
        while at <= to {
            bits |= 1 << at;
            at += step;
        }
    }
    Some(bits)
}

impl Cron {
    fn opens(&self, at: &Zoned) -> bool {
        let has = |bits: u64, value: i8| bits >> value & 1 == 1;
        let day = has(self.days, at.day());
        let weekday = has(self.weekdays, at.weekday().to_sunday_zero_offset());
        let on_day = if self.either_day { day || weekday } else { day && weekday };
        has(self.minutes, at.minute()) && has(self.hours, at.hour()) && has(self.months, at.month()) && on_day
    }
}

impl MuteRule {
    /// The longest window that is looked for: CloudWatch's limit, 15 days.
    const LONGEST_S: i64 = 15 * 86_400;

    /// When the window that is open at `now` closes; `None` when none is.
    pub fn open_until(&self, now: EpochSeconds) -> Option<EpochSeconds> {
        let allowed =
            |start: i64| self.from.is_none_or(|from| start >= from) && self.until.is_none_or(|until| start < until);
        let length = self.duration_s.clamp(0, Self::LONGEST_S);
        match &self.schedule {
            Schedule::At(at) => {
                let start = at.to_zoned(self.zone.clone()).ok()?.timestamp().as_second();
                let end = start.saturating_add(length);
                (allowed(start) && (start..end).contains(&now)).then_some(end)
            }
            Schedule::Cron(cron) => {
                let minute = now.div_euclid(60) * 60;
                let mut at = Timestamp::from_second(minute).ok()?.to_zoned(self.zone.clone());
                let mut left = length;
                // The latest window that opened counts; whole days without one are skipped.
                while left > 0 {
                    let start = at.timestamp().as_second();
                    if cron.opens(&at) && start > now - length && allowed(start) {
                        return Some(start + length);
                    }
                    let step = if cron.hours >> at.hour() & 1 == 1 { 1 } else { i64::from(at.minute()) + 1 };
                    at = at.checked_sub(step.minutes()).ok()?;
                    left -= SignedDuration::from_mins(step).as_secs();
                }
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_second()
    }

    fn rule(schedule: &str, zone: &str, duration_s: i64) -> MuteRule {
        MuteRule {
            name: "m".into(),
            targets: vec!["a".into()],
            schedule: Schedule::parse(schedule).unwrap(),
            zone: TimeZone::get(zone).unwrap(),
            duration_s,
            from: None,
            until: None,
        }
    }

    #[test]
    fn a_weekly_window_is_open_for_its_duration_on_its_zones_clock() {
        let rule = rule("cron(30 2 * * SUN)", "Europe/Berlin", 3_600);
        // 2026-01-04 is a Sunday; Berlin is an hour ahead.
        assert_eq!(rule.open_until(at("2026-01-04T01:29:59Z")), None);
        assert_eq!(rule.open_until(at("2026-01-04T01:30:00Z")), Some(at("2026-01-04T02:30:00Z")));
        assert_eq!(rule.open_until(at("2026-01-04T02:29:59Z")), Some(at("2026-01-04T02:30:00Z")));
        assert_eq!(rule.open_until(at("2026-01-04T02:30:00Z")), None);
        assert_eq!(rule.open_until(at("2026-01-05T01:45:00Z")), None);
    }

    #[test]
    fn one_window_and_limits() {
        let mut once = rule("at(2026-01-05T10:00)", "UTC", 600);
        assert_eq!(once.open_until(at("2026-01-05T10:05:00Z")), Some(at("2026-01-05T10:10:00Z")));
        once.until = Some(at("2026-01-05T10:00:00Z"));
        assert_eq!(once.open_until(at("2026-01-05T10:05:00Z")), None);
        let long = rule("cron(0 0 1,15 * ?)", "UTC", 86_400 * 2);
        assert_eq!(long.open_until(at("2026-01-16T23:59:00Z")), Some(at("2026-01-17T00:00:00Z")));
        assert_eq!(long.open_until(at("2026-01-20T00:00:00Z")), None);
    }

    #[test]
    fn fields_have_lists_ranges_steps_and_names() {
        assert_eq!(field_bits("1-3,10/20", 0, 59, &[]), Some(1 << 1 | 1 << 2 | 1 << 3 | 1 << 10 | 1 << 30 | 1 << 50));
        assert_eq!(field_bits("mon-wed", 0, 7, &WEEKDAYS), Some(0b1110));
        for text in [
            "cron(60 * * * *)",
            "cron(* * * *)",
            "rate(5 minutes)",
            "cron(5-1 * * * *)",
            "cron(*/0 * * * *)",
            "at(soon)",
        ] {
            assert!(Schedule::parse(text).is_err(), "{text}");
        }
    }
}
