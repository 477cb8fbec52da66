//! Templates: one scenario for each alarm whose key or name matches.

use alarms::{catalogue::Alarm, model::Comparison};

use super::form::Entry;
use crate::sources::Group;

/// The scenarios that a template makes: its texts with `{alarm}`, `{threshold}`, `{breaching}`, `{fine}` and `{n}` filled for each alarm
/// that `pattern` matches.
pub(super) fn expand(template: &Entry, pattern: &str, group: &Group) -> Vec<Entry> {
    let matching = group.catalogue.alarms().filter(|alarm| glob(pattern, alarm.key()) || glob(pattern, alarm.name()));
    let fill = |alarm| {
        let words = words(alarm);
        template.map(&|text| words.iter().fold(text.to_owned(), |text, (word, by)| text.replace(word, by)))
    };
    matching.map(fill).collect()
}

fn words(alarm: Alarm<'_>) -> Vec<(&'static str, String)> {
    let mut words = vec![("{alarm}", alarm.key().to_owned())];
    if let Alarm::Metric(metric) = alarm {
        let spec = &metric.spec;
        let (breaching, fine) = around(spec.comparison, spec.threshold);
        words.extend([
            ("{threshold}", spec.threshold.to_string()),
            ("{breaching}", breaching.to_string()),
            ("{fine}", fine.to_string()),
            ("{n}", spec.evaluation_periods.to_string()),
        ]);
    }
    words
}

/// A value that breaches a threshold, and one that does not, neither of them on it.
pub(crate) fn around(comparison: Comparison, threshold: f64) -> (f64, f64) {
    let distance = (threshold.abs() * 0.5).max(1.0);
    let (above, below) = (threshold + distance, threshold - distance);
    match comparison {
        Comparison::GreaterThanThreshold | Comparison::GreaterThanOrEqualToThreshold => (above, below),
        Comparison::LessThanThreshold | Comparison::LessThanOrEqualToThreshold => (below, above),
    }
}

/// Whether a text is as a pattern says, in which `*` stands for any text and `?` for one character.
pub fn glob(pattern: &str, text: &str) -> bool {
    let (pattern, text): (Vec<char>, Vec<char>) = (pattern.chars().collect(), text.chars().collect());
    let (mut p, mut t) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(c) if *c == '?' || *c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    p = at + 1;
                    t = from + 1;
                    star = Some((at, t));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs() {
        for (pattern, text, matches) in [
            ("*", "", true),
            ("*-errors", "a-errors", true),
            ("*-errors", "a-errors-b", false),
            ("a?c*", "abcd", true),
            ("*a*b", "xaxxb", true),
            ("", "a", false),
        ] {
            assert_eq!(glob(pattern, text), matches, "{pattern} {text}");
        }
        assert!(!glob(&"*a".repeat(40), &"a".repeat(39)));
    }
}
