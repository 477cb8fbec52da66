//! The writing of an invocation: documents, then lines with their metrics.

use std::{sync::Arc, time::Instant};

use metrique::writer::{BoxEntry, Entry};

use crate::{
    config::Config,
    level::Level,
    log::{MAX_STEPS, Member, UnitLine},
    loss::Reason,
    metrics::{Emf, EmfError, InvocationMetrics, Point, QUEUE_WAIT, entry, joined, millis, step_metric},
    process::Process,
    scope::{Drain, Finished, Journal, Line, Pending, Scope, Unit},
};

impl Drain for Process {
    fn config(&self) -> &Config {
        &self.config
    }

    fn drain(&self, journal: &Journal) {
        write(self, journal, When::Full);
    }

    fn late(&self) {
        self.dropped.add(Reason::Late, 1);
    }
}

/// Writes everything; the invocation is over.
pub(super) fn flush(process: &Process, journal: &Journal) {
    write(process, journal, When::Over);
    journal.close();
}

/// Lambda is about to kill the process: sends open steps as in progress, and writes all there is.
pub(super) fn near_deadline(process: &Process, journal: &Journal) {
    for scope in journal.open_steps() {
        process.dropped.add_all(process.tracer.send_open(&scope));
        scope.unit.mark_failed();
    }
    write(process, journal, When::NearDeadline);
}

/// Why something is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Full,
    NearDeadline,
    Over,
}

/// A unit, and what there is to tell of it.
struct Told<'t> {
    unit: &'t Arc<Unit>,
    root: Option<&'t Scope>,
    done: Option<&'t Finished>,
    /// Each with whether it has a line of its own.
    steps: Vec<(&'t Finished, bool)>,
    open: Vec<&'static str>,
    records: Vec<&'t BoxEntry>,
}

fn write(process: &Process, journal: &Journal, when: When) {
    let pending = journal.take();
    process.dropped.add_all(process.tracer.send(journal, &pending));
    for finished in &pending.finished {
        process.dropped.add(Reason::Fields, std::mem::take(&mut finished.scope.data().dropped_fields));
    }
    let open = if when == When::Over { Vec::new() } else { journal.open_steps() };
    let mut units = units(process, &pending, &open);
    if when == When::Full {
        // Who has nothing to tell yet is told of later.
        units.retain(|told| !told.steps.is_empty() || !told.records.is_empty() || told.done.is_some());
    }
    let mut out = String::with_capacity(4096);
    let own = (when == When::Over).then(|| {
        process.dropped.add(Reason::Socket, process.tracer.late_losses());
        let losses = process.dropped.take();
        if losses.total() > 0 {
            let members: Vec<_> = losses.counts().map(|(name, count)| (name, Member::Count(count))).collect();
            process.labels.plain(&mut out, Level::Warn, "telemetry was lost", Some(journal), &members);
        }
        entry(InvocationMetrics {
            cold_start: (journal.cold && process.config.is_published("ColdStart")).into(),
            telemetry_dropped: losses.total().into(),
        })
    });
    lines(process, journal, &pending, units, own.as_ref(), when, &mut out);
    process.write(out.as_bytes());
}

/// Everything by unit, the invocation's own first.
fn units<'t>(process: &Process, pending: &'t Pending, open: &'t [Arc<Scope>]) -> Vec<Told<'t>> {
    let mut units: Vec<Told<'t>> = Vec::new();
    fn of<'u, 't>(units: &'u mut Vec<Told<'t>>, unit: &'t Arc<Unit>) -> &'u mut Told<'t> {
        let at = units.iter().rposition(|told| Arc::ptr_eq(told.unit, unit)).unwrap_or_else(|| {
            units.push(Told { unit, root: None, done: None, steps: Vec::new(), open: Vec::new(), records: Vec::new() });
            units.len() - 1
        });
        &mut units[at]
    }
    for scope in open {
        let told = of(&mut units, &scope.unit);
        if scope.root {
            told.root = Some(scope);
        } else {
            told.open.push(scope.name);
        }
    }
    for finished in &pending.finished {
        let told = of(&mut units, &finished.scope.unit);
        if finished.scope.root {
            told.root = Some(&finished.scope);
            told.done = Some(finished);
        } else {
            let has_line = told.steps.len() >= MAX_STEPS || is_worth_a_line(process, finished);
            told.steps.push((finished, has_line && is_told(process, finished)));
        }
    }
    for (unit, record) in &pending.records {
        of(&mut units, unit).records.push(record);
    }
    units
}

/// A line that waits for its turn.
enum Waiting<'w> {
    Unit(UnitLine<'w>, &'w Told<'w>),
    Step(&'w Finished),
    Line(&'w Line),
}

fn lines(
    process: &Process,
    journal: &Journal,
    pending: &Pending,
    units: Vec<Told<'_>>,
    own: Option<&BoxEntry>,
    when: When,
    out: &mut String,
) {
    let level = process.config.log_level;
    let (kept, lost) = journal.take_kept();
    if lost > 0 {
        let count = [("count", Member::Count(lost))];
        process.labels.plain(out, Level::Warn, "older debug lines were not kept", Some(journal), &count);
    }
    let root = journal.root();
    let is_invocation = |told: &Told<'_>| root.as_ref().is_some_and(|root| Arc::ptr_eq(&root.unit, told.unit));
    // An invocation of one record, with nothing else to say of itself, is told of in the record's line.
    let batch = match &units[..] {
        [a, b] => [(a, b), (b, a)].into_iter().find_map(|(batch, record)| {
            let plain = is_invocation(batch) && batch.steps.is_empty() && record.done.is_some();
            batch.done.filter(|done| plain && done.failure.is_none())
        }),
        _ => None,
    };
    let unfinished = match when {
        When::NearDeadline => (Level::Warn, "still running near the deadline"),
        _ => (Level::Info, "still running"),
    };
    let mut waiting: Vec<(Instant, Waiting<'_>)> = Vec::with_capacity(pending.lines.len() + 2 * units.len());
    for told in &units {
        let lines = told.steps.iter().filter(|(_, has_line)| *has_line);
        waiting.extend(lines.map(|(step, _)| (step.ended(), Waiting::Step(step))));
        let (Some(told_root), false) = (told.root, batch.is_some() && is_invocation(told)) else {
            continue;
        };
        let line =
            UnitLine { root: told_root, done: told.done, steps: &told.steps, open: &told.open, batch, unfinished };
        waiting.push((line.at(), Waiting::Unit(line, told)));
    }
    waiting.extend(pending.lines.iter().chain(&kept).map(|line| (line.at, Waiting::Line(line))));
    waiting.sort_by_key(|(at, _)| *at);
    for (_, line) in &waiting {
        match line {
            Waiting::Line(line) => process.labels.line(line, out),
            Waiting::Step(step) => process.labels.step(step, out),
            Waiting::Unit(line, told) => {
                let mut emf = Emf::new(line.keys());
                let last = batch.is_some() || is_invocation(told);
                let batch_records = units.iter().filter(|other| batch.is_some() && is_invocation(other));
                let records = told.records.iter().chain(batch_records.flat_map(|batch| &batch.records)).copied();
                for record in records.chain(own.filter(|_| last)) {
                    gather(process, journal, &mut emf, record, out);
                }
                durations(process, journal, &mut emf, line, out);
                process.dropped.add(Reason::Values, std::mem::take(&mut emf.refused_values));
                line.write(&process.labels, &process.config.namespace, &emf, line.level() < level, out);
            }
        }
    }
}

/// Failed, slow, in a trace that is recorded (what X-Ray shows in detail the log shows in detail, too), or asked for.
fn is_worth_a_line(process: &Process, step: &Finished) -> bool {
    step.failure.is_some()
        || step.duration >= process.config.slow_step
        || step.scope.unit.sampled
        || process.config.log_level == Level::Debug
}

/// Whether a line at its level is written at all.
fn is_told(process: &Process, step: &Finished) -> bool {
    let level = process.config.log_level;
    step.level() >= level || level == Level::Debug
}

fn gather<'e>(process: &Process, journal: &Journal, emf: &mut Emf<'e>, record: &'e impl Entry, out: &mut String) {
    if let Err(error) = emf.entry(record) {
        refuse(process, journal, &error, out);
    }
}

/// How long each run of each step took, and how long a record had waited.
fn durations(process: &Process, journal: &Journal, emf: &mut Emf<'_>, line: &UnitLine<'_>, out: &mut String) {
    let mut durations: Vec<(&'static str, Vec<Point>)> = Vec::with_capacity(line.steps.len() + 2);
    let roots = line.batch.into_iter().chain(line.done);
    for finished in roots.chain(line.steps.iter().map(|(step, _)| *step)) {
        let point = Point { value: millis(finished.duration), count: 1 };
        match durations.iter_mut().find(|(name, _)| *name == finished.scope.name) {
            Some((_, points)) => points.push(point),
            None => durations.push((finished.scope.name, vec![point])),
        }
    }
    let wait = line.done.and_then(|done| done.scope.data().queue_wait);
    let wait = wait.map(|wait| (QUEUE_WAIT.to_owned(), vec![Point { value: millis(wait), count: 1 }]));
    for (name, points) in durations.into_iter().map(|(step, points)| (step_metric(step), points)).chain(wait) {
        let published = process.config.is_published(&name);
        if let Err(error) = emf.durations(name, &joined(points), published) {
            refuse(process, journal, &error, out);
        }
    }
}

/// Says why metrics were refused.
fn refuse(process: &Process, journal: &Journal, error: &EmfError, out: &mut String) {
    process.dropped.add(Reason::Metrics, 1);
    let members = [("error", Member::Text(&error.to_string()))];
    process.labels.plain(out, Level::Error, "metrics were refused", Some(journal), &members);
}
