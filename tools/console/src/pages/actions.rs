//! What the first page's buttons do: orders that are sent, faults that are set, the consumer that is stopped. On this machine only.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use orders::Environment;

use crate::{
    answer::Answer,
    app::App,
    ask::Ask,
    local::{self, Fault},
    traffic,
};

/// Name, what it says, service and operation, effect, delay.
pub(crate) const FAULTS: [(&str, &str, &str, &str, &str, u64); 5] = [
    ("queue-error", "The queue answers errors", "sqs", "SendMessage", "error", 0),
    ("queue-throttle", "The queue throttles", "sqs", "SendMessage", "throttle", 0),
    ("queue-slow", "The queue is slow", "sqs", "SendMessage", "slow", 3500),
    ("table-error", "The table answers errors", "dynamodb", "PutItem", "error", 0),
    ("table-throttle", "The table throttles", "dynamodb", "PutItem", "throttle", 0),
];

/// Sends what a button says.
pub(crate) async fn send(app: &App, ask: &Ask) -> Result<Answer> {
    let environment = app.environment().await?;
    match ask.field("kind").unwrap_or("valid") {
        "invalid" => {
            orders::order::send(&environment, r#"{"customerName": "Ada Lovelace"}"#, None).await?;
        }
        "duplicate" => {
            let key = uuid::Uuid::new_v4().to_string();
            let answer = orders::order::send(&environment, orders::order::SAMPLE, Some(&key)).await?;
            orders::order::send(&environment, orders::order::SAMPLE, Some(&key)).await?;
            return Ok(there(&answer));
        }
        "fifty" => {
            traffic::send_many(&environment, 50).await;
        }
        _ => return Ok(there(&orders::order::send(&environment, orders::order::SAMPLE, None).await?)),
    }
    app.live.tell("order");
    Ok(Answer::To("/".into()))
}

/// To the order that was made, or back.
fn there(answer: &orders::order::Answer) -> Answer {
    Answer::To(answer.body["orderId"].as_str().map_or("/".into(), |id| format!("/orders/{id}")))
}

/// Sets a fault, with traffic that meets it, or clears all of them.
pub(crate) async fn fault(app: &Arc<App>, ask: &Ask) -> Result<Answer> {
    let environment = app.environment().await?;
    let preset = ask.field("preset").unwrap_or_default();
    if preset == "clear" {
        app.traffic.stop();
        local::clear_faults(&environment).await?;
        app.done("faults cleared").await;
        return Ok(Answer::To("/".into()));
    }
    let (_, _, service, operation, effect, delay_ms) =
        FAULTS.iter().find(|fault| fault.0 == preset).context("no such fault")?;
    let fault = Fault {
        service: (*service).into(),
        operation: Some((*operation).into()),
        effect: (*effect).into(),
        times: None,
        delay_ms: *delay_ms,
    };
    let words = fault.words();
    local::set_fault(&environment, fault).await?;
    app.done(words).await;
    app.traffic.start(&environment);
    Ok(Answer::To("/".into()))
}

/// Stops or starts what takes orders from the queue. Stopped, a few orders are sent that then wait.
pub(crate) async fn consumer(app: &App, ask: &Ask) -> Result<Answer> {
    let environment = app.environment().await?;
    let start = ask.field("to") == Some("start");
    switch(&environment, start).await?;
    app.done(if start { "consumer started" } else { "consumer stopped" }).await;
    app.live.tell("all");
    Ok(Answer::To("/".into()))
}

async fn switch(environment: &Environment, start: bool) -> Result<()> {
    orders::consumer::switch(environment, start).await?;
    if !start {
        traffic::send_many(environment, 3).await;
    }
    Ok(())
}
