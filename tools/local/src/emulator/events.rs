//! What the emulator reports of itself: JSON lines on its standard output, and its answers to what it is asked.

use anyhow::Result;
use serde::Deserialize;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader},
    process::{ChildStdin, ChildStdout},
    sync::Mutex,
};

/// Something that happened in the emulator, at a moment of the machine's time.
#[derive(Debug, Deserialize)]
pub(crate) struct Event {
    pub(crate) at: f64,
    #[serde(flatten)]
    pub(crate) what: What,
}

#[derive(Debug, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub(crate) enum What {
    Invocation(Invocation),
    Throttle {
        function: String,
    },
    /// A request to an API was answered, after the invocations that it caused.
    Request {
        #[serde(rename = "traceHeader")]
        trace_header: Option<String>,
        /// The API's name.
        api: Option<String>,
    },
    Integration {
        api: String,
        stage: Option<String>,
        path: Option<String>,
        method: Option<String>,
        ms: f64,
    },
    Sent {
        queue: String,
        bytes: f64,
    },
    Received {
        queue: String,
        count: f64,
    },
    Deleted {
        queue: String,
        count: f64,
    },
    Queues {
        queues: Vec<QueueState>,
    },
    Records {
        group: String,
        messages: Vec<String>,
    },
}

/// An invocation of a function, whoever caused it. Times are epoch seconds.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation {
    pub(crate) function: String,
    pub(crate) arn: Option<String>,
    pub(crate) request_id: String,
    /// What the function got as its trace; none if it was never asked, or is not traced.
    pub(crate) trace_header: Option<String>,
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) failed: bool,
    /// Only of a failed one.
    pub(crate) error_type: Option<String>,
    /// How many of the function ran when it began, itself included.
    pub(crate) concurrent: f64,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct QueueState {
    pub(crate) queue: String,
    pub(crate) visible: f64,
    pub(crate) in_flight: f64,
    pub(crate) delayed: f64,
    pub(crate) oldest: Option<f64>,
}

/// The events as they come.
#[derive(Debug)]
pub(crate) struct Events(tokio::io::Lines<BufReader<ChildStdout>>);

impl Events {
    pub(super) fn new(output: ChildStdout) -> Self {
        Self(BufReader::new(output).lines())
    }

    /// None when the emulator has ended.
    pub(crate) async fn next(&mut self) -> Result<Option<Event>> {
        loop {
            let Some(line) = self.0.next_line().await? else { return Ok(None) };
            match serde_json::from_str(&line) {
                Ok(event) => return Ok(Some(event)),
                Err(error) => eprintln!("not an event of the emulator's: {error}"),
            }
        }
    }
}

/// What may be asked. The emulator ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Questions(Mutex<ChildStdin>);

impl Questions {
    pub(super) fn new(input: ChildStdin) -> Self {
        Self(Mutex::new(input))
    }

    /// Asks for the state of the queues; it comes as an event. Nobody to ask is said when the events end.
    pub(crate) async fn ask_for_queues(&self) {
        let _ = self.0.lock().await.write_all(b"queues\n").await;
    }
}
