//! The header `X-Amzn-Trace-Id`: `Root=<trace>;Parent=<span>;Sampled=0|1`.

/// What this service needs of it, in X-Ray's own texts.
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
        let header = trace_context::TraceHeader::parse(text)?;
        Some(Self {
            root: header.trace_id().to_string(),
            parent: header.parent().map(|parent| parent.to_string()),
            sampled: header.sampled(),
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
