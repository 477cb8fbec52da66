//! `suite fault`: make calls fail.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use axum::{body::Body, http::Request};
use clap::Args;
use cli::output;
use suite::Suite;

use crate::{
    http,
    proxy::{Effect, FAULTS, Fault, LONGEST_DELAY_MS, TOKEN},
    stack::State,
};

/// What `fault` takes.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    suite fault sqs:SendMessage throttle           the API answers 503 until `suite fault --clear`\n  \
    suite fault dynamodb:PutItem error --times 6   two attempts at storing an order fail, the third one works\n  \
    suite fault dynamodb:PutItem kill --times 1    a function dies in the middle of its batch, after an order was stored\n  \
    suite fault                                    the faults that are set, as JSON")]
pub(crate) struct FaultArgs {
    /// `<service>` or `<service>:<operation>`, such as sqs:SendMessage
    #[arg(requires = "effect", conflicts_with = "clear")]
    calls: Option<String>,
    /// How they fail
    effect: Option<Effect>,
    /// How many calls; until it is cleared, if this is not given
    #[arg(long, requires = "calls", value_parser = clap::value_parser!(u32).range(1..))]
    times: Option<u32>,
    /// How long a slow call takes
    #[arg(long, default_value_t = 3000, value_parser = clap::value_parser!(u64).range(..=LONGEST_DELAY_MS))]
    delay_ms: u64,
    /// Let every call succeed again
    #[arg(long)]
    clear: bool,
}

pub(crate) async fn run(suite: &Suite, state: &State, args: &FaultArgs) -> Result<()> {
    if args.calls.is_some() || args.clear {
        state.announce();
    }
    let stack = state.running()?;
    let url = format!("{}{FAULTS}", stack.endpoint());
    let secret = stack.credentials.secret_key.as_str();
    let request = match (&args.calls, args.effect) {
        (Some(calls), Some(effect)) => {
            check(calls, &suite.allowed_calls()?)?;
            let (service, operation) = match calls.split_once(':') {
                Some((service, operation)) => (service, Some(operation.to_owned())),
                None => (calls.as_str(), None),
            };
            let fault =
                Fault { service: service.into(), operation, effect, times: args.times, delay_ms: args.delay_ms };
            Request::post(url)
                .header("content-type", "application/json")
                .header(TOKEN, secret)
                .body(serde_json::to_string(&fault)?.into())?
        }
        _ if args.clear => Request::delete(url).header(TOKEN, secret).body(Body::empty())?,
        _ => Request::get(url).body(Body::empty())?,
    };
    let (status, body) = http::send(&http::client(), request).await?;
    if !status.is_success() {
        bail!("the stack answers {status}: {}", String::from_utf8_lossy(&body));
    }
    match (&args.calls, args.times) {
        (Some(calls), None) => cli::note!("All {calls} calls will be {} until: suite fault --clear", done(args.effect)),
        (Some(calls), Some(times)) => cli::note!("The next {times} {calls} calls will be {}.", done(args.effect)),
        (None, _) if args.clear => cli::note!("All faults cleared."),
        (None, _) => output::line(String::from_utf8_lossy(&body))?,
    }
    Ok(())
}

/// What becomes of the calls.
fn done(effect: Option<Effect>) -> &'static str {
    match effect {
        Some(Effect::Throttle) => "throttled",
        Some(Effect::Slow) => "answered late",
        Some(Effect::Lost) => "carried out without an answer",
        Some(Effect::Reset) => "carried out, their connections closed without an answer",
        Some(Effect::Kill) => "carried out, the functions that make them killed before the answer",
        Some(Effect::Twice) => "carried out twice",
        Some(Effect::Error) | None => "answered with an error",
    }
}

/// A fault that no call can meet would be a surprise in the middle of a drill.
fn check(calls: &str, known: &BTreeSet<String>) -> Result<()> {
    let service = |call: &String| call.split(':').next().unwrap_or_default().to_owned();
    if known.contains(calls) || known.iter().any(|call| service(call) == calls) {
        return Ok(());
    }
    let known: Vec<_> = known.iter().map(String::as_str).collect();
    bail!("the functions make no {calls} calls: their policies allow {}", known.join(", "))
}
