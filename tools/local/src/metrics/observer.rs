//! What the emulator tells of itself: JSON lines from `emulator/observe.py`.

use std::net::SocketAddr;

use anyhow::{Context as _, Result};
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    net::{TcpListener, tcp::OwnedWriteHalf},
    sync::Mutex,
};

use super::{Metrics, sources};

/// Something that happened in the emulator, at a moment of the machine's time.
#[derive(Debug, Deserialize)]
pub(super) struct Event {
    pub(super) at: f64,
    #[serde(flatten)]
    pub(super) what: What,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(super) enum What {
    Invocation { function: String, started: f64, ms: f64, failed: bool, concurrent: f64 },
    Throttle { function: String },
    Integration { api: String, stage: Option<String>, path: Option<String>, method: Option<String>, ms: f64 },
    Sent { queue: String, bytes: f64 },
    Received { queue: String, count: f64 },
    Deleted { queue: String, count: f64 },
    Queues { queues: Vec<QueueState> },
    Records { group: String, messages: Vec<String> },
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct QueueState {
    pub(super) queue: String,
    pub(super) visible: f64,
    pub(super) in_flight: f64,
    pub(super) delayed: f64,
    pub(super) oldest: Option<f64>,
}

/// Where the emulator connects to.
#[derive(Debug)]
pub(crate) struct Observer {
    listener: TcpListener,
    pub(crate) address: SocketAddr,
}

/// The way to ask the emulator.
#[derive(Debug, Default)]
pub(super) struct Line(Mutex<Option<OwnedWriteHalf>>);

impl Line {
    /// Asks for the state of the queues; it comes as an event. Nobody to ask is told when the connection ends.
    pub(super) async fn ask_for_queues(&self) {
        let mut line = self.0.lock().await;
        if let Some(writer) = line.as_mut()
            && writer.write_all(b"queues\n").await.is_err()
        {
            *line = None;
        }
    }
}

impl Observer {
    pub(crate) async fn bind() -> Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.context("no free port on loopback")?;
        let address = listener.local_addr()?;
        Ok(Self { listener, address })
    }

    /// Takes the emulator's connection and its events, until it ends.
    pub(super) async fn run(self, metrics: &Metrics) -> Result<()> {
        let (connection, _) = self.listener.accept().await?;
        let (reader, writer) = connection.into_split();
        *metrics.line.0.lock().await = Some(writer);
        let mut lines = BufReader::new(reader).lines();
        while let Some(line) = lines.next_line().await? {
            match serde_json::from_str::<Event>(&line) {
                Ok(event) => sources::record(metrics, event).await,
                Err(error) => eprintln!("metrics: not an event of the emulator's: {error}"),
            }
        }
        Ok(())
    }
}
