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
}

impl Finished {
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

    pub(crate) fn annotations(
        &self,
        data: &Data,
        correlation_key: &'static str,
    ) -> Vec<(&'static str, &'static str, Option<Value>)> {
        let mut all = Vec::with_capacity(4);
        if let Some(id) = self.scope.unit.correlation.get() {
            all.push((correlation_key, "", Some(Value::Id(id.id()))));
        }
        all.push(("outcome", self.outcome(data), None));
        if let Some(failure) = &self.failure {
            all.push(("errorClass", failure.class, None));
        }
        all.push(("step", self.scope.name, None));
        all
    }

    /// Writes the step into its span and ends it. What the trace has no annotation left for becomes metadata.
    pub(crate) fn end_span(&self, correlation_key: &'static str, service: &str) {
        let Some(handle) = &self.scope.span else {
            return;
        };
        let data = self.scope.data();
        let span = handle.context().span();
        let mut attributes = Vec::with_capacity(16 + data.fields.len());
        for (key, text, value) in self.annotations(&data, correlation_key) {
            let indexed = self.scope.unit.take_annotation();
            let value = value.map_or(opentelemetry::Value::from(text), otel);
            attributes.push(KeyValue::new(attribute::custom(indexed, key), value));
        }
        if let Some(request_id) = self.scope.invocation.request_id() {
            attributes.push(KeyValue::new("metadata.requestId", request_id));
        }
        if data.aws.is_some() {
            attributes.push(KeyValue::new(
                "metadata.retries",
                data.retries.unwrap_or(0) as i64,
            ));
        }
        self.aws_attributes(&data, &mut attributes);
        for (key, value) in &data.fields {
            attributes.push(KeyValue::new(attribute::custom(false, key), otel(*value)));
        }
        if !data.links.is_empty() {
            attributes.push(KeyValue::new(
                "metadata.producerTraces",
                data.links_seen as i64,
            ));
            let named: Vec<opentelemetry::StringValue> = data
                .links
                .iter()
                .map(|link| crate::propagate::xray_trace_id(link.trace_id()).into())
                .collect();
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
                attributes.push(KeyValue::new(
                    "metadata.errorCode",
                    code.as_str().to_owned(),
                ));
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
            attributes.push(KeyValue::new("service.name", service.to_owned()));
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
            Some(Resource::Queue(url)) => {
                attributes.push(KeyValue::new("aws.sqs.queue.url", Arc::clone(url)))
            }
            Some(Resource::Table(name)) => {
                attributes.push(KeyValue::new("aws.table.name", Arc::clone(name)))
            }
            None => {}
        }
        if let Some(id) = data.aws_request_id {
            attributes.push(KeyValue::new("aws.request_id", id.as_str().to_owned()));
        }
        if let Some(status) = data.http_status {
            attributes.push(KeyValue::new(
                "http.response.status_code",
                i64::from(status),
            ));
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
