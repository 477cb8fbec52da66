//! The daemon's UDP side: one datagram, a header line, and one document.

use std::io;

use serde::Deserialize;
use tokio::net::UdpSocket;

use crate::store::Store;

/// No UDP payload is longer.
const MAX_DATAGRAM: usize = 65_535;

/// Takes datagrams until the task is dropped. Bad ones are counted ([`crate::Stats`]) and told
/// ([`Store::rejections`]), never fatal.
///
/// # Errors
/// At once for a socket that is not on a loopback address, later only if the socket itself breaks.
pub async fn serve(socket: UdpSocket, store: Store) -> io::Result<()> {
    let address = socket.local_addr()?;
    if !address.ip().is_loopback() {
        let message = format!("{address} is not a loopback address: bind 127.0.0.1 or ::1");
        return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
    }
    let mut buffer = vec![0; MAX_DATAGRAM];
    loop {
        match socket.recv_from(&mut buffer).await {
            Ok((length, _)) => match document(buffer.get(..length).unwrap_or_default()) {
                Ok(document) => {
                    // Refusals are counted and kept by the store: UDP has nobody to answer.
                    store.put(document);
                }
                Err(cause) => store.malformed_datagram(cause),
            },
            // A sender that is gone already; the socket is well.
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::ConnectionReset | io::ErrorKind::ConnectionRefused | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error),
        }
    }
}

#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

/// The document of a datagram.
fn document(datagram: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(datagram).map_err(|error| format!("not UTF-8: {error}"))?;
    let (header, document) = text.split_once('\n').ok_or("no line feed between header and document")?;
    let header: Header = serde_json::from_str(header).map_err(|error| format!("unreadable header: {error}"))?;
    if !header.format.eq_ignore_ascii_case("json") || header.version != 1 {
        return Err(format!("format {:?} version {} is not \"json\" version 1", header.format, header.version));
    }
    if ["T1S", "T1U", "M1"].iter().any(|prefix| document.starts_with(prefix)) {
        return Err("OTLP in a datagram is not supported: send X-Ray segment documents".to_owned());
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::document;

    #[test]
    fn the_header_ends_at_the_first_line_feed() {
        let datagram = b"{\"format\": \"JSON\", \"version\": 1}\n{\"a\":\n1}";
        assert_eq!(document(datagram), Ok("{\"a\":\n1}"));
    }

    #[test]
    fn a_datagram_without_a_good_header_is_told_why() {
        let cause = |datagram: &[u8]| document(datagram).unwrap_err();
        assert!(cause(b"{}").contains("line feed"));
        assert!(cause(b"hello\n{}").contains("unreadable header"));
        assert!(cause(b"{\"format\":\"json\",\"version\":2}\n{}").contains("version 2"));
        assert!(cause(b"{\"format\":\"xml\",\"version\":1}\n{}").contains("xml"));
        assert!(cause(b"\xff\n{}").contains("UTF-8"));
        assert!(cause(b"{\"format\":\"json\",\"version\":1}\nT1SCAFE").contains("OTLP"));
    }
}
