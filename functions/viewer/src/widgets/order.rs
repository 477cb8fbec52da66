//! "Find an order".

use jiff::{SignedDuration, Timestamp};
use maud::{Markup, PreEscaped, html};
use serde::Deserialize;
use serde_json::json;
use telemetry::Step;
use uuid::Uuid;
use waterfall::{Owner, Trace};

use crate::{
    html::{self, Call},
    ports::{AwsError, Lines, Traces},
    viewer::{Asked, Viewer},
};

pub(crate) const STEP: &str = "find-order";

/// Further back it would be a call to X-Ray for each day, and the reader would wait.
const FURTHEST: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A dashboard's range may end before an order's way does.
const MARGIN: SignedDuration = SignedDuration::from_hours(1);

/// A link to an order's way, in a window of its own.
pub(super) fn call<'a>(endpoint: &'a str, order_id: &str) -> Call<'a> {
    Call { endpoint, with: json!({"widget": STEP, "order": order_id}), popup: true, confirmation: None }
}

pub(crate) async fn show<P: Traces + Lines>(viewer: &Viewer<P>, asked: &Asked<'_>) -> Result<Markup, AwsError> {
    let context = &asked.event.widget_context;
    let linked = asked.event.order.trim();
    let typed = if linked.is_empty() { context.field("order") } else { linked };
    let form = form(asked, typed);
    if typed.is_empty() {
        return Ok(
            html! { (form) p { "The answer of " code { "POST /orders" } " has the id, and so has every log line of the order." } },
        );
    }
    let Ok(id) = typed.parse::<Uuid>() else {
        let next = "It has the form 6f9619ff-8b86-4d01-b42d-00cf4fc964ff.";
        return Ok(html! { (form) (html::problem("This is no order's id", next)) });
    };
    let (id, (from, to)) = (id.to_string(), searched(context.range(asked.now), asked.now));
    let found = Step::new(STEP).run(find(&viewer.ports, &id, from, to)).await?;
    let width = context.width.map_or(1000, |width| {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "pixels")]
        let width = width.clamp(480.0, 1600.0) as u32;
        width
    });
    Ok(html! {
        // A link's answer has no form: it is in a window of its own.
        @if linked.is_empty() { (form) }
        @if found.traces.is_empty() && found.lines.is_empty() {
            (html::problem("Nothing is known of this order", &format!("Searched: {} to {}. Another time range of the dashboard looks elsewhere; the newest minute may not be indexed yet.", context.moment(from), context.moment(to))))
        } @else { (verdict(&found.lines)) (lines(asked, &found.lines)) }
        @for trace in &found.traces {
            (PreEscaped(views::trace::waterfall(trace, width, context.theme()).svg))
            details { summary { "Steps, as a table" } (views::trace::table(trace).html(&|_, _| None, "Steps")) }
            @if let Some(console) = &viewer.console { p { a href=(format!("{console}#xray:traces/{}", trace.trace_id)) { "The trace in X-Ray" } } }
        }
        @if found.traces.is_empty() && !found.lines.is_empty() { p { "X-Ray has no trace of it in this range: it was not sampled, or is not indexed yet." } }
    })
}

fn form(asked: &Asked<'_>, typed: &str) -> Markup {
    let find = Call { endpoint: asked.endpoint, with: json!({"widget": STEP}), popup: false, confirmation: None };
    html! {
        form { label { "Order " input name="order" size="40" placeholder="order id" value=(typed); } }
        (find.button("Find", true))
    }
}

/// The dashboard's range with a margin, and no more of it than is asked for in a few calls.
fn searched((from, to): (Timestamp, Timestamp), now: Timestamp) -> (Timestamp, Timestamp) {
    let to = (to + MARGIN).min(now);
    ((from - MARGIN).max(to - FURTHEST), to)
}

struct Found {
    traces: Vec<Trace>,
    lines: Vec<Line>,
}

async fn find<P: Traces + Lines>(ports: &P, id: &str, from: Timestamp, to: Timestamp) -> Result<Found, AwsError> {
    let (ids, texts) = futures::try_join!(ports.ids(id, from, to), ports.lines(id, from, to))?;
    let mut lines: Vec<Line> = texts.iter().filter_map(|text| Line::read(text)).collect();
    lines.sort_by_key(|line| line.timestamp);
    // X-Ray's index is late by up to a minute; the segments that the lines name may be there before it.
    let mut ids = if ids.is_empty() { lines.iter().filter_map(|line| line.trace_id.clone()).collect() } else { ids };
    ids.sort();
    ids.dedup();
    let documents = if ids.is_empty() { Vec::new() } else { ports.documents(&ids).await? };
    // A trace that can't be read is shown as none: its lines are there.
    let mut traces: Vec<Trace> =
        documents.iter().filter_map(|documents| Trace::from_documents(documents).ok()).collect();
    for trace in &mut traces {
        trace.focus(|span| Owner::by_annotation(span, "orderId", id));
        trace.add_logs(&texts);
    }
    traces.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
    Ok(Found { traces, lines })
}

/// A log line of one of the two functions: of a whole unit of work, with its steps.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Line {
    timestamp: Option<Timestamp>,
    message: String,
    #[serde(rename = "Service")]
    service: String,
    trace_id: Option<String>,
    step: String,
    outcome: String,
    duration_ms: Option<f64>,
    error_class: Option<String>,
    error: Option<String>,
    receive_count: Option<u64>,
    steps: Vec<StepLine>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct StepLine {
    name: String,
    ms: Option<f64>,
    outcome: Option<String>,
    error_class: Option<String>,
}

impl Line {
    /// One that people read: Lambda's own are no JSON, and lines that are only metrics have no message.
    fn read(text: &str) -> Option<Self> {
        serde_json::from_str::<Self>(text).ok().filter(|line| !line.message.is_empty())
    }

    fn failed(&self) -> bool {
        self.error_class.is_some()
    }
}

/// The two that matter: of the request, and of the last attempt to store it.
fn two(lines: &[Line]) -> [Option<&Line>; 2] {
    let request = lines.iter().find(|line| line.step == "handler" && line.service == "validator");
    let attempt = lines.iter().rev().find(|line| line.step == "record" && !line.outcome.is_empty());
    [request, attempt]
}

fn verdict(lines: &[Line]) -> Markup {
    let [request, attempt] = two(lines);
    let (symbol, words) = match (request, attempt) {
        (_, Some(line)) if line.failed() => ("✗", "Not stored: the last attempt failed"),
        (_, Some(_)) => ("✓", "Stored"),
        (Some(line), None) if line.failed() => ("✗", "Refused: it was not accepted"),
        (Some(_), None) => ("…", "Accepted, and not yet stored"),
        (None, None) => ("…", "Its log lines are of no whole request"),
    };
    html! { p { strong { (symbol) " " (words) } } }
}

fn lines(asked: &Asked<'_>, lines: &[Line]) -> Markup {
    let shown: Vec<&Line> = two(lines).into_iter().flatten().collect();
    html! { @if !shown.is_empty() { table {
        thead { tr { th { "Time" } th { "Function" } th { "Outcome" } th { "Took" } th { "Steps" } th { "Why" } } }
        tbody { @for line in shown { tr {
            td { @match line.timestamp { Some(at) => (asked.event.widget_context.moment(at)), None => "–" } }
            td { (line.service) @if let Some(count) = line.receive_count { ", receive " (count) } }
            td { (if line.failed() { "✗ " } else { "✓ " }) (line.outcome) }
            td { (took(line.duration_ms)) }
            td { @for (index, step) in line.steps.iter().enumerate() {
                @if index > 0 { " → " }
                (if step.error_class.is_some() { "✗ " } else { "✓ " }) (step.name) " " (took(step.ms))
                @if let Some(outcome) = step.outcome.as_deref().filter(|outcome| *outcome != "ok") { " (" (outcome) ")" }
            } }
            td { (line.error_class.as_deref().unwrap_or_default()) @if let Some(error) = &line.error { ": " (error) } }
        } } }
    } } }
}

fn took(ms: Option<f64>) -> String {
    ms.map_or_else(|| "–".to_owned(), |ms| format!("{ms:.1} ms"))
}
