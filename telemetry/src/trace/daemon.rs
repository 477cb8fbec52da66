//! The way to the daemon: datagrams, never waiting.

use std::{
    fmt,
    io::{self, ErrorKind},
    net::{SocketAddr, ToSocketAddrs, UdpSocket},
};

/// What stands before each document.
pub(crate) const HEADER: &str = "{\"format\": \"json\", \"version\": 1}\n";

/// The most bytes of a document: X-Ray takes 64 kB, a datagram 65,507 B with its header.
pub const MAX_DOCUMENT_BYTES: usize = 64_000;

const DEFAULT_PORT: u16 = 2000;

/// Where `AWS_XRAY_DAEMON_ADDRESS` points: `host:port`, `host`, or the SDKs' `tcp:host:port udp:host:port` in any order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DaemonAddress {
    /// Name or address.
    pub host: String,
    /// UDP port.
    pub port: u16,
}

impl DaemonAddress {
    /// Reads the variable's value; none if it names no UDP address.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut words = text.split_whitespace();
        let mut plain = None;
        let udp = words.find_map(|word| {
            if let Some(address) = word.strip_prefix("udp:") {
                return Some(address);
            }
            if !word.starts_with("tcp:") {
                plain = Some(word);
            }
            None
        });
        let address = udp.or(plain)?;
        // An IPv6 address is only told from its port by brackets.
        let (host, port) = match address.rsplit_once(':') {
            Some((host, port)) if !host.contains(':') || host.ends_with(']') => (host, port.parse().ok()?),
            _ => (address, DEFAULT_PORT),
        };
        let host = host.trim_start_matches('[').trim_end_matches(']');
        (!host.is_empty() && port != 0).then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for DaemonAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

/// Takes one datagram, without waiting.
pub(crate) trait Datagrams: fmt::Debug + Send + Sync {
    fn send(&self, datagram: &[u8]) -> io::Result<()>;
    /// An error that a datagram sent earlier has met since.
    fn late_error(&self) -> bool;
}

/// The real socket.
#[derive(Debug)]
pub(crate) struct UdpClient(UdpSocket);

impl UdpClient {
    /// Resolves a host's name here, once; sending never does.
    pub(crate) fn connect(address: &DaemonAddress) -> io::Result<Self> {
        let address: SocketAddr =
            (address.host.as_str(), address.port).to_socket_addrs()?.next().ok_or(ErrorKind::AddrNotAvailable)?;
        let local: SocketAddr = if address.is_ipv4() { ([0, 0, 0, 0], 0).into() } else { ([0u16; 8], 0).into() };
        let socket = UdpSocket::bind(local)?;
        socket.set_nonblocking(true)?;
        socket.connect(address)?;
        Ok(Self(socket))
    }
}

impl Datagrams for UdpClient {
    fn send(&self, datagram: &[u8]) -> io::Result<()> {
        self.0.send(datagram).map(drop)
    }

    fn late_error(&self) -> bool {
        !matches!(self.0.take_error(), Ok(None))
    }
}

/// Where documents go.
#[derive(Debug)]
pub(crate) enum Transport {
    Daemon(Box<dyn Datagrams>),
    /// The daemon's address was unusable: every document is a loss, and counted.
    Nowhere,
    #[cfg(feature = "testing")]
    Captured(std::sync::mpsc::Sender<String>),
}

impl Transport {
    /// Sends one datagram, [`HEADER`] and document; tells how many were lost, which may be one sent before.
    pub(crate) fn send(&self, datagram: &str) -> u64 {
        match self {
            Self::Nowhere => 1,
            #[cfg(feature = "testing")]
            Self::Captured(documents) => {
                let document = datagram.split_once('\n').map_or(datagram, |(_header, document)| document);
                u64::from(documents.send(document.to_owned()).is_err())
            }
            Self::Daemon(socket) => match socket.send(datagram.as_bytes()) {
                Ok(()) => 0,
                // Tells of an earlier datagram nobody received; this one has not been tried yet.
                Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
                    1 + u64::from(socket.send(datagram.as_bytes()).is_err())
                }
                Err(_) => 1,
            },
        }
    }

    /// To the daemon at this address, or nowhere: an absent daemon is no reason not to work.
    pub(crate) fn connect(address: &str) -> Self {
        DaemonAddress::parse(address)
            .and_then(|address| UdpClient::connect(&address).ok())
            .map_or(Self::Nowhere, |client| Self::Daemon(Box::new(client)))
    }

    /// Losses that showed only after the last document was sent.
    pub(crate) fn late_losses(&self) -> u64 {
        match self {
            Self::Daemon(socket) => u64::from(socket.late_error()),
            _ => 0,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn every_form_of_the_address_is_read() {
        for (text, read) in [
            ("127.0.0.1:2000", "127.0.0.1:2000"),
            ("169.254.79.129:2000", "169.254.79.129:2000"),
            ("xray-daemon:3000", "xray-daemon:3000"),
            ("localhost", "localhost:2000"),
            ("tcp:127.0.0.1:2000 udp:127.0.0.2:2001", "127.0.0.2:2001"),
            ("udp:127.0.0.2:2001 tcp:127.0.0.1:2000", "127.0.0.2:2001"),
            ("[::1]:2000", "[::1]:2000"),
            ("::1", "[::1]:2000"),
        ] {
            assert_eq!(DaemonAddress::parse(text).unwrap().to_string(), read, "{text}");
        }
        for text in ["", "tcp:127.0.0.1:2000", "127.0.0.1:port", "127.0.0.1:0", ":2000", "127.0.0.1:70000"] {
            assert_eq!(DaemonAddress::parse(text), None, "{text}");
        }
    }

    /// A socket that gives the prepared answers.
    #[derive(Debug)]
    struct Answers(Mutex<Vec<io::Result<()>>>, Mutex<Vec<String>>);

    impl Datagrams for std::sync::Arc<Answers> {
        fn send(&self, datagram: &[u8]) -> io::Result<()> {
            let answer = self.0.lock().unwrap().remove(0);
            if answer.is_ok() {
                self.1.lock().unwrap().push(String::from_utf8(datagram.to_vec()).unwrap());
            }
            answer
        }
        fn late_error(&self) -> bool {
            false
        }
    }

    fn losses(answers: Vec<io::Result<()>>, datagrams: &[&str]) -> (u64, Vec<String>) {
        let socket = std::sync::Arc::new(Answers(Mutex::new(answers), Mutex::default()));
        let transport = Transport::Daemon(Box::new(std::sync::Arc::clone(&socket)));
        let lost = datagrams.iter().map(|datagram| transport.send(datagram)).sum();
        let sent = socket.1.lock().unwrap().clone();
        (lost, sent)
    }

    #[test]
    fn a_full_socket_loses_only_its_own_document() {
        let (lost, sent) = losses(vec![Ok(()), Err(ErrorKind::WouldBlock.into()), Ok(())], &["{1}", "{2}", "{3}"]);
        assert_eq!(lost, 1);
        assert_eq!(sent, ["{1}", "{3}"]);
    }

    #[test]
    fn a_refusal_counts_the_document_before_and_tries_this_one() {
        let (lost, sent) = losses(vec![Ok(()), Err(ErrorKind::ConnectionRefused.into()), Ok(())], &["{1}", "{2}"]);
        assert_eq!((lost, sent.len()), (1, 2));
    }
}
