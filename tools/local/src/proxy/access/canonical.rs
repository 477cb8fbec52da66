//! The canonical request of Signature Version 4: what both sides hash.
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html>

use std::fmt::Write as _;

use axum::http::request::Parts;

/// Of a request, with the headers that its signature names and the payload's hash.
pub(super) fn request(parts: &Parts, service: &str, signed_headers: &str, payload_hash: &str) -> Option<String> {
    let path = path(parts.uri.path(), service == "s3");
    let query = query(parts.uri.query().unwrap_or_default());
    let mut text = format!("{}\n{path}\n{query}\n", parts.method);
    for name in signed_headers.split(';') {
        let mut values = Vec::new();
        for value in parts.headers.get_all(name) {
            values.push(
                std::str::from_utf8(value.as_bytes()).ok()?.split_ascii_whitespace().collect::<Vec<_>>().join(" "),
            );
        }
        if values.is_empty() {
            return None;
        }
        writeln!(text, "{name}:{}", values.join(",")).ok()?;
    }
    write!(text, "\n{signed_headers}\n{payload_hash}").ok()?;
    Some(text)
}

/// S3 signs the path as it is sent; all others encode what is sent once more, without dot segments.
fn path(path: &str, as_sent: bool) -> String {
    if as_sent {
        return encode(&decode(path), false);
    }
    let mut segments: Vec<&str> = Vec::new();
    for segment in path.split('/').skip(1) {
        match segment {
            "" | "." => {}
            ".." => drop(segments.pop()),
            segment => segments.push(segment),
        }
    }
    let trailing = path.len() > 1 && path.ends_with('/') && !segments.is_empty();
    let joined = format!("/{}{}", segments.join("/"), if trailing { "/" } else { "" });
    encode(joined.as_bytes(), false)
}

/// Sorted by name and value, without the signature itself.
fn query(query: &str) -> String {
    let mut pairs: Vec<_> = query
        .split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
        .map(|(name, value)| (encode(&decode(name), true), encode(&decode(value), true)))
        .filter(|(name, _)| name != "X-Amz-Signature")
        .collect();
    pairs.sort();
    pairs.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// The value of a parameter of the query.
pub(super) fn parameter(query: &str, wanted: &str) -> Option<String> {
    query
        .split('&')
        .filter_map(|pair| pair.split_once('='))
        .find(|(name, _)| decode(name) == wanted.as_bytes())
        .and_then(|(_, value)| String::from_utf8(decode(value)).ok())
}

/// A path's text with its escapes read, for comparison.
pub(super) fn decoded(path: &str) -> String {
    String::from_utf8_lossy(&decode(path)).to_ascii_lowercase()
}

fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let (mut decoded, mut at) = (Vec::with_capacity(bytes.len()), 0);
    while at < bytes.len() {
        let escaped = bytes
            .get(at + 1..at + 3)
            .filter(|_| bytes[at] == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        decoded.push(escaped.unwrap_or(bytes[at]));
        at += if escaped.is_some() { 3 } else { 1 };
    }
    decoded
}

/// RFC 3986's unreserved characters stay.
fn encode(bytes: &[u8], slash: bool) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => text.push(char::from(*byte)),
            b'/' if !slash => text.push('/'),
            byte => {
                let _ = write!(text, "%{byte:02X}");
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_encoded_once_more_but_for_s3() {
        assert_eq!(path("/a%20b//./c/../d/", false), "/a%2520b/d/");
        assert_eq!(path("/a%20b/../d", true), "/a%20b/../d");
        assert_eq!((path("/", false), path("", false)), ("/".into(), "/".into()));
    }

    #[test]
    fn a_query_is_sorted_and_encoded_whatever_way_it_came() {
        assert_eq!(query("b=2&a=%7e&a=1&X-Amz-Signature=x&c"), "a=1&a=~&b=2&c=");
        assert_eq!(parameter("a=1&X-Amz-Date=2%30", "X-Amz-Date").as_deref(), Some("20"));
    }

    #[test]
    fn escapes_are_read_and_broken_ones_stay() {
        assert_eq!(decoded("/%5Fministack/%zz%4"), "/_ministack/%zz%4");
    }
}
