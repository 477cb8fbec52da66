//! Axes: from values and moments to pixels, where the ticks are, and what they say.

use jiff::{
    Timestamp,
    tz::{Offset, TimeZone},
};

/// From a domain to pixels.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scale {
    pub(crate) domain: (f64, f64),
    pub(crate) pixels: (f64, f64),
}

impl Scale {
    pub(crate) fn at(&self, value: f64) -> f64 {
        let span = self.domain.1 - self.domain.0;
        let share = if span == 0.0 { 0.5 } else { (value - self.domain.0) / span };
        self.pixels.0 + share * (self.pixels.1 - self.pixels.0)
    }

    /// Within the axis, however far the value is.
    pub(crate) fn clamped(&self, value: f64) -> f64 {
        let (low, high) = (self.domain.0.min(self.domain.1), self.domain.0.max(self.domain.1));
        self.at(value.clamp(low, high))
    }
}

/// Round values that hold all of `low..=high`, and their ticks. A bound that is fixed stays where it is.
pub(crate) fn value_axis(low: f64, high: f64, fixed: (Option<f64>, Option<f64>), ticks: f64) -> ((f64, f64), Vec<f64>) {
    let (mut low, mut high) = (fixed.0.unwrap_or(low), fixed.1.unwrap_or(high));
    if !(low.is_finite() && high.is_finite()) {
        (low, high) = (0.0, 1.0);
    }
    if high <= low {
        let room = if low == 0.0 { 1.0 } else { low.abs() * 0.1 };
        match fixed {
            (Some(_), _) => high = low + room,
            (None, Some(_)) => low = high - room,
            // A line along the bottom is still a line: room above it, and below unless it is at zero.
            (None, None) if low == 0.0 => high = room,
            (None, None) => (low, high) = (low - room, high + room),
        }
    }
    let step = nice_step((high - low) / ticks.max(1.0));
    if fixed.0.is_none() {
        low = (low / step).floor() * step;
    }
    if fixed.1.is_none() {
        high = (high / step).ceil() * step;
    }
    let first = (low / step - 1e-9).ceil();
    let mut values = Vec::new();
    for index in 0..100 {
        let value = (first + f64::from(index)) * step;
        if value > high + step * 1e-9 {
            break;
        }
        // -0 is 0.
        values.push(value + 0.0);
    }
    ((low, high), values)
}

/// 1, 2, 2.5 or 5 times a power of ten.
fn nice_step(rough: f64) -> f64 {
    let power = 10f64.powf(rough.log10().floor());
    let share = rough / power;
    let nice = [1.0, 2.0, 2.5, 5.0, 10.0].into_iter().find(|nice| share <= nice * (1.0 + 1e-9)).unwrap_or(10.0);
    nice * power
}

const UNITS: [(f64, &str); 4] = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")];

/// A tick's text: `1.5k`. All ticks of an axis have as many decimals as their step needs.
pub(crate) fn tick_text(value: f64, ticks: &[f64]) -> String {
    let largest = ticks.iter().fold(0.0f64, |largest, tick| largest.max(tick.abs()));
    let (unit, letter) = UNITS.into_iter().find(|(unit, _)| largest >= *unit).unwrap_or((1.0, ""));
    let step = match ticks {
        [a, b, ..] => (b - a).abs() / unit,
        _ => 1.0,
    };
    let decimals = (0..9).find(|decimals| {
        let scaled = step * 10f64.powi(*decimals);
        (scaled - scaled.round()).abs() < 1e-6
    });
    let decimals = usize::try_from(decimals.unwrap_or(9)).unwrap_or(9);
    let text = format!("{:.decimals$}", value / unit);
    if value == 0.0 { "0".into() } else { format!("{text}{letter}") }
}

/// A value in a legend, a tile or a table: at most four digits that say something.
pub(crate) fn value_text(value: f64) -> String {
    let size = value.abs();
    let (unit, letter) = UNITS.into_iter().find(|(unit, _)| size >= *unit * 10.0).unwrap_or((1.0, ""));
    format!("{}{letter}", exact_text(value / unit, 3))
}

/// In full, with at most so many decimals; more for what would be nothing with them.
pub(crate) fn exact_text(value: f64, decimals: usize) -> String {
    if value == 0.0 || !value.is_finite() {
        return if value == 0.0 { "0".into() } else { "–".into() };
    }
    let size = value.abs();
    let decimals = if size >= 100.0 {
        decimals.min(1)
    } else if size >= 10.0 {
        decimals.min(2)
    } else {
        decimals
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 20")]
    let leading = (-size.log10()).floor().clamp(0.0, 16.0) as usize;
    let text = format!("{value:.*}", decimals + leading);
    if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.').to_owned() } else { text }
}

/// Steps of a time axis, in seconds.
const STEPS: [i64; 18] = [
    1, 5, 15, 30, 60, 300, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 1_209_600,
    2_592_000,
];

/// The ticks of a time axis: the moments and their texts. `offset` is the zone's, in seconds.
pub(crate) fn time_axis(start: i64, end: i64, most: f64, offset: i64) -> Vec<(i64, String)> {
    let span = (end - start).max(1);
    #[expect(clippy::cast_precision_loss, reason = "seconds of any range are small")]
    let step = STEPS.into_iter().find(|step| (span as f64) / (*step as f64) <= most).unwrap_or(31_536_000);
    let first = (start + offset).div_euclid(step) * step - offset;
    let mut ticks: Vec<(i64, String)> = Vec::new();
    let mut at = if first < start { first + step } else { first };
    while at <= end {
        let zoned = moment(at, offset);
        let midnight = (at + offset).rem_euclid(86_400) == 0;
        let format = if step >= 86_400 || midnight {
            "%b %d"
        } else if step < 60 {
            "%H:%M:%S"
        } else {
            "%H:%M"
        };
        ticks.push((at, zoned.strftime(format).to_string()));
        at += step;
    }
    ticks
}

pub(crate) fn moment(at: i64, offset: i64) -> jiff::Zoned {
    let offset = i32::try_from(offset).ok().and_then(|offset| Offset::from_seconds(offset).ok()).unwrap_or(Offset::UTC);
    Timestamp::from_second(at).unwrap_or(Timestamp::UNIX_EPOCH).to_zoned(TimeZone::fixed(offset))
}

/// `2024-08-15 13:45`.
pub(crate) fn minute_text(at: i64, offset: i64) -> String {
    moment(at, offset).strftime("%Y-%m-%d %H:%M").to_string()
}

/// How wide a text is in a sans-serif font, rather too wide than too narrow.
pub(crate) fn text_width(text: &str, size: f64) -> f64 {
    let em: f64 = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | '\'' | '|' | '.' | ',' | ':' | ';' | '!' => 0.3,
            'f' | 't' | 'r' | 'I' | '(' | ')' | '[' | ']' | '/' | ' ' | '-' => 0.38,
            'm' | 'w' | 'M' | 'W' | '@' | '%' => 0.92,
            'A'..='Z' | '&' => 0.7,
            c if c.is_ascii() => 0.59,
            // East Asian wide characters take a whole square.
            c if ('\u{1100}'..).contains(&c) && !('\u{2000}'..='\u{2bff}').contains(&c) => 1.05,
            _ => 0.75,
        })
        .sum();
    em * size
}

/// A text that is cut where it would not fit.
pub(crate) fn fitted(text: &str, size: f64, width: f64) -> String {
    if text_width(text, size) <= width {
        return text.to_owned();
    }
    let mut kept = String::new();
    for c in text.chars() {
        kept.push(c);
        if text_width(&kept, size) + size * 0.75 > width {
            kept.pop();
            break;
        }
    }
    format!("{}…", kept.trim_end())
}

/// Pixels in markup: one decimal is enough, and the same on every machine.
pub(crate) fn px(value: f64) -> String {
    let rounded = (value * 10.0).round() / 10.0 + 0.0;
    if rounded.fract() == 0.0 { format!("{rounded:.0}") } else { format!("{rounded:.1}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_is_round_and_holds_all_of_its_values() {
        for (low, high, domain, count) in [
            (0.0, 97.0, (0.0, 100.0), 5),
            (0.13, 0.94, (0.0, 1.0), 5),
            (0.0, 0.0, (0.0, 1.0), 5),
            (-3.0, 7.0, (-4.0, 8.0), 7),
            (5.0, 5.0, (4.4, 5.6), 6),
        ] {
            let (found, ticks) = value_axis(low, high, (None, None), 5.0);
            assert!((found.0 - domain.0).abs() < 1e-9 && (found.1 - domain.1).abs() < 1e-9, "{low}..{high}: {found:?}");
            assert!((count - 1..=count + 1).contains(&ticks.len()), "{low}..{high}: {ticks:?}");
        }
        let (domain, _) = value_axis(0.0, 97.0, (Some(10.0), Some(90.0)), 5.0);
        assert_eq!(domain, (10.0, 90.0));
    }

    #[test]
    fn ticks_are_short_and_agree_in_decimals() {
        let text = |ticks: &[f64]| ticks.iter().map(|tick| tick_text(*tick, ticks)).collect::<Vec<_>>();
        assert_eq!(text(&[0.0, 0.25, 0.5]), ["0", "0.25", "0.50"]);
        assert_eq!(text(&[0.0, 500.0, 1000.0, 1500.0]), ["0", "0.5k", "1.0k", "1.5k"]);
        assert_eq!(text(&[0.0, 20.0, 40.0]), ["0", "20", "40"]);
    }

    #[test]
    fn values_are_short_without_lying() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (12.345, "12.35"),
            (1234.5, "1234.5"),
            (12_345.6, "12.35k"),
            (0.000_12, "0.00012"),
            (-2.5, "-2.5"),
        ] {
            assert_eq!(value_text(value), text);
        }
    }

    #[test]
    fn time_ticks_are_round_in_their_zone() {
        let ticks = time_axis(1_723_730_000, 1_723_740_800, 6.0, 0);
        assert_eq!(
            ticks.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(),
            ["14:00", "14:30", "15:00", "15:30", "16:00", "16:30"]
        );
        let ticks = time_axis(1_723_730_000, 1_723_740_800, 6.0, 19_800);
        assert_eq!(ticks[0].1, "19:30");
    }
}
