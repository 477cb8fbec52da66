use std::fmt;

use crate::{SpanId, TraceId};

/// Longer than any header AWS makes; what is beyond is not worth parsing.
const MAX_HEADER_BYTES: usize = 1024;

/// X-Ray's tracing header: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:a87bd80c:1`.
///
/// `Lineage` is kept as it came. Fields that nobody knows are not: a client can write anything there, and it would go on from
/// service to service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHeader {
    root: TraceId,
    parent: Option<SpanId>,
    sampled: Option<bool>,
    /// AWS's own, as it came; empty if it did not.
    lineage: String,
}

impl TraceHeader {
    /// A header of these parts, and nothing else.
    #[must_use]
    pub fn new(root: TraceId, parent: Option<SpanId>, sampled: Option<bool>) -> Self {
        Self { root, parent, sampled, lineage: String::new() }
    }

    /// Reads a header; none if there is no valid `Root`. Garbage in other fields is dropped, never an error.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_HEADER_BYTES {
            return None;
        }
        let (mut root, mut parent, mut sampled, mut lineage) = (None, None, None, String::new());
        for field in text.split(';') {
            let Some((key, value)) = field.split_once('=') else {
                continue;
            };
            let (key, value) = (key.trim(), value.trim());
            if key.eq_ignore_ascii_case("Root") {
                root = Some(TraceId::parse(value)?);
            } else if key.eq_ignore_ascii_case("Parent") {
                parent = SpanId::parse(value);
            } else if key.eq_ignore_ascii_case("Sampled") {
                // "?" leaves the decision to the receiver.
                sampled = match value {
                    "1" => Some(true),
                    "0" => Some(false),
                    _ => None,
                };
            } else if key.eq_ignore_ascii_case("Lineage") && is_lineage(value) {
                value.clone_into(&mut lineage);
            }
        }
        Some(Self { root: root?, parent, sampled, lineage })
    }

    /// The trace's id.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.root
    }

    /// The segment or subsegment that sent this header.
    #[must_use]
    pub fn parent(&self) -> Option<SpanId> {
        self.parent
    }

    /// The sampling decision, if the header carries one.
    #[must_use]
    pub fn sampled(&self) -> Option<bool> {
        self.sampled
    }

    /// Whether work under this header is recorded: only with `Sampled=1` and a parent to hang it under.
    #[must_use]
    pub fn records(&self) -> bool {
        self.sampled == Some(true) && self.parent.is_some()
    }

    /// The same header with a decision.
    #[must_use]
    pub fn with_sampled(&self, sampled: bool) -> Self {
        Self { sampled: Some(sampled), ..self.clone() }
    }

    /// The same header with another parent.
    #[must_use]
    pub fn with_parent(&self, parent: SpanId) -> Self {
        Self { parent: Some(parent), ..self.clone() }
    }
}

impl fmt::Display for TraceHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Root=")?;
        f.write_str(&self.root.xray())?;
        if let Some(parent) = self.parent {
            f.write_str(";Parent=")?;
            f.write_str(&parent.hex())?;
        }
        match self.sampled {
            Some(true) => f.write_str(";Sampled=1")?,
            Some(false) => f.write_str(";Sampled=0")?,
            None => {}
        }
        if !self.lineage.is_empty() {
            f.write_str(";Lineage=")?;
            f.write_str(&self.lineage)?;
        }
        Ok(())
    }
}

/// Counters and ids, separated: nothing else has a place in it.
fn is_lineage(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":|-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FULL: &str =
        "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5";

    #[test]
    fn lineage_survives_and_what_nobody_knows_goes_no_further() {
        assert_eq!(TraceHeader::parse(FULL).unwrap().to_string(), FULL);
        for foreign in [";customer=ada@example.com", ";Self=1-2-3", ";Lineage=ada@example.com"] {
            let text = format!("{FULL}{foreign}");
            assert_eq!(TraceHeader::parse(&text).unwrap().to_string(), FULL, "{foreign}");
        }
    }

    #[test]
    fn names_are_read_in_any_case_and_any_order() {
        let text = "sampled=1; PARENT=53995C3F42CD8AD8;Lineage=a87bd80c:1|68fd508a:5 ;root=1-5759E988-bd862e3fe1be46a994272793";
        assert_eq!(TraceHeader::parse(text).unwrap().to_string(), FULL);
    }

    #[test]
    fn another_parent_keeps_decision_and_lineage() {
        let header = TraceHeader::parse(FULL).unwrap().with_parent(SpanId::new(1).unwrap());
        assert_eq!(header.to_string(), FULL.replace("53995c3f42cd8ad8", "0000000000000001"));
    }

    #[test]
    fn only_sampled_with_a_parent_records() {
        let root = "Root=1-5759e988-bd862e3fe1be46a994272793";
        for (fields, records) in [
            ("", false),
            (";Sampled=1", false),
            (";Parent=53995c3f42cd8ad8", false),
            (";Parent=53995c3f42cd8ad8;Sampled=0", false),
            (";Parent=53995c3f42cd8ad8;Sampled=?", false),
            (";Parent=me;Sampled=1", false),
            (";Parent=53995c3f42cd8ad8;Sampled=1", true),
            (";Sampled=1;Parent=53995c3f42cd8ad8", true),
        ] {
            let header = TraceHeader::parse(&format!("{root}{fields}")).unwrap();
            assert_eq!(header.records(), records, "{fields}");
        }
    }

    #[test]
    fn garbage_is_no_header() {
        for text in [
            "",
            "Root",
            "Root=",
            "Root=1-2-3",
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=1-00000000-000000000000000000000000",
            "Root=1-+759e988-bd862e3fe1be46a994272793",
            "Parent=53995c3f42cd8ad8;Sampled=1",
            "\u{0}\u{ffff};;==;",
            &format!("{FULL};Long={}", "x".repeat(MAX_HEADER_BYTES)),
        ] {
            assert_eq!(TraceHeader::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in "(Root=1-5759e988-bd862e3fe1be46a994272793)?.{0,200}") {
            if let Some(header) = TraceHeader::parse(&text) {
                prop_assert_eq!(TraceHeader::parse(&header.to_string()), Some(header));
            }
        }
    }
}
