//! The X-Ray daemon's socket: counts what arrives.

use std::{
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use anyhow::{Context as _, Result};
use tokio::net::UdpSocket;

#[derive(Debug, Default)]
struct Counts {
    datagrams: AtomicU64,
    bytes: AtomicU64,
}

#[derive(Debug, Clone)]
pub(crate) struct Daemon {
    pub(crate) address: SocketAddr,
    counts: Arc<Counts>,
}

impl Daemon {
    pub(crate) async fn start() -> Result<Self> {
        let socket = UdpSocket::bind(("127.0.0.1", 0)).await.context("can't open a datagram socket on loopback")?;
        let daemon = Self { address: socket.local_addr()?, counts: Arc::default() };
        let counts = Arc::clone(&daemon.counts);
        tokio::spawn(async move {
            let mut buffer = vec![0; 65_536];
            while let Ok(length) = socket.recv(&mut buffer).await {
                counts.datagrams.fetch_add(1, Ordering::Relaxed);
                counts.bytes.fetch_add(length as u64, Ordering::Relaxed);
            }
        });
        Ok(daemon)
    }

    /// Datagrams and bytes since the start.
    pub(crate) fn counts(&self) -> (u64, u64) {
        (self.counts.datagrams.load(Ordering::Relaxed), self.counts.bytes.load(Ordering::Relaxed))
    }
}
