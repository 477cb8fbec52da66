//! What a text may hold, as the patterns of the schema have it: `tests/all/schema.rs` holds the two together, character by character.

use crate::limits;

/// Dropped at both ends of a text: blanks, and what nobody sees there, such as the marks that phones paste around a name.
pub(crate) fn is_outer(c: char) -> bool {
    c.is_whitespace()
        || turns_text(c)
        || matches!(c, '\u{61c}' | '\u{200b}' | '\u{200e}' | '\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Nothing is to be seen of it: white space, Unicode's default-ignorable characters and the empty Braille cell.
pub(crate) fn is_blank(c: char) -> bool {
    c.is_whitespace()
        || matches!(c, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{2800}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// What no text may hold inside, in words: control characters, marks that turn the direction of the text around them, and the two
/// that SQS refuses in a message.
pub(crate) fn forbidden(c: char) -> Option<&'static str> {
    match c {
        _ if c.is_control() => Some("a control character"),
        _ if turns_text(c) => Some("a mark that turns the direction of text"),
        '\u{fffe}' | '\u{ffff}' => Some("no character of Unicode"),
        _ => None,
    }
}

/// What separates the lines and columns of a pasted address.
pub(crate) fn breaks_line(c: char) -> bool {
    matches!(c, '\t'..='\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

fn turns_text(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// A text on one line: each run of white space with a break in it becomes one blank.
pub(crate) fn on_one_line(text: String) -> String {
    if !text.contains(breaks_line) {
        return text;
    }
    let mut line = String::with_capacity(text.len());
    let mut rest = &*text;
    while let Some(start) = rest.find(char::is_whitespace) {
        let (before, from) = rest.split_at(start);
        let end = from.find(|c: char| !c.is_whitespace()).unwrap_or(from.len());
        let (run, after) = from.split_at(end);
        line.push_str(before);
        line.push_str(if run.contains(breaks_line) { " " } else { run });
        rest = after;
    }
    line.push_str(rest);
    line
}

/// `name@example.com`: a dot-atom, and a domain of two labels or more whose last one is no number. Letters and digits are those of
/// every script; quotes and comments, which the RFC allows, are never a customer's.
pub(crate) fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let Some((rest, top)) = domain.rsplit_once('.') else { return false };
    local.chars().count() <= 64
        && local.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atom))
        && rest.split('.').all(is_label)
        && is_label(top)
        && top.chars().nth(1).is_some()
        && !top.starts_with(|c: char| c.is_ascii_digit())
}

fn is_label(label: &str) -> bool {
    !label.starts_with('-')
        && !label.ends_with('-')
        && (1..=63).contains(&label.chars().count())
        && label.chars().all(|c| c == '-' || c.is_ascii_alphanumeric() || is_visible_beyond_ascii(c))
}

fn is_atom(c: char) -> bool {
    (c.is_ascii_graphic() && !"\"(),.:;<>@[\\]".contains(c)) || is_visible_beyond_ascii(c)
}

fn is_visible_beyond_ascii(c: char) -> bool {
    !c.is_ascii() && !is_blank(c) && forbidden(c).is_none()
}

/// Does the country, its code or its name in upper or lower case, have no postal codes?
pub(crate) fn is_without_postal_code(country: &str) -> bool {
    limits::WITHOUT_POSTAL_CODE.iter().any(|known| known.eq_ignore_ascii_case(country))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pasted_address_becomes_one_line() {
        for (pasted, line) in [
            ("12 St James's Square", "12 St James's Square"),
            ("12\nSquare", "12 Square"),
            ("Flat 3,\r\n\t 12  Square", "Flat 3, 12  Square"),
            ("a\u{2028}b\u{a0}c", "a b\u{a0}c"),
        ] {
            assert_eq!(on_one_line(pasted.to_owned()), line, "{pasted:?}");
        }
    }

    #[test]
    fn an_address_is_what_a_customer_has() {
        for email in
            ["ada@example.com", "a.b+c@mail.example.co.uk", "j\u{fc}rgen@stra\u{df}e.de", "o'neil@x-y.io", "a@b.museum"]
        {
            assert!(is_email(email), "{email}");
        }
        for email in [
            "jane@1.2.3.4",
            "jane@example.123",
            "jane@ex*mple.com",
            "jane@example",
            "jane@-example.com",
            "jane@example-.com",
            "jane@example..com",
            ".jane@example.com",
            "ja..ne@example.com",
            "jane@@example.com",
            "jane@[1.2.3.4]",
            "\"jane\"@example.com",
            "ja ne@example.com",
            "jane@exam\u{200b}ple.com",
            "@example.com",
            "jane@",
        ] {
            assert!(!is_email(email), "{email}");
        }
    }
}
