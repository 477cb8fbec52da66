//! The writing of an invocation: documents, lines and metric records go out.

use std::sync::{Arc, PoisonError};
use std::time::Instant;

use metrique::writer::BoxEntry;

use crate::config::Config;
use crate::field::Value;
use crate::level::Level;
use crate::log::Member;
use crate::loss::{Losses, Reason};
use crate::metrics::{InvocationMetrics, Millis, Properties, StepMetrics, entry};
use crate::process::Process;
use crate::scope::{Drain, Finished, Journal, Line, Pending};

impl Drain for Process {
    fn config(&self) -> &Config {
        &self.config
    }

    fn drain(&self, journal: &Journal) {
        write(self, journal, false);
    }

    fn late(&self) {
        self.dropped.add(Reason::Late, 1);
    }
}

/// Writes everything; the invocation is over.
pub(super) fn flush(process: &Process, journal: &Journal) {
    write(process, journal, true);
    journal.close();
}

/// Lambda is about to kill the process: sends open steps as in progress, and writes all there is.
pub(super) fn near_deadline(process: &Process, journal: &Journal) {
    for scope in journal.open_steps() {
        process.dropped.add_all(process.tracer.send_open(&scope));
        scope.unit.mark_failed();
        let elapsed = Value::Duration(scope.started.elapsed());
        journal.log(Line::new(Level::Warn, "still running near the deadline", &scope, &[("durationMs", elapsed)]));
    }
    write(process, journal, false);
}

fn write(process: &Process, journal: &Journal, last: bool) {
    let pending = journal.take();
    process.dropped.add_all(process.tracer.send(journal, &pending.finished));
    let mut out = String::with_capacity(4096);
    lines(process, journal, &pending, &mut out);
    metrics(process, journal, &pending, last, &mut out);
    process.write(out.as_bytes());
}

fn lines(process: &Process, journal: &Journal, pending: &Pending, out: &mut String) {
    enum Rendered<'s> {
        Step(&'s Finished),
        Line(&'s Line),
    }
    let (kept, lost) = journal.take_kept();
    let mut lines: Vec<(Instant, Rendered<'_>)> = Vec::with_capacity(pending.finished.len() + pending.lines.len());
    for finished in &pending.finished {
        process.dropped.add(Reason::Fields, std::mem::take(&mut finished.scope.data().dropped_fields));
        if finished.level() >= process.config.log_level {
            lines.push((finished.ended(), Rendered::Step(finished)));
        }
    }
    lines.extend(pending.lines.iter().chain(&kept).map(|line| (line.at, Rendered::Line(line))));
    lines.sort_by_key(|(at, _)| *at);
    if lost > 0 {
        let count = [("count", Member::Count(lost))];
        process.labels.plain(out, Level::Warn, "older debug lines were not kept", Some(journal), &count);
    }
    for (_, line) in &lines {
        match line {
            Rendered::Step(finished) => process.labels.step(finished, out),
            Rendered::Line(line) => process.labels.line(line, out),
        }
    }
}

fn metrics(process: &Process, journal: &Journal, pending: &Pending, last: bool, out: &mut String) {
    let mut properties = Properties::default();
    if let Some(id) = &journal.request_id {
        properties.texts.push(("requestId", id.to_string()));
    }
    if let Some(unit) = journal.root().map(|root| Arc::clone(&root.unit)) {
        if let Some(id) = &unit.trace_id {
            properties.texts.push(("traceId", id.to_string()));
        }
        if let Some(id) = unit.correlation.get() {
            properties.texts.push((process.config.correlation_key, id.as_str().to_owned()));
        }
    }
    let mut durations: Vec<(&'static str, Millis)> = Vec::new();
    for finished in &pending.finished {
        let name = finished.scope.name;
        match durations.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(finished.duration),
            None => durations.push((name, Millis::from_iter([finished.duration]))),
        }
    }
    let mut emf = process.emf.lock().unwrap_or_else(PoisonError::into_inner);
    let mut write = |record: &BoxEntry, out: &mut String| {
        if let Err(error) = emf.write(record, &properties, out) {
            process.dropped.add(Reason::Metrics, 1);
            process.complain(&error, out);
        }
    };
    for record in &pending.records {
        write(record, out);
    }
    for (step, step_duration) in durations {
        write(&entry(StepMetrics { step, step_duration }), out);
    }
    if !last {
        return;
    }
    process.dropped.add(Reason::Socket, process.tracer.late_losses());
    let losses = process.dropped.take();
    if losses.total() > 0 {
        report(process, journal, &losses, out);
    }
    let cold_start = journal.cold.then_some(1);
    write(&entry(InvocationMetrics { cold_start, telemetry_dropped: losses.total() }), out);
}

fn report(process: &Process, journal: &Journal, losses: &Losses, out: &mut String) {
    let members: Vec<_> = losses.counts().map(|(name, count)| (name, Member::Count(count))).collect();
    process.labels.plain(out, Level::Warn, "telemetry was lost", Some(journal), &members);
}
