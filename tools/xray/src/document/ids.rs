//! The two id formats.

/// `1-<8 hex>-<24 hex>`, lower case. The time in it is not judged: ids of W3C origin carry none.
pub fn is_trace_id(text: &str) -> bool {
    let lower_hex = |part: &str| part.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    match text.split('-').collect::<Vec<_>>()[..] {
        ["1", time, unique] => time.len() == 8 && unique.len() == 24 && lower_hex(time) && lower_hex(unique),
        _ => false,
    }
}

/// 16 hexadecimal digits.
pub fn is_segment_id(text: &str) -> bool {
    text.len() == 16 && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The id of the segment inferred from a subsegment: the same for every look at the trace, and apart from the
/// subsegment's own (FNV-1a over both ids).
pub(crate) fn inferred_id(trace_id: &str, subsegment_id: &str) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in trace_id.bytes().chain(subsegment_id.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}
