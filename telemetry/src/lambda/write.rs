//! The writing of an invocation: spans end, lines and metric records go out.

use std::sync::{Arc, PoisonError, Weak};
use std::time::SystemTime;

use metrique::writer::BoxEntry;

use super::invocation::{Invocation, State};
use crate::log::Level;
use crate::log::line::{Line, Object};
use crate::metrics::dropped::{Losses, Reason};
use crate::metrics::{InvocationMetrics, Millis, Properties, StepMetrics, entry};
use crate::step::Finished;

impl Invocation {
    /// Writes everything.
    pub(crate) fn flush(&self) {
        self.write(true);
    }

    pub(super) fn write(&self, last: bool) {
        let mut state = std::mem::take(&mut *self.state());
        self.end_spans(&mut state);
        let mut out = String::with_capacity(4096);
        self.render_lines(&mut state, last, &mut out);
        let mut out = out.into_bytes();
        for finished in &state.finished {
            count_duration(&mut state.durations, finished);
        }
        state.finished.clear();
        state.lines.clear();
        if last {
            self.write_metrics(&mut state, &mut out);
            state.kept.clear();
            state.records.clear();
        }
        self.telemetry.write(&out);
        // Steps may have gone on meanwhile; what they left is behind what was there.
        let mut now = self.state();
        let meanwhile = std::mem::replace(&mut *now, state);
        now.absorb(meanwhile);
    }

    /// Ends the spans, those that need their annotations most first.
    fn end_spans(&self, state: &mut State) {
        let config = &self.telemetry.config;
        let mut order: Vec<&mut Finished> =
            state.finished.iter_mut().filter(|finished| finished.scope.span.is_some()).collect();
        order.sort_by_key(|finished| finished.priority());
        order.iter_mut().for_each(|finished| finished.reserve());
        order.iter_mut().for_each(|finished| finished.reserve_correlation());
        for finished in order {
            self.telemetry.dropped.add(Reason::Fields, std::mem::take(&mut finished.scope.data().dropped_fields));
            if state.documents >= config.max_documents {
                self.telemetry.dropped.add(Reason::TooMany, 1);
                continue;
            }
            state.documents += 1;
            finished.end_span(config.correlation_key, &config.service);
        }
    }

    fn render_lines(&self, state: &mut State, last: bool, out: &mut String) {
        let config = &self.telemetry.config;
        let mut lines: Vec<(SystemTime, Rendered<'_>)> = Vec::with_capacity(state.finished.len() + state.lines.len());
        for finished in &state.finished {
            if finished.level() >= config.log_level {
                lines.push((finished.at(), Rendered::Step(finished)));
            }
        }
        lines.extend(state.lines.iter().map(|line| (line.at, Rendered::Line(line))));
        // A failed unit's kept lines are written; a failed invocation's are everybody's.
        let all = state.root.as_ref().and_then(Weak::upgrade).is_some_and(|root| root.unit.has_failed());
        if last || all {
            let mut kept_lines = 0;
            for line in &state.kept {
                if all || line.scope.unit.has_failed() {
                    lines.push((line.at, Rendered::Line(line)));
                    kept_lines += 1;
                }
            }
            if kept_lines > 0 && state.kept_lost > 0 {
                let mut object =
                    Object::open(out, SystemTime::now(), Level::Warn, "older debug lines were not kept", config);
                object.count("count", std::mem::take(&mut state.kept_lost));
                object.close();
            }
        }
        lines.sort_by_key(|(at, _)| *at);
        for (_, line) in &lines {
            match line {
                Rendered::Step(finished) => finished.render(config, out),
                Rendered::Line(line) => line.render(config, out),
            }
        }
        if all {
            state.kept.clear();
        }
    }

    fn write_metrics(&self, state: &mut State, out: &mut Vec<u8>) {
        let telemetry = &self.telemetry;
        let mut properties = Properties::default();
        if let Some(id) = &self.request_id {
            properties.texts.push(("requestId", id.to_string()));
        }
        let unit = state.root.as_ref().and_then(Weak::upgrade).map(|root| Arc::clone(&root.unit));
        if let Some(unit) = &unit {
            if let Some(header) = &unit.header {
                properties.texts.push(("traceId", header.xray_trace_id()));
            }
            if let Some(id) = unit.correlation.get() {
                properties.texts.push((telemetry.config.correlation_key, id.as_str().to_owned()));
            }
        }
        let mut emf = telemetry.emf.lock().unwrap_or_else(PoisonError::into_inner);
        let mut write = |record: &BoxEntry, out: &mut Vec<u8>| {
            if let Err(error) = emf.write(record, &properties, out) {
                telemetry.dropped.add(Reason::Metrics, 1);
                telemetry.complain(&error, out);
            }
        };
        for record in &state.records {
            write(record, out);
        }
        for (step, step_duration) in state.durations.drain(..) {
            write(&entry(StepMetrics { step, step_duration }), out);
        }
        telemetry.processor.settle();
        let losses = telemetry.dropped.take();
        if losses.total() > 0 {
            self.report(&losses, out);
        }
        let own = entry(InvocationMetrics {
            cold_start: std::mem::take(&mut state.cold).then_some(1),
            telemetry_dropped: losses.total(),
        });
        write(&own, out);
    }

    fn report(&self, losses: &Losses, out: &mut Vec<u8>) {
        let mut line = String::new();
        let mut object =
            Object::open(&mut line, SystemTime::now(), Level::Warn, "telemetry was lost", &self.telemetry.config);
        if let Some(id) = self.request_id.as_deref() {
            object.text("requestId", id);
        }
        for (name, count) in Losses::NAMES.iter().zip(losses.0).filter(|(_, count)| *count > 0) {
            object.count(name, count);
        }
        object.close();
        out.extend_from_slice(line.as_bytes());
    }
}

enum Rendered<'s> {
    Step(&'s Finished),
    Line(&'s Line),
}

fn count_duration(durations: &mut Vec<(&'static str, Millis)>, finished: &Finished) {
    let duration = finished.duration;
    match durations.iter_mut().find(|(name, _)| *name == finished.scope.name) {
        Some((_, values)) => values.push(duration),
        None => durations.push((finished.scope.name, Millis::from_iter([duration]))),
    }
}
