use std::time::SystemTime;

use crate::{
    clock::timestamp,
    config::Config,
    error::Failure,
    json::Object,
    level::Level,
    scope::{Finished, Journal, Line, Scope},
};

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
    pub(super) correlation_key: &'static str,
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
        object.text("Service", &self.service);
        object.text("Environment", &self.environment);
        object
    }

    pub(super) fn ids(&self, object: &mut Object<'_>, scope: &Scope) {
        if let Some(id) = scope.journal.request_id.as_deref() {
            object.text("requestId", id);
        }
        if let Some(id) = &scope.unit.trace_id {
            object.text("traceId", id);
        }
        // Where nothing is recorded there is no span to find.
        if let Some(span) = scope.span {
            object.text("spanId", &span.id.hex());
        }
        if let Some(id) = scope.unit.correlation.get() {
            object.text(self.correlation_key, id.as_str());
        }
    }

    /// As [`Labels::open`], for a line that is only metrics: no level's business.
    pub(super) fn open_metrics<'o>(&self, out: &'o mut String) -> Object<'o> {
        let mut object = Object::open(out);
        object.text("Service", &self.service);
        object.text("Environment", &self.environment);
        object
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
        object.fields(&line.fields, self.correlation_key);
        object.close();
        out.push('\n');
    }

    /// A step's own line.
    pub(crate) fn step(&self, finished: &Finished, out: &mut String) {
        let scope = &finished.scope;
        let data = scope.data();
        let message = if finished.failure.is_some() { "step failed" } else { "step done" };
        let mut object = self.open(out, scope.journal.at(finished.ended()), finished.level(), message);
        self.ids(&mut object, scope);
        object.text("step", scope.name);
        object.text("outcome", finished.outcome(&data));
        object.millis("durationMs", finished.duration);
        failure(&mut object, finished.failure.as_ref());
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
        object.fields(&data.fields, self.correlation_key);
        object.close();
        out.push('\n');
    }
}

pub(super) fn failure(object: &mut Object<'_>, failure: Option<&Failure>) {
    if let Some(failure) = failure {
        object.text("errorClass", failure.class);
        object.text("error", failure.message());
        if let Some(code) = &failure.code {
            object.text("errorCode", code.as_str());
        }
    }
}
