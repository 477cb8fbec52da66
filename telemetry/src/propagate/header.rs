use std::fmt;

use opentelemetry::trace::{SpanContext, SpanId, TraceFlags, TraceId, TraceState};

/// Longer than any header AWS makes; what is beyond is not worth parsing.
const MAX_HEADER_BYTES: usize = 1024;

/// X-Ray's tracing header: `Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:a87bd80c:1`.
///
/// `Lineage` and fields this crate does not know are kept as they came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TraceHeader {
    root: TraceId,
    parent: Option<SpanId>,
    sampled: Option<bool>,
    /// `;Key=value` of every other field, in order.
    rest: String,
}

impl TraceHeader {
    /// Reads a header; none if there is no valid `Root`. Garbage in other fields is dropped, never an error.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() > MAX_HEADER_BYTES {
            return None;
        }
        let mut header = Self { root: TraceId::INVALID, parent: None, sampled: None, rest: String::new() };
        for field in text.split(';').map(str::trim).filter(|field| !field.is_empty()) {
            let Some((key, value)) = field.split_once('=') else {
                continue;
            };
            match (key.trim(), value.trim()) {
                ("Root", value) => header.root = parse_root(value)?,
                ("Parent", value) => header.parent = parse_span_id(value),
                ("Sampled", "1") => header.sampled = Some(true),
                ("Sampled", "0") => header.sampled = Some(false),
                // "?" leaves the decision to the receiver, and we have no rules to decide by.
                ("Sampled", _) => {}
                (key, value) if printable(key) && printable(value) => {
                    header.rest.push(';');
                    header.rest.push_str(key);
                    header.rest.push('=');
                    header.rest.push_str(value);
                }
                _ => {}
            }
        }
        (header.root != TraceId::INVALID).then_some(header)
    }

    pub(crate) fn from_parts(root: TraceId, parent: SpanId, sampled: bool) -> Self {
        Self { root, parent: Some(parent), sampled: Some(sampled), rest: String::new() }
    }

    /// The trace's id.
    #[must_use]
    pub fn trace_id(&self) -> TraceId {
        self.root
    }

    /// The trace's id as X-Ray writes it.
    #[must_use]
    pub fn xray_trace_id(&self) -> String {
        xray_trace_id(self.root)
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

    /// The same header with another parent.
    #[must_use]
    pub fn with_parent(&self, parent: SpanId) -> Self {
        Self { parent: Some(parent), ..self.clone() }
    }

    pub(crate) fn remote_context(&self) -> Option<SpanContext> {
        Some(SpanContext::new(
            self.root,
            self.parent?,
            if self.records() { TraceFlags::SAMPLED } else { TraceFlags::default() },
            true,
            TraceState::default(),
        ))
    }
}

impl fmt::Display for TraceHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Root={}", self.xray_trace_id())?;
        if let Some(parent) = self.parent {
            write!(f, ";Parent={parent}")?;
        }
        match self.sampled {
            Some(true) => f.write_str(";Sampled=1")?,
            Some(false) => f.write_str(";Sampled=0")?,
            None => {}
        }
        f.write_str(&self.rest)
    }
}

pub(crate) fn xray_trace_id(id: TraceId) -> String {
    let hex = id.to_string();
    format!("1-{}-{}", &hex[..8], &hex[8..])
}

fn parse_root(value: &str) -> Option<TraceId> {
    let (time, unique) = value.strip_prefix("1-")?.split_once('-')?;
    if time.len() != 8 || unique.len() != 24 {
        return None;
    }
    let hex = |text: &str| text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex(time) || !hex(unique) {
        return None;
    }
    let high = u128::from_str_radix(time, 16).ok()?;
    let low = u128::from_str_radix(unique, 16).ok()?;
    Some(TraceId::from((high << 96) | low)).filter(|id| *id != TraceId::INVALID)
}

fn parse_span_id(value: &str) -> Option<SpanId> {
    if value.len() != 16 || !value.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    u64::from_str_radix(value, 16).ok().map(SpanId::from).filter(|id| *id != SpanId::INVALID)
}

fn printable(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const FULL: &str = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=a87bd80c:1|68fd508a:5;Self=1-2-3";

    #[test]
    fn lineage_and_unknown_fields_survive() {
        assert_eq!(TraceHeader::parse(FULL).unwrap().to_string(), FULL);
    }

    #[test]
    fn another_parent_keeps_decision_and_lineage() {
        let header = TraceHeader::parse(FULL).unwrap().with_parent(SpanId::from(1));
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
            "Root=1-5759e988-bd862e3fe1be46a99427279",
            "Root=1-00000000-000000000000000000000000",
            "Root=1-+759e988-bd862e3fe1be46a994272793",
            "Parent=53995c3f42cd8ad8;Sampled=1",
            "\u{0}\u{ffff};;==;",
        ] {
            assert_eq!(TraceHeader::parse(text), None, "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_panics(text in ".{0,200}") {
            if let Some(header) = TraceHeader::parse(&text) {
                prop_assert_eq!(TraceHeader::parse(&header.to_string()), Some(header));
            }
        }

        #[test]
        fn what_is_written_is_read_back(root in 1u128.., parent in 1u64.., sampled: bool) {
            let header = TraceHeader::from_parts(TraceId::from(root), SpanId::from(parent), sampled);
            prop_assert_eq!(TraceHeader::parse(&header.to_string()), Some(header));
        }
    }
}
