//! One record of a finished step, from which span, metric and log line are written.

use std::sync::Arc;
use std::time::Duration;

use opentelemetry::KeyValue;
use opentelemetry::trace::{Status, TraceContextExt};

use super::Resource;
use super::scope::{Data, Scope};
use crate::error::{ErrorKind, Failure};
use crate::field::{Value, millis};
use crate::log::Level;
use crate::trace::attribute;

#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) scope: Arc<Scope>,
    pub(crate) duration: Duration,
    pub(crate) failure: Option<Failure>,
    /// How many annotations it has been granted, in the order of need.
    annotated: usize,
    /// Whether its correlation id is one more.
    correlated: bool,
}

impl Finished {
    pub(crate) fn new(scope: Arc<Scope>, duration: Duration, failure: Option<Failure>) -> Self {
        Self { scope, duration, failure, annotated: 0, correlated: false }
    }

    pub(crate) fn outcome(&self, data: &Data) -> &'static str {
        match &self.failure {
            Some(failure) => failure.kind.outcome(),
            None => data.outcome.unwrap_or("ok"),
        }
    }

    pub(crate) fn level(&self) -> Level {
        match self.failure.map(|failure| failure.kind) {
            None => Level::Info,
            Some(ErrorKind::Rejected | ErrorKind::Throttled) => Level::Warn,
            Some(ErrorKind::Fault) => Level::Error,
        }
    }

    /// How badly this step needs its annotations: failures first, then the unit's own document.
    pub(crate) fn priority(&self) -> u8 {
        match (self.failure.is_some(), self.scope.root) {
            (_, true) => 0,
            (true, false) => 1,
            (false, false) => 2,
        }
    }

    /// What the step itself is found by, in the order of need.
    fn annotations(&self, data: &Data) -> impl Iterator<Item = (&'static str, &'static str)> {
        let class = self.failure.map(|failure| ("errorClass", failure.class));
        // The outermost document is found by its name.
        let step = (!self.scope.root).then_some(("step", self.scope.name));
        class.into_iter().chain([("outcome", self.outcome(data))]).chain(step)
    }

    /// Takes what the step itself needs from its trace's annotations; the outermost document is also what the id finds.
    pub(crate) fn reserve(&mut self) {
        let count = self.annotations(&self.scope.data()).count();
        let unit = &self.scope.unit;
        self.correlated = self.scope.root && unit.correlation.get().is_some() && unit.take_annotation();
        self.annotated = (0..count).take_while(|_| unit.take_annotation()).count();
    }

    /// Takes one more for the correlation id, if every step of the trace has got its own.
    pub(crate) fn reserve_correlation(&mut self) {
        let unit = &self.scope.unit;
        self.correlated = self.correlated || unit.correlation.get().is_some() && unit.take_annotation();
    }

    /// Writes the step into its span and ends it. What the trace has no annotation left for becomes metadata.
    pub(crate) fn end_span(&self, correlation_key: &'static str, service: &str) {
        let Some(handle) = &self.scope.span else {
            return;
        };
        let data = self.scope.data();
        let span = handle.context().span();
        let mut attributes = Vec::with_capacity(16 + data.fields.len());
        if let Some(id) = self.scope.unit.correlation.get() {
            let key = attribute::custom(self.correlated, correlation_key);
            attributes.push(KeyValue::new(key, id.as_str().to_owned()));
        }
        for (at, (key, text)) in self.annotations(&data).enumerate() {
            attributes.push(KeyValue::new(attribute::custom(at < self.annotated, key), text));
        }
        if let Some(request_id) = self.scope.invocation.request_id() {
            attributes.push(KeyValue::new("metadata.requestId", request_id));
        }
        if data.aws.is_some() {
            attributes.push(KeyValue::new("metadata.retries", data.retries.unwrap_or(0) as i64));
        }
        self.aws_attributes(&data, &mut attributes);
        for (key, value) in &data.fields {
            attributes.push(KeyValue::new(attribute::custom(false, key), otel(*value)));
        }
        if !data.links.is_empty() {
            attributes.push(KeyValue::new("metadata.producerTraces", data.links_seen as i64));
            let named: Vec<opentelemetry::StringValue> =
                data.links.iter().map(|link| crate::propagate::xray_trace_id(link.trace_id()).into()).collect();
            attributes.push(KeyValue::new(
                "metadata.producerTraceIds",
                opentelemetry::Value::Array(opentelemetry::Array::String(named)),
            ));
            for link in &data.links {
                span.add_link(link.clone(), Vec::new());
            }
        }
        if let Some(failure) = &self.failure {
            attributes.push(KeyValue::new(attribute::KIND, failure.kind.outcome()));
            if let Some(code) = failure.code {
                attributes.push(KeyValue::new("metadata.errorCode", code.as_str().to_owned()));
            }
            span.set_status(Status::error(failure.message()));
            span.add_event_with_timestamp(
                "exception",
                self.scope.started_at + self.duration,
                vec![
                    KeyValue::new("exception.type", failure.class),
                    KeyValue::new("exception.message", failure.message()),
                ],
            );
        }
        if self.scope.root && handle.is_segment() {
            attributes.extend(attribute::function(service));
        }
        span.set_attributes(attributes);
        span.update_name(self.scope.name);
        span.end_with_timestamp(self.scope.started_at + self.duration);
    }

    fn aws_attributes(&self, data: &Data, attributes: &mut Vec<KeyValue>) {
        let Some(call) = &data.aws else {
            return;
        };
        // The translator knows `rpc.system`, not yet its successor `rpc.system.name`.
        attributes.extend([
            KeyValue::new("rpc.system", "aws-api"),
            KeyValue::new("rpc.service", call.service),
            KeyValue::new("rpc.method", call.operation),
        ]);
        match &call.resource {
            Some(Resource::Queue(url)) => attributes.push(KeyValue::new("aws.sqs.queue.url", Arc::clone(url))),
            Some(Resource::Table(name)) => attributes.push(KeyValue::new("aws.table.name", Arc::clone(name))),
            None => {}
        }
        if let Some(id) = data.aws_request_id {
            attributes.push(KeyValue::new("aws.request_id", id.as_str().to_owned()));
        }
        if let Some(status) = data.http_status {
            attributes.push(KeyValue::new("http.response.status_code", i64::from(status)));
        }
    }
}

fn otel(value: Value) -> opentelemetry::Value {
    match value {
        Value::Static(text) => text.into(),
        // An unsigned value would arrive as text.
        Value::Count(count) => i64::try_from(count).unwrap_or(i64::MAX).into(),
        Value::Duration(duration) => millis(duration).into(),
        Value::Bool(value) => value.into(),
        Value::Id(id) => id.as_str().to_owned().into(),
    }
}
