//! The header `X-Amzn-Trace-Id`: `Root=<trace>;Parent=<span>;Sampled=0|1`.

use ::xray::document::{is_segment_id, is_trace_id};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct TraceHeader {
    pub(super) root: String,
    pub(super) parent: Option<String>,
    /// None: the receiver decides.
    pub(super) sampled: Option<bool>,
}

impl TraceHeader {
    /// None without a valid root: then the receiver begins a trace of its own.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let field = |wanted: &str| {
            text.split(';').find_map(|field| {
                let (name, value) = field.split_once('=')?;
                name.trim().eq_ignore_ascii_case(wanted).then(|| value.trim())
            })
        };
        Some(Self {
            root: field("Root").filter(|root| is_trace_id(root))?.to_owned(),
            parent: field("Parent").filter(|parent| is_segment_id(parent)).map(str::to_ascii_lowercase),
            sampled: match field("Sampled") {
                Some("0") => Some(false),
                Some("1") => Some(true),
                _ => None,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROOT: &str = "1-65432100-0000000000000000000000a1";

    #[test]
    fn a_header_is_read_whatever_the_order_of_its_fields() {
        let header =
            TraceHeader::parse(&format!("Sampled=0; Lineage=1:2:3;root={ROOT};Parent=00000000000000A1")).unwrap();
        let expected = TraceHeader { root: ROOT.into(), parent: Some("00000000000000a1".into()), sampled: Some(false) };
        assert_eq!(header, expected);
    }

    #[test]
    fn a_header_without_a_valid_root_is_none_and_a_bad_parent_is_left_out() {
        for text in ["", "Root=", "Root=1-2-3", "Parent=00000000000000a1;Sampled=1", "Root=1-65432100-x"] {
            assert_eq!(TraceHeader::parse(text), None, "{text}");
        }
        let header = TraceHeader::parse(&format!("Root={ROOT};Parent=me;Sampled=?")).unwrap();
        assert_eq!(header, TraceHeader { root: ROOT.into(), parent: None, sampled: None });
    }
}
