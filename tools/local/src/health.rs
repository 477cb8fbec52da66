//! What a running stack says of itself, to whoever looks at it.

use std::net::SocketAddr;

use serde::{Deserialize, Serialize};

/// Where it is asked.
pub(crate) const HEALTH: &str = "/_local/health";

/// What the stack says of itself.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Health {
    /// Which stack it is.
    pub(crate) id: String,
    pub(crate) emulator: EmulatorHealth,
    /// Where X-Ray segments go by UDP.
    pub(crate) xray_daemon: SocketAddr,
    /// What came of them, and of those that came by HTTP or from the stack itself.
    pub(crate) traces: xray::Stats,
    /// Documents and datagrams that X-Ray has refused, by reason.
    pub(crate) refused_traces: Vec<xray::Refused>,
    /// Datagrams that the kernel has dropped, because they came faster than they were taken; none where it does not tell.
    pub(crate) dropped_datagrams: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum EmulatorHealth {
    Up,
    /// Its process is there, and does not answer.
    Silent,
    Ended,
}
