//! W3C's `traceparent`.

use crate::{SpanId, TraceHeader, TraceId};

/// The `traceparent` of a header; none without a parent, because the format has no place for its absence.
#[must_use]
pub fn format(header: &TraceHeader) -> Option<String> {
    let parent = header.parent()?;
    let flags = if header.records() { "01" } else { "00" };
    Some(["00-", &header.trace_id().hex(), "-", &parent.hex(), "-", flags].concat())
}

/// Reads a `traceparent`; none if it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<TraceHeader> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let byte = |text: &str| -> Option<u8> {
        let shaped = text.len() == 2 && text.bytes().all(|digit| digit.is_ascii_hexdigit());
        u8::from_str_radix(text, 16).ok().filter(|_| shaped)
    };
    // Later versions may add parts; the first knows none, and ff is forbidden.
    match byte(version)? {
        0xff => return None,
        0 if parts.next().is_some() => return None,
        _ => {}
    }
    let (root, parent) = (TraceId::from_hex(trace)?, SpanId::parse(span)?);
    Some(TraceHeader::new(root, Some(parent), Some(byte(flags)? & 1 == 1)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_names_the_same_trace_as_the_header() {
        let header =
            TraceHeader::parse("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1").unwrap();
        let text = format(&header).unwrap();
        assert_eq!(text, "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01");
        assert_eq!(parse(&text), Some(header));
        assert!(parse(&text.replacen("00", "cc", 1).replace("-01", "-01-more")).is_some(), "a later version may add");
    }

    #[test]
    fn garbage_is_no_traceparent() {
        for text in [
            "",
            "00",
            "ff-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01",
            "00-00000000000000000000000000000000-53995c3f42cd8ad8-01",
            "00-5759e988bd862e3fe1be46a994272793-0000000000000000-01",
            "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-01-extra",
            "00-5759e988bd862e3fe1be46a99427279\u{e9}-53995c3f42cd8ad8-01",
            "00-5759e988bd862e3fe1be46a994272793-53995c3f42cd8ad8-+1",
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
