//! Results for people: a table and a picture.

mod layers;
mod picture;
mod table;

pub(crate) use picture::svg;
pub(crate) use table::{comparison, fates, markdown};

use crate::goals::Judged;

/// A number of microseconds as milliseconds or microseconds, with as many digits as mean something.
pub(crate) fn time(us: f64) -> String {
    match us {
        us if us >= 100_000.0 => format!("{:.0} ms", us / 1000.0),
        us if us >= 1_000.0 => format!("{:.1} ms", us / 1000.0),
        us => format!("{us:.0} µs"),
    }
}

/// With commas between thousands.
pub(crate) fn number(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut out = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place) % 3 == 0 && digit.is_ascii_digit() && !out.ends_with('-') {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

pub(crate) fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

/// Each goal beside what was measured.
pub(crate) fn goals(judged: &[Judged]) -> String {
    let mut out = String::from("| goal | | measured | |\n| --- | ---: | ---: | --- |\n");
    for goal in judged {
        let digits = |value: f64| if goal.unit == "x" { format!("{value:.2}") } else { number(value) };
        let (sign, unit) = (if goal.is_most { "≤" } else { "≥" }, &goal.unit);
        let measured = goal.value.map_or_else(|| "-".to_owned(), |value| format!("{} {unit}", digits(value)));
        let verdict = match goal.is_met() {
            Some(true) => "met",
            Some(false) => "**missed**",
            None => "not measured",
        };
        out.push_str(&format!("| {} | {sign} {} {unit} | {measured} | {verdict} |\n", goal.what, digits(goal.bound)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_read_them() {
        assert_eq!([time(249.4), time(4_612.0), time(166_400.0)], ["249 µs", "4.6 ms", "166 ms"]);
        assert_eq!([number(7.0), number(640.0), number(1_234_567.0)], ["7", "640", "1,234,567"]);
    }
}
