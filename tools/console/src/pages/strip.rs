//! The first five minutes: an order sent, something broken, an alarm, its runbook, and all is well again. What is done is told by the
//! stack itself, not remembered.

use maud::{Markup, html};
use orders::{MetricClock, alarms::Alarm};

use crate::{app::App, local::Fault, parts};

/// The page that the strip leads to: its commands mend what the strip breaks.
const PAGE: &str = "queue-age";
/// What pages when the consumer is stopped.
const ALARM: &str = "processing-failing";

pub(crate) fn strip(
    app: &App,
    faults: &[Fault],
    consumer: &str,
    alarms: &[Alarm],
    prefix: &str,
    clock: &MetricClock,
    has_orders: bool,
) -> Markup {
    let deeds = app.deeds();
    let did = |what: &str| deeds.iter().rposition(|deed| deed.what == what);
    let stopped = consumer != "Enabled" || !faults.is_empty();
    let firing = alarms.iter().any(|alarm| alarm.name.strip_prefix(prefix) == Some(ALARM) && alarm.fires());
    // Broken, mended, and quiet again, in that order.
    let broken = stopped || did("consumer stopped").is_some();
    let mended = !stopped && did("consumer stopped").is_some();
    let seen = firing || (mended && did("runbook run").is_some());
    let over = mended && !firing && did("runbook run").is_some();
    let step = match () {
        () if !has_orders => 1,
        () if over => 6,
        () if !broken => 2,
        () if !seen => 3,
        () if !mended => 4,
        () => 5,
    };
    let class = |own: usize| match own {
        own if own < step => "done",
        own if own == step => "now",
        _ => "",
    };
    let symbol = |own: usize| if own < step { "✓ " } else { "" };
    let wait = wait(clock);
    html! { section.card aria-labelledby="strip-title" {
        h2 #strip-title { "The first five minutes" }
        ol.strip {
            li.(class(1)) { h3 { (symbol(1)) "1. An order" } p { "is sent, and stored a moment later." }
                @if step == 1 { (parts::button(app, "/send", "Send an order", &[("kind", "valid")], "primary")) } }
            li.(class(2)) { h3 { (symbol(2)) "2. Break the queue" } p { "Nobody takes orders from it; three wait." }
                @if step == 2 { (parts::button(app, "/consumer", "Stop the consumer", &[("to", "stop")], "danger")) } }
            li.(class(3)) { h3 { (symbol(3)) "3. The alarm" } p { "evaluates its metric each minute. " @if step == 3 { "It fires " (wait) "." } }
                @if step >= 3 { a href="/alarms" { "See it" } } }
            li.(class(4)) { h3 { (symbol(4)) "4. Its runbook" } p { "says what to do, and does it at a press." }
                @if step == 4 { a.action.primary href=(format!("/runbooks/{PAGE}")) { "Open the runbook" } } }
            li.(class(5)) { h3 { (symbol(5)) "5. Green" } p { @if step == 5 { "The orders are stored; the alarm is back to OK " (wait) "." } @else { "All alarms are OK; the incident can be kept as a test." } }
                @if step == 6 { a.action href="/alarms/queue-age" { "Keep it as a test" } } }
        }
    } }
}

/// Seven minutes of the alarms' clock.
fn wait(clock: &MetricClock) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    let seconds = (420.0 / clock.scale).ceil() as i64;
    let faster = if clock.scale < 10.0 { "; `make local LOCAL_TIME_SCALE=60` makes its minutes seconds" } else { "" };
    format!("within about {}{faster}", cli::time::about(seconds))
}
