//! The one line of a unit of work: log line and metric record at once.

use std::time::{Instant, UNIX_EPOCH};

use super::{Labels, line::failure};
use crate::{
    json::Object,
    level::Level,
    metrics::Emf,
    scope::{Finished, Scope},
};

/// Steps one line tells of; more have lines of their own.
pub(crate) const MAX_STEPS: usize = 100;

/// What a unit's line tells.
#[derive(Debug)]
pub(crate) struct UnitLine<'u> {
    /// The unit's outermost step.
    pub(crate) root: &'u Scope,
    /// The same, if it is done.
    pub(crate) done: Option<&'u Finished>,
    /// Its steps that are done, and whether each has a line of its own, too.
    pub(crate) steps: &'u [(&'u Finished, bool)],
    /// Those that are not.
    pub(crate) open: &'u [&'static str],
    /// The invocation whose only record this is: one line is enough for both.
    pub(crate) batch: Option<&'u Finished>,
    /// What is said when it is not done, and how loudly.
    pub(crate) unfinished: (Level, &'static str),
}

impl UnitLine<'_> {
    pub(crate) fn level(&self) -> Level {
        self.done.map_or(self.unfinished.0, Finished::level)
    }

    pub(crate) fn at(&self) -> Instant {
        self.done.map_or_else(Instant::now, Finished::ended)
    }

    /// The keys its fields take in the line.
    pub(crate) fn keys(&self) -> Vec<&'static str> {
        let batch = self.batch.map(|batch| &*batch.scope);
        let scopes = [Some(self.root), batch].into_iter().flatten();
        scopes.flat_map(|scope| scope.data().fields.iter().map(|(key, _)| *key).collect::<Vec<_>>()).collect()
    }

    /// Writes the line; below the configured level only its metrics and ids.
    pub(crate) fn write(&self, labels: &Labels, namespace: &str, emf: &Emf<'_>, quiet: bool, out: &mut String) {
        let at = self.root.journal.at(self.at());
        if quiet && emf.is_empty() {
            return;
        }
        let mut line = if quiet {
            labels.open_metrics(out)
        } else {
            let message = match self.done {
                None => self.unfinished.1,
                Some(done) if done.failure.is_some() => "work failed",
                Some(_) => "work done",
            };
            labels.open(out, at, self.level(), message)
        };
        labels.ids(&mut line, self.root);
        if let Some(batch) = self.batch.filter(|batch| batch.scope.span.is_some())
            && let Some(id) = &batch.scope.unit.trace_id
        {
            line.text("batchTraceId", id);
        }
        let batch = self.batch.map(|batch| &batch.scope.unit);
        if let Some((trace, _)) = self.root.unit.client.get().or_else(|| batch?.client.get()) {
            line.text("clientTraceId", &trace.hex());
        }
        line.text("step", self.root.name);
        if !quiet {
            self.tell(&mut line, labels.correlation_key);
        }
        if emf.has_members() {
            let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
            emf.write(namespace, since.as_millis() as u64, &mut line);
        }
        line.close();
        out.push('\n');
    }

    fn tell(&self, line: &mut Object<'_>, correlation_key: &str) {
        let data = self.root.data();
        if let Some(done) = self.done {
            line.text("outcome", done.outcome(&data));
            line.millis("durationMs", done.duration);
            failure(line, done.failure.as_ref());
        } else {
            line.millis("durationMs", self.root.started.elapsed());
        }
        line.fields(&data.fields, correlation_key);
        drop(data);
        if self.root.journal.cold && (self.batch.is_some() || !self.root.unit.segment) {
            line.bool("coldStart", true);
        }
        if let Some(batch) = self.batch {
            line.fields(&batch.scope.data().fields, correlation_key);
        }
        if self.steps.is_empty() && self.open.is_empty() {
            return;
        }
        let steps = line.key("steps");
        steps.push('[');
        for (at, (step, has_line)) in self.steps.iter().take(MAX_STEPS).enumerate() {
            if at > 0 {
                steps.push(',');
            }
            tell_step(step, *has_line, correlation_key, steps);
        }
        for (at, name) in self.open.iter().enumerate() {
            if at > 0 || !self.steps.is_empty() {
                steps.push(',');
            }
            let mut object = Object::open(steps);
            object.text("name", name);
            object.text("outcome", "running");
            object.close();
        }
        steps.push(']');
        if self.steps.len() > MAX_STEPS {
            line.count("stepsOmitted", (self.steps.len() - MAX_STEPS) as u64);
        }
    }
}

fn tell_step(step: &Finished, has_line: bool, correlation_key: &str, out: &mut String) {
    let data = step.scope.data();
    let mut object = Object::open(out);
    object.text("name", step.scope.name);
    object.millis("ms", step.duration);
    // Most go well: a step that says nothing of it has.
    let outcome = step.outcome(&data);
    if outcome != "ok" {
        object.text("outcome", outcome);
    }
    if let Some(failure) = &step.failure {
        object.text("errorClass", failure.class);
    }
    // What its own line says is not said, and paid for, twice.
    if has_line {
        object.close();
        return;
    }
    if let Some(span) = step.scope.span {
        object.text("spanId", &span.id.hex());
    }
    // Which call it is, the step's name says; a step's own line and its subsegment say it in full.
    if let Some(id) = &data.response.request_id {
        object.text("awsRequestId", id.as_str());
    }
    if let Some(retries) = data.response.retries.filter(|retries| *retries > 0) {
        object.count("retries", retries);
    }
    object.fields(&data.fields, correlation_key);
    object.close();
}
