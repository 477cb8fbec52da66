//! `orders send`: what `curl -X POST .../orders` does, once or many times, with the answer checked.

use std::{
    collections::BTreeMap,
    fs,
    io::Read as _,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use clap::Args;
use cli::{output, text};
use futures::{StreamExt as _, stream};
use serde::Serialize;
use serde_json::Value;

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders send                                 a sample order; prints its orderId\n  \
    orders send order.json                      that one; - is standard input\n  \
    orders send --idempotency-key 7f000001-0000-4000-8000-000000000001\n  \
    orders send --count 500 --concurrency 16    many, the answers counted by status\n\n\
    Exit codes: 0 accepted, 1 refused, 2 the command could not run or there was no answer")]
pub(crate) struct SendArgs {
    /// A file with the order, or - for standard input; without one, a sample order
    file: Option<String>,
    /// Sent as the Idempotency-Key header: the same key is the same order
    #[arg(long)]
    idempotency_key: Option<String>,
    /// Number of orders
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    count: usize,
    /// Maximum concurrent requests
    #[arg(long, default_value_t = 1, value_parser = at_least_one)]
    concurrency: usize,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|number| *number > 0).ok_or_else(|| "a whole number from 1 on".to_owned())
}

/// An order that is taken, as `orders send` sends it.
pub const SAMPLE: &str = include_str!("../../sample.json");

/// One answer of the API.
#[derive(Debug, Serialize)]
pub struct Answer {
    /// HTTP's.
    pub status: u16,
    /// As it came; a string if it is not JSON.
    pub body: Value,
}

pub(crate) async fn run(environment: &Environment, args: SendArgs, json: bool) -> Result<ExitCode> {
    environment.announce();
    let order = order(args.file.as_deref())?;
    let api_url = environment.output(suite::output::API_URL)?;
    let agent = agent();

    let begun = Instant::now();
    let answers: Vec<Result<Answer>> = stream::iter(0..args.count)
        .map(|_| {
            let (agent, url, order, key) =
                (agent.clone(), api_url.to_owned(), order.clone(), args.idempotency_key.clone());
            async move { tokio::task::spawn_blocking(move || post(&agent, &url, &order, key.as_deref())).await? }
        })
        .buffer_unordered(args.concurrency)
        .collect()
        .await;
    let (answers, failures): (Vec<_>, Vec<_>) = answers.into_iter().partition(Result::is_ok);
    let answers: Vec<Answer> = answers.into_iter().flatten().collect();

    if args.count > 1 {
        report_many(&answers, failures.len(), begun.elapsed(), json)?;
    } else if let [answer] = &answers[..] {
        report_one(environment, answer, json)?;
    }
    // What did get an answer has been told; an order without one may have been accepted or not.
    if let Some(Err(failure)) = failures.into_iter().next() {
        return Err(failure);
    }
    Ok(if answers.iter().all(|answer| answer.status == 202) { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Sends one order, and tells what the API answers: a refusal is an answer, too.
pub async fn send(environment: &Environment, order: &str, key: Option<&str>) -> Result<Answer> {
    let (url, order) = (environment.output(suite::output::API_URL)?.to_owned(), order.to_owned());
    let (agent, key) = (agent(), key.map(str::to_owned));
    tokio::task::spawn_blocking(move || post(&agent, &url, &order, key.as_deref())).await?
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        // A refusal is an answer, not a failure to get one.
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(60)))
        .build()
        .into()
}

fn order(file: Option<&str>) -> Result<String> {
    match file {
        None => Ok(SAMPLE.to_owned()),
        Some("-") => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).context("can't read standard input")?;
            Ok(text)
        }
        Some(path) => fs::read_to_string(path).with_context(|| format!("can't read {path}")),
    }
}

fn post(agent: &ureq::Agent, url: &str, order: &str, key: Option<&str>) -> Result<Answer> {
    let mut request = agent.post(url).header("content-type", "application/json");
    if let Some(key) = key {
        request = request.header("idempotency-key", key);
    }
    let mut response = request.send(order).with_context(|| format!("no answer from {url}"))?;
    let status = response.status().as_u16();
    let body = response.body_mut().read_to_string().context("the API's answer broke off")?;
    Ok(Answer { status, body: serde_json::from_str(&body).unwrap_or(Value::String(body)) })
}

fn report_one(environment: &Environment, answer: &Answer, json: bool) -> Result<()> {
    if json {
        return output::json(answer);
    }
    match answer.body["orderId"].as_str() {
        Some(order_id) => {
            output::line(order_id)?;
            let message = text::clean(answer.body["message"].as_str().unwrap_or_default());
            cli::note!("{message}. See it: {}", environment.hint(&format!("trace {order_id}")));
        }
        None => cli::note!("The API answers {}: {}", answer.status, text::clean(&answer.body.to_string())),
    }
    Ok(())
}

fn report_many(answers: &[Answer], unanswered: usize, elapsed: Duration, json: bool) -> Result<()> {
    let mut by_status = BTreeMap::new();
    for answer in answers {
        *by_status.entry(answer.status).or_insert(0usize) += 1;
    }
    let seconds = elapsed.as_secs_f64();
    if json {
        return output::json(&serde_json::json!({
            "sent": answers.len() + unanswered,
            "seconds": seconds,
            "byStatus": by_status,
            "unanswered": unanswered,
        }));
    }
    for (status, count) in by_status {
        output::line(format_args!("{status}  {count}"))?;
    }
    if unanswered > 0 {
        output::line(format_args!("no answer  {unanswered}"))?;
    }
    cli::note!("{} orders in {seconds:.1} s, {:.0} a second", answers.len(), answers.len() as f64 / seconds);
    Ok(())
}
