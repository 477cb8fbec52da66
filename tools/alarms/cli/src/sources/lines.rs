//! Where in a text something is defined. A text without line breaks has it on line 1.

use std::collections::{BTreeSet, HashMap};

/// The line of `key:` or `"key":`, counted from 1.
pub(crate) fn of_key(text: &str, key: &str) -> Option<usize> {
    of_all(text, &BTreeSet::from([key])).remove(key)
}

/// The first line of each text that stands as a key, or in quotes; in one pass, however many they are.
pub(super) fn of_all<'a>(text: &str, wanted: &BTreeSet<&'a str>) -> HashMap<&'a str, usize> {
    let mut found: HashMap<&'a str, usize> = HashMap::new();
    for (at, line) in text.lines().enumerate() {
        let mut note = |word: &str| {
            if let Some(mark) = wanted.get(word) {
                found.entry(mark).or_insert(at + 1);
            }
        };
        let bare = line.trim_start().trim_start_matches("- ");
        if let Some((key, _)) = bare.split_once(':') {
            note(key.trim_matches(['"', '\'']));
        }
        // Addresses hold escaped quotes: `x[\"a\"]`.
        let mut rest = line;
        while let Some((_, after)) = rest.split_once('"') {
            let end = end_of_string(after);
            let word = &after[..end];
            if word.contains('\\') {
                note(&word.replace("\\\"", "\"").replace("\\\\", "\\"));
            } else {
                note(word);
            }
            rest = after.get(end + 1..).unwrap_or_default();
        }
    }
    found
}

fn end_of_string(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() && bytes[at] != b'"' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    // A backslash at the end of a line, or before a wide character.
    let mut at = at.min(bytes.len());
    while !text.is_char_boundary(at) {
        at += 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_and_quoted_texts_have_their_first_line() {
        let text = "{\n  \"a\": {\"address\": \"m.x[\\\"eu\\\"]\"},\n  \"b\": \"a\"\n}\nc :\n- d: \"\\";
        let wanted = BTreeSet::from(["a", "b", "m.x[\"eu\"]", "d", "nope"]);
        let found = of_all(text, &wanted);
        assert_eq!(found, HashMap::from([("a", 2), ("m.x[\"eu\"]", 2), ("b", 3), ("d", 6)]));
        assert_eq!(of_key("x:\n  y: 1", "y"), Some(2));
    }
}
