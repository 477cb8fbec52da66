//! Text that fits its columns and steers no terminal.

use unicode_width::UnicodeWidthStr as _;

/// Replaces what would steer the terminal instead of being shown: all text from outside goes through here.
#[must_use]
pub fn clean(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => ' ',
            c if steers(c) => '·',
            c => c,
        })
        .collect()
}

/// Would it steer the terminal, or not be seen?
pub(crate) fn steers(c: char) -> bool {
    c.is_control() || is_invisible(c)
}

/// Marks that reorder what stands around them, and others that are not seen.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{00ad}' | '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Columns that it takes on a terminal.
#[must_use]
pub fn width(text: &str) -> usize {
    text.width()
}

/// Columns of this terminal: `COLUMNS`, or what stdout is, or none.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    let told = || std::env::var("COLUMNS").ok()?.parse().ok();
    let seen = || terminal_size::terminal_size_of(std::io::stdout()).map(|(width, _)| usize::from(width.0));
    told().or_else(seen).filter(|width| *width > 0)
}

/// At most `room` columns, the last an ellipsis if something is left out.
#[must_use]
pub fn shorten(text: &str, room: usize) -> String {
    if width(text) <= room {
        return text.to_owned();
    }
    let mut short = String::new();
    for c in text.chars() {
        short.push(c);
        // The whole is measured: a mark can widen the character before it.
        if width(&short) >= room.max(1) {
            short.pop();
            break;
        }
    }
    if room > 0 {
        short.push('…');
    }
    short
}

/// Exactly `room` columns, from the left.
#[must_use]
pub fn fit(text: &str, room: usize) -> String {
    let text = shorten(text, room);
    let missing = room.saturating_sub(width(&text));
    text + &" ".repeat(missing)
}

/// Exactly `room` columns, from the right.
#[must_use]
pub fn pad_left(text: &str, room: usize) -> String {
    let text = shorten(text, room);
    " ".repeat(room.saturating_sub(width(&text))) + &text
}

/// Lines of at most `room` columns, broken at blanks where there are any.
#[must_use]
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let room = room.max(2);
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        for (n, part) in parts(word, room).into_iter().enumerate() {
            let Some(last) = lines.last_mut() else { continue };
            let needs = usize::from(n == 0 && !last.is_empty());
            if n > 0 || width(last) + needs + width(&part) > room {
                lines.push(part);
            } else {
                last.push_str(&" ".repeat(needs));
                last.push_str(&part);
            }
        }
    }
    lines
}

/// A word that is longer than a line, in lines.
fn parts(word: &str, room: usize) -> Vec<String> {
    let (mut parts, mut part) = (Vec::new(), String::new());
    for c in word.chars() {
        part.push(c);
        if width(&part) > room {
            part.pop();
            parts.push(std::mem::replace(&mut part, c.to_string()));
        }
    }
    parts.push(part);
    parts
}

/// `1 message`, `2 messages`.
#[must_use]
pub fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn control_characters_never_reach_the_terminal() {
        assert_eq!(clean("a\u{1b}[31mb\nc\u{202e}d\u{200b}"), "a·[31mb c·d·");
    }

    #[test]
    fn wrapped_text_breaks_at_blanks_and_loses_no_word() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("abcdefghij", 4), ["abcd", "efgh", "ij"]);
        assert_eq!(wrap("", 4), [""]);
    }

    #[test]
    fn wide_characters_take_two_columns() {
        assert_eq!((fit("日本語", 5), pad_left("日本", 5)), ("日本…".to_owned(), " 日本".to_owned()));
        assert_eq!(fit("日本語", 4), "日… ");
        // A keycap: the selector makes the digit before it wide.
        assert_eq!(
            (shorten("A0\u{fe0f}b", 3), wrap("0\u{fe0f}0\u{fe0f}", 3)),
            ("A0…".into(), vec!["0\u{fe0f}0".to_owned(), "\u{fe0f}".into()])
        );
    }

    proptest! {
        #[test]
        fn nothing_is_wider_than_its_room(text in "\\PC{0,60}", room in 2_usize..40) {
            prop_assert!(width(&fit(&text, room)) == room);
            prop_assert!(width(&pad_left(&text, room)) == room);
            for line in wrap(&text, room) {
                prop_assert!(width(&line) <= room, "{line:?}");
            }
        }
    }
}
