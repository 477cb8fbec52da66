//! Data to stdout, everything else to stderr.
//!
//! A reader that has seen enough is no failure, whichever of the two it has closed: the command goes on, and its own result
//! counts.

use std::{
    borrow::Cow,
    fmt::Display,
    io::{self, ErrorKind, Write as _},
    sync::atomic::{AtomicBool, Ordering},
};

use anyhow::{Context as _, Result};
use serde::Serialize;

use crate::text;

static UNREAD: AtomicBool = AtomicBool::new(false);

/// Data, as it is.
///
/// # Errors
/// When it can't be written, as on a full disk. A closed pipe is no error.
pub fn text(text: impl Display) -> Result<()> {
    let mut stdout = io::stdout().lock();
    match write!(stdout, "{text}").and_then(|()| stdout.flush()) {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => {
            UNREAD.store(true, Ordering::Relaxed);
            Ok(())
        }
        result => result.context("can't write to standard output"),
    }
}

/// A line of data.
///
/// # Errors
/// As [`text()`].
pub fn line(line: impl Display) -> Result<()> {
    text(format_args!("{line}\n"))
}

/// One JSON document, for a script that reads to the end.
///
/// # Errors
/// As [`text()`].
pub fn json(value: &impl Serialize) -> Result<()> {
    line(json_text(&serde_json::to_string_pretty(value)?))
}

/// One of a row of JSON documents, each on its line, for a script that reads as they come.
///
/// # Errors
/// As [`text()`].
pub fn json_line(value: &impl Serialize) -> Result<()> {
    line(json_text(&serde_json::to_string(value)?))
}

/// JSON's own escapes for what would steer a terminal, which JSON itself lets through in a string.
fn json_text(json: &str) -> Cow<'_, str> {
    if !json.contains(|c| c != '\n' && text::steers(c)) {
        return json.into();
    }
    let mut units = [0; 2];
    json.chars()
        .fold(String::with_capacity(json.len()), |mut safe, c| {
            if c == '\n' || !text::steers(c) {
                safe.push(c);
            } else {
                safe.extend(c.encode_utf16(&mut units).iter().map(|unit| format!("\\u{unit:04x}")));
            }
            safe
        })
        .into()
}

/// Has the reader of the data gone away? What would go on for ever ends then.
#[must_use]
pub fn is_unread() -> bool {
    UNREAD.load(Ordering::Relaxed)
}

/// A line for people, to stderr. Where that can't be written to there is nobody left to tell.
pub fn note(note: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{note}");
}

/// [`note`], with a format string.
#[macro_export]
macro_rules! note {
    ($($part:tt)*) => { $crate::output::note(format_args!($($part)*)) };
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_steers_no_terminal_and_means_the_same() {
        let foreign = serde_json::json!({"note": "a\u{9b}31m\u{202e}b\u{7f}\u{e9}"});
        let text = serde_json::to_string_pretty(&foreign).unwrap();
        let safe = json_text(&text);
        assert!(safe.contains(r"a\u009b31m\u202eb\u007f\u{e9}".replace(r"\u{e9}", "\u{e9}").as_str()), "{safe}");
        assert_eq!(serde_json::from_str::<serde_json::Value>(&safe).unwrap(), foreign);
    }
}
