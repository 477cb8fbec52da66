//! JSON, written member by member into one buffer: no tree, no copies.

use std::{fmt::Write, time::Duration};

use crate::field::{Value, unreserved};

/// A JSON object being written.
pub(crate) struct Object<'o> {
    out: &'o mut String,
    empty: bool,
}

impl<'o> Object<'o> {
    pub(crate) fn open(out: &'o mut String) -> Self {
        out.push('{');
        Self { out, empty: true }
    }

    /// Begins a member; its value comes next.
    pub(crate) fn key(&mut self, key: &str) -> &mut String {
        if !std::mem::take(&mut self.empty) {
            self.out.push(',');
        }
        self.out.push('"');
        escape(key, self.out);
        self.out.push_str("\":");
        self.out
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        string(value, self.key(key));
    }

    pub(crate) fn count(&mut self, key: &str, value: u64) {
        integer(value, self.key(key));
    }

    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        self.key(key).push_str(if value { "true" } else { "false" });
    }

    /// In milliseconds, to the microsecond.
    pub(crate) fn millis(&mut self, key: &str, value: Duration) {
        millis(value, self.key(key));
    }

    pub(crate) fn value(&mut self, key: &str, value: &Value) {
        match value {
            Value::Static(text) => self.text(key, text),
            Value::Count(count) => self.count(key, *count),
            Value::Duration(duration) => self.millis(key, *duration),
            Value::Bool(value) => self.bool(key, *value),
            Value::Id(id) => self.text(key, id.as_str()),
        }
    }

    /// Fields of the user's own; one that has a name of ours is written as `field_<name>`.
    pub(crate) fn fields(&mut self, fields: &[(&'static str, Value)], correlation_key: &str) {
        for (key, value) in fields {
            self.value(&unreserved(key, correlation_key), value);
        }
    }

    pub(crate) fn object(&mut self, key: &str) -> Object<'_> {
        Object::open(self.key(key))
    }

    /// Members that are written already, each behind a comma.
    pub(crate) fn raw(&mut self, members: &str) {
        self.out.push_str(if self.empty { members.trim_start_matches(',') } else { members });
        self.empty &= members.is_empty();
    }

    pub(crate) fn close(self) {
        self.out.push('}');
    }
}

pub(crate) fn string(text: &str, out: &mut String) {
    out.push('"');
    escape(text, out);
    out.push('"');
}

pub(crate) fn integer(value: u64, out: &mut String) {
    out.push_str(itoa::Buffer::new().format(value));
}

/// A number of three decimals at most, without the noise of a binary fraction.
pub(crate) fn millis(value: Duration, out: &mut String) {
    let micros = (value.as_nanos().saturating_add(500) / 1000).min(u128::from(u64::MAX)) as u64;
    integer(micros / 1000, out);
    let fraction = micros % 1000;
    if fraction > 0 {
        out.push('.');
        let digits = [fraction / 100, fraction / 10 % 10, fraction % 10];
        let count = digits.iter().rposition(|digit| *digit > 0).map_or(0, |last| last + 1);
        out.extend(digits[..count].iter().map(|digit| char::from(b'0' + *digit as u8)));
    }
}

fn escape(text: &str, out: &mut String) {
    if is_plain(text.as_bytes()) {
        out.push_str(text);
        return;
    }
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            char if (char as u32) < 0x20 => {
                // A `String` takes everything.
                let _ = write!(out, "\\u{:04x}", char as u32);
            }
            char => out.push(char),
        }
    }
}

/// Is there nothing to escape? Eight bytes at a time: keys and ids are short, and there are a hundred of them in the lines of an order.
fn is_plain(text: &[u8]) -> bool {
    const ONES: u64 = u64::MAX / 255;
    const HIGH: u64 = ONES << 7;
    // The high bit of each byte that is below the limit, and had it not set: none of UTF-8's longer characters is taken for one.
    let below = |bytes: u64, limit: u64| bytes.wrapping_sub(ONES * limit) & !bytes & HIGH;
    let (chunks, rest) = text.as_chunks();
    let found = chunks.iter().fold(0, |found, chunk| {
        let bytes = u64::from_le_bytes(*chunk);
        let equal = |byte: u8| below(bytes ^ (ONES * u64::from(byte)), 1);
        found | below(bytes, 0x20) | equal(b'"') | equal(b'\\')
    });
    found == 0 && !rest.iter().any(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn milliseconds_have_no_noise() {
        for (nanos, text) in [
            (0, "0"),
            (8_834, "0.009"),
            (400, "0"),
            (7_400_000, "7.4"),
            (12_000_000, "12"),
            (1_020_000, "1.02"),
            (1_999_999_700, "2000"),
        ] {
            let mut out = String::new();
            millis(Duration::from_nanos(nanos), &mut out);
            assert_eq!(out, text);
        }
    }

    #[test]
    fn only_what_must_be_is_escaped_wherever_it_stands() {
        for byte in 0..=255 {
            let must = byte < 0x20 || byte == b'"' || byte == b'\\';
            for (at, length) in [(0, 1), (0, 8), (3, 8), (7, 8), (8, 9), (5, 19), (18, 19)] {
                for filler in [b'~', b' ', 0x80, 0xff, 0x21, 0x5d] {
                    let mut text = vec![filler; length];
                    text[at] = byte;
                    assert_eq!(is_plain(&text), !must, "{byte:#x} at {at} of {length} among {filler:#x}");
                }
            }
        }
    }

    proptest! {
        #[test]
        fn every_text_is_valid_json(key in ".*", text in ".*") {
            let mut out = String::new();
            let mut object = Object::open(&mut out);
            object.text(&key, &text);
            object.object("inner").close();
            object.close();
            let read: serde_json::Value = serde_json::from_str(&out).unwrap();
            if key != "inner" {
                prop_assert_eq!(read[&key].as_str(), Some(text.as_str()));
            }
        }
    }
}
