use jiff::tz::{Offset, TimeZone};

/// Which periods an evaluation looks at (`EvaluationWindow`).
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Window {
    /// Periods end at the minute of the evaluation. CloudWatch's default.
    #[default]
    Sliding,
    /// Periods are aligned to the clock of a time zone; the last completed ones count.
    WallClock(TimeZone),
}

impl Window {
    /// Aligned to the clock of a zone: its name (`Europe/Berlin`), or an offset from UTC (`+05:30`, `UTC+05:30`).
    ///
    /// # Errors
    /// When there is no such zone.
    pub fn wall_clock(zone: &str) -> Result<Self, String> {
        let offset = zone.strip_prefix("UTC").unwrap_or(zone);
        let found = fixed_offset(offset).map_or_else(|| TimeZone::get(zone), Ok);
        found.map(Window::WallClock).map_err(|error| format!("time zone: {error}"))
    }
}

/// `+05:30`, `-0800`.
fn fixed_offset(text: &str) -> Option<TimeZone> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let digits: String = rest.chars().filter(|c| *c != ':').collect();
    let (hours, minutes) = digits.split_at_checked(2)?;
    let (hours, minutes): (i32, i32) = (hours.parse().ok()?, minutes.parse().ok()?);
    Some(TimeZone::fixed(Offset::from_seconds(sign * (hours * 3_600 + minutes * 60)).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn zones_have_names_or_offsets() {
        let seconds = |zone: &str| match Window::wall_clock(zone) {
            Ok(Window::WallClock(zone)) => Some(zone.to_offset(jiff::Timestamp::UNIX_EPOCH).seconds()),
            _ => None,
        };
        assert_eq!(seconds("UTC"), Some(0));
        assert_eq!(seconds("Asia/Kolkata"), Some(19_800));
        for text in ["+05:30", "+0530", "UTC+05:30"] {
            assert_eq!(seconds(text), Some(19_800), "{text}");
        }
        assert_eq!(seconds("UTC-08:00"), Some(-28_800));
        for text in ["Mars/Olympus", "UTC+", "+5", ""] {
            assert_eq!(seconds(text), None, "{text}");
        }
    }
}
