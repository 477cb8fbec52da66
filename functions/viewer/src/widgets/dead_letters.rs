//! "Dead letters by reason".

use std::collections::BTreeMap;

use dead_letter::{Letter, meaning};
use maud::{Markup, html};
use serde_json::json;
use telemetry::{Step, step};

use super::order;
use crate::{
    html::{self, Call},
    ports::{AwsError, DeadLetters, Waiting},
    viewer::{Asked, Viewer},
};

pub(crate) const STEP: &str = "dead-letters";

/// Others look at the queue too: what is only read is hidden no longer than a reader waits.
const LOOK_S: i32 = 3;
/// What is sent back must not be handed out meanwhile: as long as the function may run.
const REDRIVE_S: i32 = 30;
/// Of one reason; a count says how many there are.
const SHOWN: usize = 10;

pub(crate) async fn show<P: DeadLetters>(viewer: &Viewer<P>, asked: &Asked<'_>) -> Result<Markup, AwsError> {
    let reason = &asked.event.redrive;
    if reason.is_empty() {
        let waiting = Step::new(STEP).run(viewer.ports.look(LOOK_S)).await?;
        return Ok(groups(viewer.actions, asked, &waiting));
    }
    if !viewer.actions {
        let next = "Redrive on the command line: `orders dlq redrive`. `viewer_actions = true` allows it here.";
        return Ok(html::problem("Nothing is changed from this dashboard", next));
    }
    Step::new(STEP).run(redrive(viewer, asked, reason)).await
}

fn groups(actions: bool, asked: &Asked<'_>, waiting: &Waiting) -> Markup {
    let Waiting { letters, all } = waiting;
    if letters.is_empty() && *all == 0 {
        return html::good("No dead letters");
    }
    let mut by_kind: BTreeMap<&str, Vec<&Letter>> = BTreeMap::new();
    for letter in letters {
        by_kind.entry(letter.kind()).or_default().push(letter);
    }
    let mut by_kind: Vec<_> = by_kind.into_iter().collect();
    by_kind.sort_by_key(|(_, letters)| std::cmp::Reverse(letters.len()));
    let seen = u64::try_from(letters.len()).unwrap_or(u64::MAX);
    html! {
        @for (kind, letters) in &by_kind {
            h3 { (kind) ": " (letters.len()) }
            p { (meaning(kind)) }
            @if actions { p { (button(asked, kind, letters.len())) } }
            table {
                thead { tr { th { "Order" } th { "Reason" } th { "Sent" } th { "Received" } } }
                tbody { @for letter in letters.iter().take(SHOWN) { tr {
                    td { @match letter.order_id() { Some(id) => (order::call(asked.endpoint, &id).link(&id)), None => "no order" } }
                    td { (letter.reason()) }
                    td { @match letter.sent() { Some(at) => (asked.event.widget_context.moment(at)), None => "–" } }
                    td { @match letter.receive_count() { Some(count) => { (count) " times" }, None => "–" } }
                } } }
            }
            @if letters.len() > SHOWN { p { (SHOWN) " of " (letters.len()) " shown." } }
        }
        @if *all > seen { p { (*all - seen) " more are held by somebody who looks at them, or are more than this widget counts." } }
        @if !actions { p { "Send them back with " code { "orders dlq redrive" } ". A button is here where the environment has " code { "viewer_actions = true" } "." } }
    }
}

fn button(asked: &Asked<'_>, kind: &str, count: usize) -> Markup {
    let letters = if count == 1 { "1 letter".to_owned() } else { format!("{count} letters") };
    let confirmation =
        format!("Send {letters} ({kind}) back to the orders queue? An order is stored once, however often it is sent.");
    Call {
        endpoint: asked.endpoint,
        with: json!({"widget": STEP, "redrive": kind, "count": count}),
        popup: false,
        confirmation: Some(confirmation),
    }
    .button(&format!("Redrive {letters}"), false)
}

/// Of one reason, and only if they are as many as were confirmed.
async fn redrive<P: DeadLetters>(viewer: &Viewer<P>, asked: &Asked<'_>, kind: &str) -> Result<Markup, AwsError> {
    let mut letters = viewer.ports.look(REDRIVE_S).await?.letters;
    letters.retain(|letter| letter.kind() == kind);
    let count = asked.event.count;
    let back = Call { endpoint: asked.endpoint, with: json!({"widget": STEP}), popup: false, confirmation: None };
    if letters.len() != count {
        step::outcome("refused");
        let found = letters.len();
        let next = format!(
            "{count} were confirmed and {found} are there: the queue has changed meanwhile. Look again in half a minute."
        );
        return Ok(html! { (html::problem("Nothing was sent back", &next)) p { (back.button("Look again", false)) } });
    }
    let mut fates = Vec::new();
    for letter in &letters {
        fates.push((letter, viewer.ports.send_back(letter).await));
    }
    let done = fates.iter().filter(|(_, fate)| fate.is_ok()).count();
    step::field("redriven", u64::try_from(done).unwrap_or(u64::MAX));
    if let Some(Err(error)) = fates.iter().map(|(_, fate)| fate).find(|fate| fate.is_err()) {
        step::failed(error);
    }
    Ok(html! {
        p { strong { (if done == count { "✓" } else { "✗" }) " " (done) " of " (count) " sent back" } }
        table {
            thead { tr { th { "Order" } th { "Message" } th { "Result" } } }
            tbody { @for (letter, fate) in &fates { tr {
                td { @match letter.order_id() { Some(id) => (order::call(asked.endpoint, &id).link(&id)), None => "no order" } }
                td { (letter.message_id) }
                td { @match fate { Ok(()) => "✓ sent back", Err(error) => { "✗ " (error) } } }
            } } }
        }
        p { (back.button("Look again", false)) }
    })
}
