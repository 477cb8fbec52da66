//! Text that fits its columns.

use crate::model::Outcome;

/// Replaces what would steer the terminal instead of being shown.
pub(super) fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => ' ',
            c if c.is_control() || is_direction_mark(c) => '·',
            c => c,
        })
        .collect()
}

/// Marks that reorder what stands around them.
fn is_direction_mark(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// At most `width` characters, the last an ellipsis if some are left out.
pub(super) fn shorten(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(width.saturating_sub(1)).collect();
    if width > 0 {
        short.push('…');
    }
    short
}

/// Exactly `width` characters, from the left.
pub(super) fn fit(text: &str, width: usize) -> String {
    let text = shorten(text, width);
    let missing = width - text.chars().count();
    text + &" ".repeat(missing)
}

/// Exactly `width` characters, from the right.
pub(super) fn pad_left(text: &str, width: usize) -> String {
    let text = shorten(text, width);
    " ".repeat(width - text.chars().count()) + &text
}

/// Lines of at most `width` characters, broken at spaces where there are any.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let width = width.max(1);
    let mut lines = Vec::new();
    let mut rest: Vec<char> = text.chars().collect();
    while rest.len() > width {
        let cut = rest[..=width].iter().rposition(|c| *c == ' ').filter(|cut| *cut > 0);
        let tail = rest.split_off(cut.unwrap_or(width));
        lines.push(rest.iter().collect::<String>().trim_end().to_owned());
        rest = tail.into_iter().skip_while(|c| *c == ' ').collect();
    }
    if !rest.is_empty() || lines.is_empty() {
        lines.push(rest.into_iter().collect());
    }
    lines
}

/// Three digits that matter, at most seven characters.
pub(super) fn duration(ms: f64) -> String {
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

/// A time from the trace's start; a clock that runs behind gives a negative one.
pub(super) fn offset(ms: f64) -> String {
    if ms.abs() < 0.05 {
        return "+0".to_owned();
    }
    let sign = if ms < 0.0 { '-' } else { '+' };
    format!("{sign}{}", duration(ms.abs()))
}

/// Colours, or none.
#[derive(Debug, Clone, Copy)]
pub(super) struct Paint(pub(super) bool);

impl Paint {
    pub(super) fn outcome(self, outcome: Outcome, text: &str) -> String {
        let code = match outcome {
            Outcome::Ok => "32",
            Outcome::Error | Outcome::Throttle => "33",
            Outcome::Fault => "31",
            Outcome::InProgress => "36",
        };
        self.with(code, text)
    }

    pub(super) fn dim(self, text: &str) -> String {
        self.with("2", text)
    }

    fn with(self, code: &str, text: &str) -> String {
        if self.0 { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_keep_three_digits_and_seven_characters() {
        let cases = [
            (0.0, "0.0ms"),
            (9.94, "9.9ms"),
            (9.96, "10ms"),
            (999.4, "999ms"),
            (999.6, "1.00s"),
            (59_990.0, "59.99s"),
            (59_996.0, "1m00s"),
            (125_000.0, "2m05s"),
            (3_599_900.0, "1h00m"),
            (345_600_000.0, "96h00m"),
        ];
        for (ms, text) in cases {
            assert_eq!(duration(ms), text);
        }
        assert_eq!((offset(0.0), offset(-20.0), offset(5.0)), ("+0".into(), "-20ms".into(), "+5.0ms".into()));
    }

    #[test]
    fn wrapped_text_breaks_at_spaces_and_loses_no_word() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn control_characters_never_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{202e}d"), "a·[31mb c·d");
    }
}
