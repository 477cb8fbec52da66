//! `/orders/{id}`: the whole way of an order, whatever id of it one has.

use anyhow::{Context as _, Result};
use jiff::{SignedDuration, Timestamp};
use maud::{Markup, html};
use orders::find::{Answer as Found, State};
use serde::Serialize;
use serde_json::{Value, json};
use views::{Theme, trace as pictures};
use waterfall::{LogLine, Trace};

use super::alarms::history;
use crate::{
    answer::{Answer, Shown},
    app::{App, in_metric_time},
    ask::Ask,
    parts,
};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Order<'a> {
    id: &'a str,
    orders: &'a [Found],
    traces: &'a [Trace],
    /// Alarms that were firing when it came.
    alarms_then: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    item: Option<Value>,
}

const WIDTH: u32 = 1180;

pub(crate) async fn page(app: &App, ask: &Ask, id: &str) -> Result<Shown> {
    let id = &orders::trace::id(id)?;
    let since = ask.since("1d")?;
    let environment = app.environment().await?;
    let (found, traces) =
        tokio::try_join!(orders::find::answers(&environment, id, since), orders::trace::of(&environment, id, since))?;
    let wants_item = ask.get("show") == Some("item");
    let order_id = found.iter().find_map(|answer| answer.order_id.clone());
    let item = match (&order_id, wants_item) {
        (Some(order), true) => orders::order::stored(&environment, order).await?,
        _ => None,
    };
    let came = traces.first().map(|trace| trace.start_time).or_else(|| {
        #[expect(clippy::cast_precision_loss, reason = "epoch seconds")]
        Some(found.iter().find_map(|answer| answer.accepted_at.or(answer.at))?.as_second() as f64)
    });
    let alarms_then = match came {
        Some(at) => firing_then(app, at).await.unwrap_or_default(),
        None => Vec::new(),
    };
    let data = Order { id, orders: &found, traces: &traces, alarms_then, item };
    let html = html! {
        (parts::live("order-way", "order", &html! {
            @for answer in &found { (fate(app, answer)) }
            @if found.is_empty() { (parts::empty("Nobody has heard of this id", &html! { "Not in the table, not in a queue, in no log line and no trace of the last " (ask.get("since").unwrap_or("1d")) ". " a href=(ask.with(&[("since", Some("30d"))])) { "Look back 30 days" } })) }
            @if traces.is_empty() && !found.is_empty() { (untraced(app, &found)) }
            @for trace in traces.iter().rev() { (way(trace)) }
            (logs(&traces))
        }))
        div.columns {
            (then(&data.alarms_then, came))
            @if let Some(order) = &order_id { (personal(app, ask, order, &found, data.item.as_ref(), wants_item)) }
            (commands(app, id, order_id.as_deref()))
        }
    };
    Shown::new(format!("Order {id}"), html, &data)
}

fn word(state: State) -> &'static str {
    match state {
        State::Stored => "stored",
        State::Waiting => "waiting",
        State::DeadLettered => "dead-lettered",
        State::Refused => "refused",
        State::Unknown => "unknown",
    }
}

fn fate(app: &App, answer: &Found) -> Markup {
    let class = match answer.state {
        State::Stored => "good",
        State::Waiting | State::Unknown => "warn",
        _ => "bad",
    };
    html! { div.verdict.(class) {
        (parts::outcome(word(answer.state)))
        span { (answer.text.trim_start_matches([':', ',', ' ']))
            @if let Some(id) = &answer.order_id { " " span.quiet.id { (id) } } }
        @if answer.state == State::DeadLettered { a.action href="/dlq" { "See the dead letters" } }
        @if let Some(next) = answer.next.as_deref().filter(|next| *next == "consumer start") { span.quiet { "next: " code { (app.command(next)) } } }
    } }
}

fn untraced(app: &App, found: &[Found]) -> Markup {
    let id = found.iter().find_map(|answer| answer.order_id.as_deref()).unwrap_or_default();
    html! { div.card { (parts::empty("X-Ray has no trace of it", &html! { "It was not sampled, is not indexed yet (up to a minute on AWS), or made room for later ones. Its log lines do not depend on that: " code { (app.command(&format!("logs --order {id}"))) } })) } }
}

fn way(trace: &Trace) -> Markup {
    let picture = pictures::waterfall(trace, WIDTH, Theme::Auto);
    let map = pictures::Map::of(trace).draw("What took part", Theme::Auto);
    html! { section.card aria-label=(format!("Trace {}", trace.trace_id)) {
        div.scroll.wide { (picture.inline()) }
        details id=(format!("table-{}", trace.trace_id)) { summary { "As a table" } div.scroll { (pictures::table(trace).html(&|_, _| None, "Spans of the trace")) } }
        details id=(format!("map-{}", trace.trace_id)) { summary { "What took part, as a map" } div.scroll { (map.inline()) } }
    } }
}

/// A trace's lines by time, each with the span that wrote it.
fn lines(trace: &Trace) -> Vec<(&str, &LogLine)> {
    let mut lines: Vec<(&str, &LogLine)> =
        trace.spans().flat_map(|span| span.logs.iter().map(|line| (span.name.as_str(), line))).collect();
    lines.extend(trace.logs.iter().map(|line| ("", line)));
    let key = |line: &LogLine| line.offset_ms.unwrap_or(f64::MAX);
    lines.sort_by(|a, b| key(a.1).total_cmp(&key(b.1)));
    lines
}

fn logs(traces: &[Trace]) -> Markup {
    let all: Vec<_> = traces.iter().flat_map(lines).collect();
    html! { @if !all.is_empty() { section.card aria-labelledby="lines-title" {
        h2 #lines-title { "Its log lines, at their moment" }
        div.scroll { table { caption { "Log lines of the order" }
            thead { tr { th.num scope="col" { "After" } th scope="col" { "Level" } th scope="col" { "Step" } th scope="col" { "Outcome" } th.num scope="col" { "Took" } th scope="col" { "What" } } }
            tbody { @for (span, line) in all { tr {
                td.num { (line.offset_ms.map(|ms| format!("+{}", cli::time::took(ms.max(0.0)))).unwrap_or_default()) }
                td { (line.level) } td { (line.step.as_deref().unwrap_or(span)) }
                td { @if let Some(outcome) = &line.outcome { (parts::outcome(outcome)) } }
                td.num { (line.duration_ms.map(cli::time::took).unwrap_or_default()) }
                td.wrap { (line.message) @if let Some(error) = &line.error { ": " (error) } }
            } } }
        } }
    } } }
}

/// The alarms that were firing at a moment of the wall's clock.
async fn firing_then(app: &App, at: f64) -> Result<Vec<String>> {
    let environment = app.environment().await?;
    let clock = environment.metric_clock().await?;
    #[expect(clippy::cast_possible_truncation, reason = "epoch milliseconds")]
    let at = in_metric_time(&clock, Timestamp::from_millisecond((at * 1000.0) as i64)?);
    let lanes = history(&environment, at - SignedDuration::from_hours(24).as_secs(), at).await?;
    let then = |lane: &views::Lane| {
        lane.changes.iter().rev().find(|change| change.0 <= at).map_or(lane.first, |change| change.1)
    };
    Ok(lanes.iter().filter(|lane| then(lane) == views::AlarmState::Alarm).map(|lane| lane.name.clone()).collect())
}

fn then(alarms: &[String], came: Option<f64>) -> Markup {
    html! { section.card { h2 { "Alarms when it came" }
        @if came.is_none() { p.quiet { "It is not known when it came." } }
        @else if alarms.is_empty() { p { (parts::state("OK")) " none was firing" } }
        @else { ul { @for alarm in alarms { li { (parts::state("ALARM")) " " a href=(format!("/alarms/{alarm}")) { (alarm) } } } } }
    } }
}

fn personal(app: &App, ask: &Ask, order: &str, found: &[Found], item: Option<&Value>, shown: bool) -> Markup {
    let stored = found.iter().any(Found::is_stored);
    html! { section.card { h2 { "The order itself" }
        @match item {
            Some(item) => { pre tabindex="0" { (serde_json::to_string_pretty(item).unwrap_or_default()) } p { a href=(ask.with(&[("show", None)])) { "Hide it" } } }
            None if shown => p.quiet { "It is not in the table." },
            None => p { "It has the customer's name, e-mail and address. " a href=(ask.with(&[("show", Some("item"))])) { "Show what is stored" } },
        }
        @if stored && app.is_local() {
            h3 { "Send it again" }
            div.row {
                (parts::button(app, &format!("/orders/{order}/replay"), "As a new order", &[("key", "new")], ""))
                (parts::button(app, &format!("/orders/{order}/replay"), "With one key", &[("key", "same")], ""))
            }
            p.quiet { "With one key a second press finds the order that the first one made." }
        }
    } }
}

fn commands(app: &App, id: &str, order: Option<&str>) -> Markup {
    html! { section.card { h2 { "In a terminal" }
        (parts::command(&app.command(&format!("find {id}"))))
        (parts::command(&app.command(&format!("trace {id}"))))
        (parts::command(&app.command(&format!("trace {id} --out trace.png"))))
        @if let Some(order) = order { (parts::command(&app.command(&format!("logs --order {order}")))) }
    } }
}

/// Of what the table keeps, what the contract asks for.
const FIELDS: [&str; 5] = ["customerName", "customerEmail", "items", "shippingAddress", "paymentMethod"];

pub(crate) async fn replay(app: &App, ask: &Ask, id: &str) -> Result<Answer> {
    let environment = app.environment().await?;
    let item = orders::order::stored(&environment, id).await?.context("only a stored order can be sent again")?;
    let mut order = json!({});
    for field in FIELDS {
        order[field] = item.get(field).cloned().with_context(|| format!("the stored order has no {field}"))?;
    }
    // A key is anybody's who guesses it: an orderId is a UUID.
    let key = (ask.field("key") == Some("same")).then_some(id);
    let answer = orders::order::send(&environment, &order.to_string(), key).await?;
    let target = answer.body["orderId"]
        .as_str()
        .with_context(|| format!("the API answers {}: {}", answer.status, answer.body))?;
    Ok(Answer::To(format!("/orders/{target}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_order_has_all_that_the_contract_asks_for() {
        let schema = include_str!("../../../../terraform/order.schema.json");
        let schema: Value = serde_json::from_str(schema).unwrap();
        let mut required: Vec<&str> = schema["required"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        let mut ours = FIELDS.to_vec();
        required.sort_unstable();
        ours.sort_unstable();
        assert_eq!(ours, required);
    }
}
