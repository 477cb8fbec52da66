//! For tests: runs a handler as Lambda would, and hands back everything it emitted.
//!
//! Nothing is global: each [`Harness`] has its own subscriber, socket and output, so that tests run in parallel.

use std::{
    future::Future,
    sync::{
        Arc, Mutex, PoisonError,
        mpsc::{Receiver, channel},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use lambda_runtime::{Context, LambdaEvent};
use serde_json::Value;
use tower::{Layer, Service, service_fn};

use crate::{
    config::{Config, InitError},
    lambda::TelemetryLayer,
    output::Output,
    process::Process,
    trace::Transport,
};

/// A header as Lambda hands it over in a sampled trace.
pub const SAMPLED: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1;Lineage=25:a87bd80c:1";
/// The same in an unsampled trace.
pub const UNSAMPLED: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=0;Lineage=25:a87bd80c:1";

/// Telemetry that is captured instead of sent.
#[derive(Debug)]
pub struct Harness {
    process: Arc<Process>,
    segments: Option<Mutex<Receiver<String>>>,
}

/// What was emitted.
#[derive(Debug, Clone, Default)]
#[non_exhaustive]
pub struct Captured {
    /// X-Ray documents, in the order they were sent, as X-Ray takes them apart: each subsegment by itself, with its trace and its parent.
    pub segments: Vec<Value>,
    /// The same as they were sent, one a datagram.
    pub documents: Vec<Value>,
    /// What was sent in place of documents, with [`TraceFormat::Otlp`](crate::TraceFormat::Otlp): each behind its datagram's header.
    pub payloads: Vec<String>,
    /// Lines with metrics.
    pub metrics: Vec<Value>,
    /// Lines for people, most of them with metrics.
    pub logs: Vec<Value>,
    /// What the lines of units tell of their steps, each as the line it would be.
    pub steps: Vec<Value>,
    /// Every byte of all of them, to search for what must not be there.
    pub raw: String,
}

impl Captured {
    /// The document of this name.
    #[must_use]
    pub fn segment(&self, name: &str) -> Option<&Value> {
        self.segments.iter().find(|segment| segment["name"] == name)
    }

    /// The log line that ends this step, or else what its unit's line tells of it.
    #[must_use]
    pub fn step(&self, step: &str) -> Option<&Value> {
        self.logs.iter().chain(&self.steps).find(|line| line["step"] == step && line["outcome"].is_string())
    }

    /// Every value of a metric, over all records.
    #[must_use]
    pub fn metric(&self, name: &str) -> Vec<f64> {
        self.metrics
            .iter()
            .filter_map(|record| record.get(name))
            .flat_map(|value| match value {
                Value::Array(values) => values.iter().filter_map(Value::as_f64).collect(),
                value => value.as_f64().into_iter().collect::<Vec<_>>(),
            })
            .collect()
    }
}

impl Harness {
    /// A harness for a function of this configuration.
    ///
    /// # Errors
    /// [`InitError`] if the configuration is not usable.
    pub fn new(mut config: Config) -> Result<Self, InitError> {
        config.check()?;
        let (send, segments) = channel();
        Ok(Self {
            process: Arc::new(Process::new(
                config,
                Transport::Captured(send),
                Output::Captured(Mutex::default()),
                false,
            )),
            segments: Some(Mutex::new(segments)),
        })
    }

    /// A harness whose documents really go to the daemon's address of the configuration; metrics and logs are captured.
    ///
    /// # Errors
    /// [`InitError`] if the configuration is not usable.
    pub fn with_socket(mut config: Config) -> Result<Self, InitError> {
        config.check()?;
        let transport = Transport::connect(&config.daemon_address);
        let process = Process::new(config, transport, Output::Captured(Mutex::default()), false);
        Ok(Self { process: Arc::new(process), segments: None })
    }

    /// The layer, to put around a service by hand.
    #[must_use]
    pub fn layer(&self) -> TelemetryLayer {
        TelemetryLayer::new(Arc::clone(&self.process))
    }

    /// A Lambda context with this tracing header and 30 seconds left.
    #[must_use]
    pub fn context(header: Option<&str>) -> Context {
        let deadline = SystemTime::now() + Duration::from_secs(30);
        let mut context = Context::default();
        context.request_id = "8476a536-e9f4-11e8-9739-2dfe598c3fcd".to_owned();
        context.deadline = deadline.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis() as u64;
        context.xray_trace_id = header.map(str::to_owned);
        context
    }

    /// Runs `handler` as one invocation under this header.
    pub async fn invoke<T, E, F>(&self, header: Option<&str>, handler: F) -> (Result<T, E>, Captured)
    where
        F: Future<Output = Result<T, E>>,
    {
        self.invoke_with(Self::context(header), handler).await
    }

    /// As [`Harness::invoke`], with any context.
    pub async fn invoke_with<T, E, F>(&self, context: Context, handler: F) -> (Result<T, E>, Captured)
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut handler = Some(handler);
        let inner = service_fn(move |_event: LambdaEvent<()>| {
            let handler = handler.take();
            async move {
                match handler {
                    Some(handler) => handler.await,
                    None => std::future::pending().await,
                }
            }
        });
        let result = self.layer().layer(inner).call(LambdaEvent::new((), context)).await;
        (result, self.captured())
    }

    /// Throws away what was emitted, without reading it.
    pub fn discard(&self) {
        if let Some(segments) = &self.segments {
            segments.lock().unwrap_or_else(PoisonError::into_inner).try_iter().for_each(drop);
        }
        if let Output::Captured(output) = &*self.process.output {
            output.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }

    /// Everything emitted since the last call.
    #[must_use]
    pub fn captured(&self) -> Captured {
        let mut captured = Captured::default();
        if let Some(segments) = &self.segments {
            for document in segments.lock().unwrap_or_else(PoisonError::into_inner).try_iter() {
                captured.raw.push_str(&document);
                captured.raw.push('\n');
                if !document.starts_with('{') {
                    captured.payloads.push(document);
                    continue;
                }
                let document = json(&document);
                take_apart(document.clone(), &mut captured.segments);
                captured.documents.push(document);
            }
        }
        let Output::Captured(output) = &*self.process.output else {
            return captured;
        };
        let output = std::mem::take(&mut *output.lock().unwrap_or_else(PoisonError::into_inner));
        let output = String::from_utf8_lossy(&output);
        captured.raw.push_str(&output);
        for line in output.lines() {
            let line = json(line);
            if line.get("_aws").is_some() {
                captured.metrics.push(line.clone());
            }
            for step in line["steps"].as_array().into_iter().flatten() {
                captured.steps.push(step_line(&line, step));
            }
            if line["message"].is_string() {
                captured.logs.push(line);
            }
        }
        captured
    }
}

/// A step of a unit's line, with the line's ids.
fn step_line(line: &Value, step: &Value) -> Value {
    let mut told = step.as_object().cloned().unwrap_or_default();
    for (key, value) in line.as_object().into_iter().flatten() {
        if value.is_string() && (key == "Service" || key == "Environment" || key.ends_with("Id")) {
            told.entry(key.clone()).or_insert_with(|| value.clone());
        }
    }
    for (short, long) in [("name", "step"), ("ms", "durationMs")] {
        if let Some(value) = told.remove(short) {
            told.insert(long.into(), value);
        }
    }
    told.entry("outcome").or_insert_with(|| "ok".into());
    Value::Object(told)
}

/// A document and all inside it.
fn take_apart(mut document: Value, into: &mut Vec<Value>) {
    let inside = document.as_object_mut().and_then(|document| document.remove("subsegments"));
    let (trace, id) = (document["trace_id"].clone(), document["id"].clone());
    into.push(document);
    for mut child in inside.as_ref().and_then(Value::as_array).cloned().unwrap_or_default() {
        if let Some(child) = child.as_object_mut() {
            child.insert("trace_id".into(), trace.clone());
            child.insert("parent_id".into(), id.clone());
            child.insert("type".into(), "subsegment".into());
        }
        take_apart(child, into);
    }
}

/// A line that is not JSON becomes a string, which no assertion about members passes.
fn json(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}
