//! `/`: are orders flowing, in time, without loss? And something to send, and something to break.

use anyhow::Result;
use jiff::Timestamp;
use maud::{Markup, html};
use orders::{MetricClock, alarms::Alarm, order::Queues};
use serde::Serialize;
use views::Range;

use super::{
    actions,
    flow::{self, Flow},
    latest::{self, Latest},
    strip,
};
use crate::{answer::Shown, app::App, ask::Ask, local, local::Fault, parts, stream::Sender};

/// All that the page says.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Now {
    environment: String,
    sentence: String,
    /// `good`, `warn` or `bad`.
    verdict: &'static str,
    since: String,
    accepted: f64,
    stored: f64,
    repeated: f64,
    dead: f64,
    rejected: f64,
    waiting: u64,
    in_flight: u64,
    dead_letters: u64,
    /// Accepted and not seen again: telemetry may be on its way.
    unaccounted: f64,
    consumer: String,
    firing: Vec<String>,
    faults: Vec<Fault>,
    orders: Vec<Latest>,
}

const LAST: usize = 20;
const TITLE: &str = "Now";

/// The frame at once, and the numbers when they are there.
pub(crate) async fn send(app: &App, ask: &Ask, page: &mut Sender) -> Result<()> {
    // A stack that is down is said before the page begins.
    let clock = app.environment().await?.metric_clock().await?;
    page.begin(TITLE, html! {}).await;
    page.more(shown(app, ask, clock).await?.html).await;
    Ok(())
}

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let clock = app.environment().await?.metric_clock().await?;
    shown(app, ask, clock).await
}

async fn shown(app: &App, ask: &Ask, clock: MetricClock) -> Result<Shown> {
    let environment = app.environment().await?;
    // A fast clock's hours are minutes.
    let default = if clock.scale >= 10.0 { "1d" } else { "3h" };
    let since = ask.since(default)?;
    let end = clock.now.as_second();
    let range = Range { start: end - since.as_secs(), end };
    let (flow, alarms, queues, consumer, orders, faults) = tokio::try_join!(
        flow::read(&environment, range),
        orders::alarms::all(&environment),
        orders::order::queues(&environment),
        orders::consumer::state(&environment),
        latest::read(&environment, LAST),
        async { if app.is_local() { local::faults(&environment).await } else { Ok(Vec::new()) } },
    )?;
    let prefix = format!("{}-", environment.prefix()?);
    let firing: Vec<&Alarm> = alarms.iter().filter(|alarm| alarm.fires() && alarm.notifies()).collect();
    let now = now(app, &flow, &queues, consumer, &firing, &prefix, faults, orders, ask.get("since").unwrap_or(default));
    let html = html! {
        (parts::live("now-verdict", "order alarm", &verdict(&now, &firing, &prefix)))
        @if app.is_local() { (parts::live("now-strip", "order alarm", &strip::strip(app, &now.faults, &now.consumer, &alarms, &prefix, &clock, !now.orders.is_empty()))) }
        (parts::live("now-numbers", "order alarm", &html! {
            (numbers(&now, &flow, range, &clock))
            (pipeline(&now, &flow, end))
            (equation(&now))
        }))
        div.columns {
            @if app.is_local() { (doing(app)) (parts::live("now-faults", "order alarm", &breaking(app, &now))) }
            @else { (costs(app)) }
        }
        (parts::live("now-orders", "order", &table(&now, Timestamp::now())))
    };
    Shown::new(TITLE, html, &now)
}

#[expect(clippy::too_many_arguments, reason = "all that the page says")]
fn now(
    app: &App,
    flow: &Flow,
    queues: &Queues,
    consumer: String,
    firing: &[&Alarm],
    prefix: &str,
    faults: Vec<Fault>,
    orders: Vec<Latest>,
    since: &str,
) -> Now {
    let [accepted, stored, repeated, dead, rejected] =
        ["accepted", "stored", "repeated", "dead", "rejected"].map(|id| flow.sum(id));
    let (waiting, in_flight) = (queues.orders.waiting + queues.orders.delayed, queues.orders.in_flight);
    #[expect(clippy::cast_precision_loss, reason = "messages in a queue")]
    let held = (waiting + in_flight) as f64;
    let unaccounted = (accepted - stored - repeated - dead - held).max(0.0);
    let names: Vec<String> = firing.iter().map(|alarm| alarm.name.trim_start_matches(prefix).to_owned()).collect();
    let alarm = match names.as_slice() {
        [] => "no alarm".to_owned(),
        [one] => format!("{one} is in alarm"),
        several => format!("{} alarms", several.len()),
    };
    let stopped = consumer != "Enabled";
    let dead_letters = queues.dead_letters.waiting;
    let letters = if dead_letters > 0 { format!(", {dead_letters} dead-lettered") } else { String::new() };
    let sentence = match accepted {
        0.0 => format!("No order in the last {since}, {waiting} waiting, {alarm}"),
        accepted => format!(
            "{:.0} of {accepted:.0} orders stored, {} waiting{letters}, {alarm}",
            stored + repeated,
            waiting + in_flight
        ),
    };
    let verdict = match () {
        () if !names.is_empty() => "bad",
        () if stopped || dead_letters > 0 || !faults.is_empty() => "warn",
        () => "good",
    };
    let environment = app.name().to_owned();
    Now {
        environment,
        sentence,
        verdict,
        since: since.to_owned(),
        accepted,
        stored,
        repeated,
        dead,
        rejected,
        waiting,
        in_flight,
        dead_letters,
        unaccounted,
        consumer,
        firing: names,
        faults,
        orders,
    }
}

fn verdict(now: &Now, firing: &[&Alarm], prefix: &str) -> Markup {
    let symbol = match now.verdict {
        "good" => "✓",
        "warn" => "!",
        _ => "▲",
    };
    html! {
        div.verdict.(now.verdict) role="status" { span.symbol aria-hidden="true" { (symbol) } span { (now.sentence) } }
        @if !firing.is_empty() { div.card.problem {
            @for alarm in firing { div.row {
                (parts::state(&alarm.state)) a href=(format!("/alarms/{}", alarm.name.trim_start_matches(prefix))) { (alarm.name.trim_start_matches(prefix)) }
                span { (alarm.summary.trim_end_matches('.')) }
                @if let Some(page) = alarm.runbook.as_deref().and_then(super::alarms::page_of) { a.action href=(format!("/runbooks/{page}")) { "Open the runbook" } }
            } }
        } }
    }
}

fn numbers(now: &Now, flow: &Flow, range: Range, clock: &MetricClock) -> Markup {
    let end = clock.now.as_second();
    let ms = |value: Option<f64>| value.map_or("–".into(), cli::time::took);
    let lost = now.unaccounted + now.dead;
    html! { div.numbers {
        (parts::number("In flow", &format!("{:.0} / min", flow.rate("accepted", end)), &html! { (format!("{:.0} accepted, {:.0} refused", now.accepted, now.rejected)) " in " (now.since) }, &views::spark("Accepted orders over time", flow.line("accepted"), range, 0), ""))
        (parts::number("In time", &ms(flow.newest("p99")), &html! { "from request to table, p99; half within " (ms(flow.newest("p50"))) }, &views::spark("Time to the table, p99", flow.line("p99"), range, 1), ""))
        (parts::number("Without loss", &format!("{lost:.0}"), &html! { (format!("{:.0} dead-lettered, {:.0} not seen again yet", now.dead, now.unaccounted)) }, &views::spark("Dead orders over time", flow.line("dead"), range, 3), if lost > 0.0 { "bad" } else { "" }))
    } }
}

fn pipeline(now: &Now, flow: &Flow, end: i64) -> Markup {
    let rate = |id: &str| format!("{:.0}/min", flow.rate(id, end));
    let ms = |id: &str| flow.newest(id).map_or("–".into(), cli::time::took);
    let age = |id: &str| {
        flow.newest(id).filter(|age| *age > 0.0).map_or("no wait".into(), |age| {
            #[expect(clippy::cast_possible_truncation, reason = "seconds")]
            let age = age as i64;
            format!("oldest {}", cli::time::about(age))
        })
    };
    let (stopped, faults) = (now.consumer != "Enabled", flow.rate("faults", end));
    html! { section.card aria-labelledby="pipeline-title" {
        h2 #pipeline-title { "The way of an order" }
        ol.pipeline {
            li.bad[faults > 0.0] { h3 { "API" } p.value { (rate("requests")) } p.quiet { (format!("{faults:.0} 5xx/min, p99 ")) (ms("latency")) } }
            li { h3 { "Validator" } p.value { (rate("accepted")) } p.quiet { "p99 " (ms("validator")) } }
            li.warn[stopped || now.waiting > 0] { h3 { "Queue" } p.value { (now.waiting) " waiting" } p.quiet { (now.in_flight) " in flight, " (age("age")) } }
            li.warn[stopped] { h3 { "Processor" } p.value { (if stopped { now.consumer.clone() } else { rate("stored") }) } p.quiet { (rate("failures")) " back, p99 " (ms("processor")) } }
            li.last { h3 { "Table" } p.value { (rate("stored")) } p.quiet { (format!("{:.0} stored", now.stored)) } }
            li.branch.bad[now.dead_letters > 0] { h3 { a href="/dlq" { "Dead letters" } } p.value { (now.dead_letters) } p.quiet { (age("dead_age")) } }
        }
    } }
}

fn equation(now: &Now) -> Markup {
    html! { section.card aria-labelledby="equation-title" {
        h2 #equation-title { "Every accepted order is somewhere" }
        p.equation {
            b { (format!("{:.0}", now.accepted)) } span { "accepted" } i { "=" }
            b { (format!("{:.0}", now.stored + now.repeated)) } span { "stored" } i { "+" }
            b { (now.waiting + now.in_flight) } span { "waiting or in flight" } i { "+" }
            b { (format!("{:.0}", now.dead)) } span { "dead-lettered" }
            @if now.unaccounted > 0.0 { i { "+" } b { (format!("{:.0}", now.unaccounted)) } span { "not seen again yet: telemetry follows within a minute" } }
        }
        p.quiet { "Counted over " (now.since) " by the functions' own metrics; an order counts once, by its first fate. The alarm orders-unaccounted watches the difference." }
    } }
}

fn doing(app: &App) -> Markup {
    html! { section.card aria-labelledby="send-title" {
        h2 #send-title { "Send orders" }
        div.row {
            (parts::button(app, "/send", "Send an order", &[("kind", "valid")], "primary"))
            (parts::button(app, "/send", "An invalid one", &[("kind", "invalid")], ""))
            (parts::button(app, "/send", "One twice", &[("kind", "duplicate")], ""))
            (parts::button(app, "/send", "Fifty", &[("kind", "fifty")], ""))
        }
        details { summary { "In a terminal" } (parts::command(&app.command("send"))) (parts::command(&app.command("send --count 50 --concurrency 8"))) }
    } }
}

fn breaking(app: &App, now: &Now) -> Markup {
    html! { section.card aria-labelledby="break-title" {
        h2 #break-title { "Break something" }
        @if now.faults.is_empty() && now.consumer == "Enabled" {
            form.row method="post" action="/fault" {
                (parts::token(app))
                label.hidden for="preset" { "What breaks" }
                select #preset name="preset" { @for (name, says, ..) in actions::FAULTS { option value=(name) { (says) } } }
                button.danger { "Break it" }
            }
            (parts::button(app, "/consumer", "Stop the consumer", &[("to", "stop")], "danger"))
            details { summary { "In a terminal" } (parts::command("bin/suite fault sqs:SendMessage error")) (parts::command(&app.command("consumer stop"))) }
        } @else {
            @for fault in &now.faults { p { (parts::outcome("fault")) " " (fault.words()) @if app.traffic.is_flowing() { span.quiet { ", with orders sent all the time" } } } }
            @if !now.faults.is_empty() { (parts::button(app, "/fault", "Mend it", &[("preset", "clear")], "primary")) (parts::command("bin/suite fault --clear")) }
            @if now.consumer != "Enabled" { p { (parts::outcome("fault")) " nothing takes orders from the queue: " (now.consumer) } (parts::button(app, "/consumer", "Start the consumer", &[("to", "start")], "primary")) (parts::command(&app.command("consumer start"))) }
        }
    } }
}

fn costs(app: &App) -> Markup {
    html! { section.card { h2 { "Only looked at" }
        p { "This is an environment on AWS: nothing here changes it, and nothing is asked by itself. A refresh of this page asks 15 metrics (0.00015 USD), one Insights query over 15 minutes of log lines (0.005 USD a GB), and a dozen calls that cost nothing." }
        (parts::command(&app.command("status")))
    } }
}

fn table(now: &Now, at: Timestamp) -> Markup {
    html! { section.card aria-labelledby="orders-title" {
        h2 #orders-title { "Last orders" }
        @if now.orders.is_empty() { (parts::empty("No order in the last day", &html! { "Send one above; it is here a second later." })) }
        @else { div.scroll { table { caption { "Last orders and what became of them" }
            thead { tr { th scope="col" { "Order" } th scope="col" { "Fate" } th scope="col" { "When" } th.num scope="col" { "Took" } th scope="col" { "Why" } } }
            tbody { @for order in &now.orders { tr {
                td { @match (&order.order_id, &order.trace_id) { (Some(id), _) => (parts::order_link(id)), (None, Some(trace)) => a.id href=(format!("/orders/{trace}")) { "refused, trace " (trace) }, (None, None) => "–" } }
                td { (parts::outcome(order.fate)) }
                td { @if let Some(when) = order.at { (parts::moment(when, at)) } }
                td.num { (order.took_ms.map(cli::time::took).unwrap_or_default()) }
                td { (order.why.as_deref().unwrap_or_default()) }
            } } }
        } } }
    } }
}
