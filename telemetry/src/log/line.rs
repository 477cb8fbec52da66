use std::time::SystemTime;

use crate::clock::timestamp;
use crate::config::Config;
use crate::json::Object;
use crate::level::Level;
use crate::scope::{Finished, Journal, Line, Scope};

/// A value of a line that no step wrote.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Member<'m> {
    Text(&'m str),
    Count(u64),
}

/// Who writes: what every line carries.
#[derive(Debug, Clone)]
pub(crate) struct Labels {
    service: String,
    environment: String,
    correlation_key: &'static str,
}

impl Labels {
    pub(crate) fn new(config: &Config) -> Self {
        Self {
            service: config.service.clone(),
            environment: config.environment.clone(),
            correlation_key: config.correlation_key,
        }
    }

    pub(super) fn open<'o>(&self, out: &'o mut String, at: SystemTime, level: Level, message: &str) -> Object<'o> {
        let mut object = Object::open(out);
        let out = object.key("timestamp");
        out.push('"');
        timestamp(at, out);
        out.push('"');
        object.text("level", level.as_str());
        object.text("message", message);
        object.text("service", &self.service);
        object.text("environment", &self.environment);
        object
    }

    pub(super) fn ids(&self, object: &mut Object<'_>, scope: &Scope) {
        if let Some(id) = scope.journal.request_id.as_deref() {
            object.text("requestId", id);
        }
        if let Some(id) = &scope.unit.trace_id {
            object.text("traceId", id);
        }
        if let Some(id) = scope.span_id() {
            object.text("spanId", &id.hex());
        }
        if let Some(id) = scope.unit.correlation.get() {
            object.text(self.correlation_key, id.as_str());
        }
    }

    /// A line that no step wrote; `members` are written as texts or counts.
    pub(crate) fn plain(
        &self,
        out: &mut String,
        level: Level,
        message: &str,
        journal: Option<&Journal>,
        members: &[(&str, Member<'_>)],
    ) {
        let mut object = self.open(out, SystemTime::now(), level, message);
        if let Some(id) = journal.and_then(|journal| journal.request_id.as_deref()) {
            object.text("requestId", id);
        }
        for (key, member) in members {
            match member {
                Member::Text(text) => object.text(key, text),
                Member::Count(count) => object.count(key, *count),
            }
        }
        object.close();
        out.push('\n');
    }

    pub(crate) fn line(&self, line: &Line, out: &mut String) {
        let mut object = self.open(out, line.scope.journal.at(line.at), line.level, line.message);
        self.ids(&mut object, &line.scope);
        object.text("step", line.scope.name);
        object.fields(&line.fields);
        object.close();
        out.push('\n');
    }

    pub(crate) fn step(&self, finished: &Finished, out: &mut String) {
        let scope = &finished.scope;
        let data = scope.data();
        let message = match (&finished.failure, scope.root) {
            (None, false) => "step done",
            (None, true) => "work done",
            (Some(_), false) => "step failed",
            (Some(_), true) => "work failed",
        };
        let mut object = self.open(out, scope.journal.at(finished.ended()), finished.level(), message);
        self.ids(&mut object, scope);
        object.text("step", scope.name);
        object.text("outcome", finished.outcome(&data));
        object.millis("durationMs", finished.duration);
        if let Some(failure) = &finished.failure {
            object.text("errorClass", failure.class);
            object.text("error", failure.message());
            if let Some(code) = &failure.code {
                object.text("errorCode", code.as_str());
            }
        }
        if let Some(call) = &data.call {
            object.text("awsService", call.service);
            object.text("awsOperation", call.operation);
            if let Some(id) = &data.response.request_id {
                object.text("awsRequestId", id.as_str());
            }
            if let Some(retries) = data.response.retries {
                object.count("retries", retries);
            }
        }
        object.fields(&data.fields);
        object.close();
        out.push('\n');
    }
}
