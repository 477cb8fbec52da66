//! Names as X-Ray takes them. The translator refuses a whole document for one character of its name.

use std::borrow::Cow;

pub(crate) const SEGMENT_NAME_CHARS: usize = 200;
pub(crate) const SUBSEGMENT_NAME_CHARS: usize = 250;

// X-Ray takes any Unicode letter, but which characters are letters depends on whose tables one asks.
fn allowed(char: char) -> bool {
    char.is_ascii_alphanumeric() || char == ' ' || "_.:/%&#=+-@".contains(char)
}

/// `GET /users/{id}` becomes `GET /users/_id_`; nothing becomes `unnamed`. Borrowed if it may stay as it is.
pub(crate) fn name(name: &str, max_chars: usize) -> Cow<'_, str> {
    if name.is_empty() {
        return Cow::Owned("unnamed".to_owned());
    }
    if name.len() <= max_chars && name.chars().all(allowed) {
        return Cow::Borrowed(name);
    }
    Cow::Owned(name.chars().take(max_chars).map(|char| if allowed(char) { char } else { '_' }).collect())
}

/// Cuts `text` to at most `max_bytes`, at a character's end.
pub(crate) fn cut(text: &str, max_bytes: usize) -> &str {
    let mut end = text.len().min(max_bytes);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn forbidden_characters_are_replaced() {
        assert_eq!(name("GET /users/{id}", 250), "GET /users/_id_");
        assert_eq!(name("", 250), "unnamed");
        assert_eq!(name("Z\u{fc}rich store", 250), "Z_rich store");
    }

    proptest! {
        #[test]
        fn every_name_becomes_allowed(text in ".{0,400}") {
            let clean = name(&text, 200);
            prop_assert!((1..=200).contains(&clean.chars().count()));
            prop_assert!(clean.chars().all(allowed));
        }

        #[test]
        fn a_cut_keeps_characters_whole(text in ".{0,40}", max in 0usize..60) {
            prop_assert!(cut(&text, max).len() <= max);
        }
    }
}
