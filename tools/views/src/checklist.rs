//! What a dashboard's body may have, and what of it is drawn: counted, and held by `tests/checklist.rs`.

use serde::Deserialize;
use serde_json::Value;

/// A field of the body, or a value of one.
#[derive(Debug, Clone, Deserialize)]
pub struct Entry {
    /// The part of the body that it is in.
    pub section: String,
    /// Its name.
    pub field: String,
    /// Why nothing of it is drawn; none if it is.
    pub why: Option<String>,
    /// The type of the widget that shows it.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// Whether `without` and `with` are whole bodies.
    #[serde(default)]
    pub body: bool,
    /// Properties, or a body, …
    #[serde(default)]
    pub without: Value,
    /// … and the same with it: what is drawn differs.
    #[serde(default)]
    pub with: Value,
}

/// The checklist.
///
/// # Panics
/// Never: a test reads the file.
#[must_use]
#[expect(clippy::expect_used, reason = "part of the program; a test reads it")]
pub fn entries() -> Vec<Entry> {
    serde_json::from_str(include_str!("../data/checklist.json")).expect("the checklist is JSON")
}

/// How many of a section are drawn, and how many there are; the whole last.
#[must_use]
pub fn counts() -> Vec<(String, usize, usize)> {
    let entries = entries();
    let mut counts: Vec<(String, usize, usize)> = Vec::new();
    for entry in &entries {
        let drawn = usize::from(entry.why.is_none());
        match counts.last_mut().filter(|(section, _, _)| *section == entry.section) {
            Some((_, done, all)) => {
                *done += drawn;
                *all += 1;
            }
            None => counts.push((entry.section.clone(), drawn, 1)),
        }
    }
    let drawn = entries.iter().filter(|entry| entry.why.is_none()).count();
    counts.push(("all".into(), drawn, entries.len()));
    counts
}
