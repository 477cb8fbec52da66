//! The daemon's UDP side: one datagram, a header line, and one document, or OTLP spans in base64.

use std::{fs, io, net::SocketAddr};

use serde::Deserialize;
use tokio::net::UdpSocket;

use crate::{otlp, store::Store};

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
            Ok((length, _)) => {
                // Refusals are counted and kept by the store: UDP has nobody to answer.
                if let Err(cause) = take(&store, buffer.get(..length).unwrap_or_default()) {
                    store.malformed_datagram(cause);
                }
            }
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

/// Datagrams that the kernel has dropped since the socket with this address was bound, because they came faster than they were
/// taken. None where there is no `/proc`, or no such socket.
pub fn kernel_drops(address: SocketAddr) -> Option<u64> {
    let (path, local) = match address {
        // The kernel prints the address as it stands in memory, the port as a number.
        SocketAddr::V4(v4) => {
            ("/proc/net/udp", format!("{:08X}:{:04X}", u32::from_ne_bytes(v4.ip().octets()), v4.port()))
        }
        SocketAddr::V6(v6) => {
            let words = v6.ip().octets();
            let words = words.chunks(4).filter_map(|word| Some(u32::from_ne_bytes(word.try_into().ok()?)));
            let address: String = words.map(|word| format!("{word:08X}")).collect();
            ("/proc/net/udp6", format!("{address}:{:04X}", v6.port()))
        }
    };
    drops_of(&fs::read_to_string(path).ok()?, &local)
}

/// `sl local_address rem_address st ... drops`: the second word and the last.
fn drops_of(table: &str, local: &str) -> Option<u64> {
    let line = table.lines().find(|line| line.split_whitespace().nth(1) == Some(local))?;
    line.split_whitespace().next_back()?.parse().ok()
}

#[derive(Deserialize)]
struct Header {
    format: String,
    version: u32,
}

/// A segment document, or OTLP spans: `T1S` before those that were sampled, `T1U` before those that were not.
fn take(store: &Store, datagram: &[u8]) -> Result<(), String> {
    let body = body(datagram)?;
    if let Some(metrics) = body.strip_prefix("M1") {
        return Err(format!("OTLP metrics in a datagram ({} characters): X-Ray takes traces", metrics.len()));
    }
    let spans = [("T1S", true), ("T1U", false)];
    match spans.iter().find_map(|(prefix, sampled)| Some((body.strip_prefix(prefix)?, *sampled))) {
        Some((spans, sampled)) => drop(store.put_otlp(otlp::read_base64(spans)?, sampled)),
        None => drop(store.put(body)),
    }
    Ok(())
}

/// What follows the header of a datagram.
fn body(datagram: &[u8]) -> Result<&str, String> {
    let text = std::str::from_utf8(datagram).map_err(|error| format!("not UTF-8: {error}"))?;
    let (header, document) = text.split_once('\n').ok_or("no line feed between header and document")?;
    let header: Header = serde_json::from_str(header).map_err(|error| format!("unreadable header: {error}"))?;
    if !header.format.eq_ignore_ascii_case("json") || header.version != 1 {
        return Err(format!("format {:?} version {} is not \"json\" version 1", header.format, header.version));
    }
    Ok(document)
}

#[cfg(test)]
mod tests {
    use super::{body, drops_of, take};
    use crate::store::Store;

    #[test]
    fn the_kernel_s_table_is_read_by_the_socket_s_address() {
        let table = "   sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n\
            1: 0100007F:9C40 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 0\n\
            2: 0100007F:9C41 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 18863\n";
        assert_eq!(drops_of(table, "0100007F:9C41"), Some(18_863));
        assert_eq!(drops_of(table, "0100007F:9C42"), None);
    }

    #[test]
    fn the_header_ends_at_the_first_line_feed() {
        let datagram = b"{\"format\": \"JSON\", \"version\": 1}\n{\"a\":\n1}";
        assert_eq!(body(datagram), Ok("{\"a\":\n1}"));
    }

    #[test]
    fn a_datagram_without_a_good_header_is_told_why() {
        let cause = |datagram: &[u8]| take(&Store::default(), datagram).unwrap_err();
        assert!(cause(b"{}").contains("line feed"));
        assert!(cause(b"hello\n{}").contains("unreadable header"));
        assert!(cause(b"{\"format\":\"json\",\"version\":2}\n{}").contains("version 2"));
        assert!(cause(b"{\"format\":\"xml\",\"version\":1}\n{}").contains("xml"));
        assert!(cause(b"\xff\n{}").contains("UTF-8"));
        assert!(cause(b"{\"format\":\"json\",\"version\":1}\nT1S!").contains("base64"));
        assert!(cause(b"{\"format\":\"json\",\"version\":1}\nT1SCAFE").contains("protobuf"));
        assert!(cause(b"{\"format\":\"json\",\"version\":1}\nM1CAFE").contains("metrics"));
    }
}
