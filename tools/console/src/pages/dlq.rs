//! `/dlq`: why orders lie in the dead-letter queue, and what becomes of them.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use maud::{Markup, html};
use orders::dlq::{Fate, Group, Selection};

use crate::{
    answer::{Answer, Shown},
    app::App,
    ask::Ask,
    parts,
};

/// Of a group on the page; the data have all.
const SHOWN: usize = 25;

pub(crate) async fn page(app: &App, _ask: &Ask) -> Result<Shown> {
    let environment = app.environment().await?;
    let queues = orders::order::queues(&environment).await?;
    // A look hides what it sees from others for a moment: an empty queue is not looked into.
    let groups = match queues.dead_letters.waiting + queues.dead_letters.in_flight {
        0 => Vec::new(),
        _ => {
            let _turn = app.dead_letters.lock().await;
            orders::dlq::groups(&environment).await?
        }
    };
    let total: usize = groups.iter().map(|group| group.count).sum();
    let now = Timestamp::now();
    let html = html! {
        (parts::live("dlq", "order", &html! {
            @if groups.is_empty() { section.card { (parts::empty("No dead letters", &html! { "Orders that could not be stored come here, each with its reason. " @if queues.dead_letters.in_flight > 0 { (queues.dead_letters.in_flight) " are held by somebody who looks at them." } @else if app.is_local() { "To see one: " a href="/" { "break the table" } " and wait until its retries are used up." } })) } }
            @else {
                div.verdict.bad { span.symbol aria-hidden="true" { "✗" } span { (cli::text::count(total, "order")) " could not be stored" } (actions(app, "all", &[], total)) }
                @for group in &groups { (one(app, group, now)) }
            }
        }))
        (parts::command(&app.command("dlq list")))
        (parts::command(&app.command("dlq redrive --dry-run")))
    };
    Shown::new("Dead letters", html, &groups)
}

fn one(app: &App, group: &Group, now: Timestamp) -> Markup {
    html! { section.card aria-label=(group.kind) {
        div.row.between {
            h2 { (parts::outcome("dead")) " " (group.count) " × " (group.kind) @if let Some(step) = &group.step { span.quiet { " in " (step) } } }
            (actions(app, "group", &[("reason", &group.kind)], group.count))
        }
        p.quiet { (orders::dlq::meaning(&group.kind)) }
        div.scroll { table { caption { (group.kind) }
            thead { tr { th scope="col" { "Order" } th scope="col" { "Message" } th scope="col" { "Sent" } th scope="col" { "Kept until" } th.num scope="col" { "Receives" } th scope="col" { "Reason" } th scope="col" { "" } } }
            tbody { @for entry in group.messages.iter().take(SHOWN) { tr {
                td { @match &entry.order_id { Some(order) => a.id href=(format!("/orders/{order}")) { (order) }, None => span.quiet { "no order" } } }
                td { a.id href=(format!("/dlq/{}", entry.message_id)) { (parts::short(&entry.message_id)) "…" } }
                td { @if let Some(sent) = entry.sent { (parts::moment(sent, now)) } }
                td { @if let Some(expires) = entry.expires { (parts::moment(expires, now)) } }
                td.num { (entry.receive_count.map(|count| count.to_string()).unwrap_or_default()) }
                td.wrap { (entry.reason) }
                td { (actions(app, "one", &[("message", &entry.message_id)], 1)) }
            } } }
        } }
        @if group.count > SHOWN { p.quiet { (SHOWN) " of " (group.count) " shown." } }
    } }
}

/// First what would be done, then the number, then the deed.
fn actions(app: &App, scope: &str, fields: &[(&str, &str)], count: usize) -> Markup {
    let label = |verb: &str| match scope {
        "one" => verb.to_owned(),
        "group" => format!("{verb} these {count}"),
        _ => format!("{verb} all {count}"),
    };
    html! { @if app.is_local() { span.row {
        (parts::button(app, "/dlq/redrive", &label("Redrive"), fields, if scope == "one" { "" } else { "primary" }))
        (parts::button(app, "/dlq/discard", &label("Discard"), fields, "danger"))
    } } }
}

/// One message; its body is personal and behind a click.
pub(crate) async fn message(app: &App, ask: &Ask, id: &str) -> Result<Shown> {
    let environment = app.environment().await?;
    let with_body = ask.get("show") == Some("body");
    let turn = app.dead_letters.lock().await;
    let message = orders::dlq::message(&environment, id, with_body).await?;
    drop(turn);
    let Some(message) = message else {
        let html = parts::empty(
            "No such dead letter",
            &html! { "It was sent back, discarded, or is held by somebody who looks at it. " a href="/dlq" { "What lies there" } },
        );
        return Shown::new("Dead letter", html, &serde_json::Value::Null);
    };
    let html = html! {
        section.card { pre tabindex="0" { (serde_json::to_string_pretty(&message).unwrap_or_default()) }
            @if with_body { p { a href=(ask.with(&[("show", None)])) { "Hide the body" } } }
            @else { p { "The body has the customer's name, e-mail and address. " a href=(ask.with(&[("show", Some("body"))])) { "Show it" } } }
        }
        div.row { @if let Some(order) = message["orderId"].as_str() { a href=(format!("/orders/{order}")) { "The order's way" } } (actions(app, "one", &[("message", id)], 1)) }
        (parts::command(&app.command(&format!("dlq show {id}"))))
    };
    Shown::new("Dead letter", html, &message)
}

/// Says what would be done; does it once the number is confirmed.
pub(crate) async fn act(app: &App, ask: &Ask, redrive: bool) -> Result<Answer> {
    let environment = app.environment().await?;
    let field = |name: &str| ask.field(name).map(str::to_owned);
    let selection = Selection { reason: field("reason"), order: None, message: field("message") };
    let confirmed = ask
        .field("confirm")
        .map(|text| text.trim().parse::<usize>().context("the number to confirm is no number"))
        .transpose()?;
    let _turn = app.dead_letters.lock().await;
    let run = async |dry_run: bool| match redrive {
        true => orders::dlq::redrive(&environment, &selection, dry_run).await,
        false => orders::dlq::discard(&environment, &selection, dry_run).await,
    };
    let planned = run(true).await?;
    let (verb, past) = if redrive { ("Redrive", "sent back") } else { ("Discard", "deleted") };
    let Some(count) = confirmed else {
        let html = plan(app, &selection, &planned, redrive, verb);
        return Ok(Shown::new(format!("{verb}: what would be done"), html, &planned)?.into());
    };
    if count != planned.len() {
        bail!(
            "{count} is not {}: the queue has changed meanwhile, so nothing was done. Look again at what lies there",
            planned.len()
        );
    }
    let fates = run(false).await?;
    let done = fates.iter().filter(|fate| fate.done).count();
    app.done(format!("{done} dead letters {past}")).await;
    app.live.tell("order");
    let html = html! {
        div.verdict.(if done == fates.len() { "good" } else { "warn" }) role="status" { span.symbol aria-hidden="true" { (if done == fates.len() { "✓" } else { "!" }) } span { (done) " of " (fates.len()) " " (past) } a.action href="/dlq" { "What lies there now" } }
        (table(&fates, past))
    };
    Ok(Shown::new(format!("{verb}: done"), html, &fates)?.into())
}

fn plan(app: &App, selection: &Selection, planned: &[Fate], redrive: bool, verb: &str) -> Markup {
    html! {
        @if planned.is_empty() { section.card { (parts::empty("Nothing is there that fits", &html! { a href="/dlq" { "What lies there" } })) } } @else {
            section.card {
                h2 { (cli::text::count(planned.len(), "message")) " would be " @if redrive { "sent back to the orders queue, each with its trace, and only then deleted here. An order is stored once, however often it is sent." } @else { "deleted for good. Nothing brings an order back." } }
                form.row method="post" action=(if redrive { "/dlq/redrive" } else { "/dlq/discard" }) {
                    (parts::token(app))
                    @if let Some(reason) = &selection.reason { input type="hidden" name="reason" value=(reason); }
                    @if let Some(message) = &selection.message { input type="hidden" name="message" value=(message); }
                    label for="confirm" { "How many? " }
                    @if redrive { input #confirm name="confirm" inputmode="numeric" size="6" value=(planned.len()) required; }
                    @else { input #confirm name="confirm" inputmode="numeric" size="6" placeholder=(planned.len()) required; }
                    button.(if redrive { "primary" } else { "danger" }) { (verb) " " (planned.len()) }
                    a href="/dlq" { "Leave them" }
                }
            }
            (table(planned, "would be"))
        }
    }
}

fn table(fates: &[Fate], past: &str) -> Markup {
    html! { section.card { div.scroll { table { caption { "Each message" }
        thead { tr { th scope="col" { "Order" } th scope="col" { "Message" } th scope="col" { "Result" } } }
        tbody { @for fate in fates { tr {
            td { @match &fate.order_id { Some(order) => a.id href=(format!("/orders/{order}")) { (order) }, None => span.quiet { "no order" } } }
            td.id { (fate.message_id) }
            td { @match (&fate.why, fate.done) { (Some(why), _) => { (parts::outcome("fault")) " " (why) } (None, true) => { (parts::outcome("ok")) " " (past) } (None, false) => span.quiet { (past) } } }
        } } }
    } } } }
}
