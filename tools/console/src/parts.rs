//! What several pages are made of.

use jiff::Timestamp;
use maud::{Markup, html};

use crate::app::App;

/// `10:19:44` in UTC.
pub(crate) fn clock(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string() + "Z"
}

/// A moment: relative for a glance, UTC for certainty.
pub(crate) fn moment(at: Timestamp, now: Timestamp) -> Markup {
    let ago = now.duration_since(at).as_secs();
    let words =
        if ago < 0 { format!("in {}", cli::time::about(-ago)) } else { format!("{} ago", cli::time::about(ago)) };
    html! { time datetime=(at.to_string()) title=(at.strftime("%Y-%m-%d %H:%M:%S UTC").to_string()) { (cli::time::clock(at, now)) " " span.quiet { (words) } } }
}

/// Of epoch seconds.
pub(crate) fn moment_s(at: i64, now: Timestamp) -> Markup {
    Timestamp::from_second(at).map_or_else(|_| html! { "–" }, |at| moment(at, now))
}

/// An alarm's state: symbol, word and colour.
pub(crate) fn state(state: &str) -> Markup {
    let (class, symbol, word) = match state {
        "ALARM" => ("bad", "▲", "In alarm"),
        "OK" => ("good", "✓", "OK"),
        "INSUFFICIENT_DATA" => ("unsure", "?", "No data"),
        other => ("unsure", "?", other),
    };
    html! { span.state.(class) { span.symbol aria-hidden="true" { (symbol) } " " (word) } }
}

/// How something went: symbol, word and colour.
pub(crate) fn outcome(word: &str) -> Markup {
    let (class, symbol) = match word {
        "ok" | "stored" | "accepted" | "Stored" | "duplicate" | "recovered" => ("good", "✓"),
        "running" | "waiting" | "Waiting" | "retrying" => ("unsure", "…"),
        "error" | "rejected" | "Refused" | "refused" => ("warn", "!"),
        "throttle" | "throttled" => ("warn", "≡"),
        "" | "unknown" | "Unknown" => ("unsure", "?"),
        _ => ("bad", "✗"),
    };
    html! { span.state.(class) { span.symbol aria-hidden="true" { (symbol) } " " (word) } }
}

/// A command to paste, with a button that copies it where scripts run.
pub(crate) fn command(text: &str) -> Markup {
    html! { div.command { code { (text) } button.copy type="button" hidden data-copy=(text) { "Copy" } } }
}

/// A form's token, without which nothing is changed.
pub(crate) fn token(app: &App) -> Markup {
    html! { input type="hidden" name="token" value=(app.access.form); }
}

/// A button that changes something.
pub(crate) fn button(app: &App, action: &str, label: &str, fields: &[(&str, &str)], class: &str) -> Markup {
    html! {
        form.inline method="post" action=(action) {
            (token(app))
            @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
            button.(class) { (label) }
        }
    }
}

/// Ranges to choose from.
pub(crate) fn ranges(ask: &crate::ask::Ask, chosen: &str, all: &[&str]) -> Markup {
    html! { div.choices role="group" aria-label="Time range" { @for range in all {
        a href=(ask.with(&[("since", Some(range))])) aria-current=[(*range == chosen).then_some("true")] { (range) }
    } } }
}

/// A part of the page that is fetched anew when one of those events comes.
pub(crate) fn live(id: &str, events: &str, content: &Markup) -> Markup {
    html! { div id=(id) data-live=(events) { (content) } }
}

/// Nothing is there, why, and what would change that.
pub(crate) fn empty(what: &str, why: &Markup) -> Markup {
    html! { div.empty { p { strong { (what) } } p.quiet { (why) } } }
}

/// A number with its name, and a line of how it came.
pub(crate) fn number(name: &str, value: &str, says: &Markup, spark: &Markup, class: &str) -> Markup {
    html! { div.figure.(class) { h2 { (name) } p.value { (value) } p.quiet { (says) } (spark) } }
}

/// The part of an id that tells it from others.
pub(crate) fn short(id: &str) -> String {
    id.split('-').next().unwrap_or(id).chars().take(8).collect()
}

pub(crate) fn order_link(id: &str) -> Markup {
    html! { a.id href=(format!("/orders/{}", crate::ask::encoded(id))) { (id) } }
}
