use opentelemetry::trace::{SpanId, TraceId};

use super::TraceHeader;

/// W3C `traceparent` of a header; none without a parent, because the format has no place for its absence.
#[must_use]
pub fn format(header: &TraceHeader) -> Option<String> {
    let parent = header.parent()?;
    let flags = if header.records() { "01" } else { "00" };
    Some(format!("00-{}-{parent}-{flags}", header.trace_id()))
}

/// Reads a W3C `traceparent`; none if it is not one.
#[must_use]
pub fn parse(text: &str) -> Option<TraceHeader> {
    let mut parts = text.trim().split('-');
    let (version, trace, span, flags) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, len| text.len() == len && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !hex(version, 2) || version == "ff" || !hex(trace, 32) || !hex(span, 16) || !hex(flags, 2) {
        return None;
    }
    // Later versions may add parts; the first knows none.
    if version == "00" && parts.next().is_some() {
        return None;
    }
    let root = TraceId::from_hex(trace).ok().filter(|id| *id != TraceId::INVALID)?;
    let parent = SpanId::from_hex(span).ok().filter(|id| *id != SpanId::INVALID)?;
    let sampled = u8::from_str_radix(flags, 16).ok()? & 1 == 1;
    Some(TraceHeader::from_parts(root, parent, sampled))
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
        ] {
            assert_eq!(parse(text), None, "{text:?}");
        }
    }
}
