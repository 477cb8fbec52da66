//! `local fault`: make calls fail.

use anyhow::{Result, bail};
use axum::{body::Body, http::Request};
use clap::Args;

use crate::{
    http,
    plane::{Effect, FAULTS, Fault},
    state::State,
};

/// What `fault` takes.
#[derive(Debug, Clone, Args)]
#[command(after_help = "Examples:\n  \
    local fault sqs:SendMessage throttle           the API answers 503 until `local fault --clear`\n  \
    local fault dynamodb:PutItem error --times 6   two attempts at storing an order fail, the third one works")]
pub(crate) struct FaultArgs {
    /// `<service>` or `<service>:<operation>`, such as sqs:SendMessage
    #[arg(required_unless_present_any = ["clear", "list"])]
    calls: Option<String>,
    /// How they fail
    #[arg(required_unless_present_any = ["clear", "list"])]
    effect: Option<Effect>,
    /// How many calls; until it is cleared, if this is not given
    #[arg(long)]
    times: Option<u32>,
    /// How long a slow call takes
    #[arg(long, default_value_t = 3000)]
    delay_ms: u64,
    /// Let every call succeed again
    #[arg(long, conflicts_with_all = ["calls", "list"])]
    clear: bool,
    /// Show the faults that are set, as JSON
    #[arg(long, conflicts_with = "calls")]
    list: bool,
}

pub(crate) async fn run(state: &State, args: &FaultArgs) -> Result<()> {
    let Some(plane) = state.plane()? else { bail!("no stack is up in {}: run `make local`", state.dir().display()) };
    let url = format!("http://127.0.0.1:{}{FAULTS}", plane.port);
    let request = match (&args.calls, args.effect) {
        (Some(calls), Some(effect)) => {
            let (service, operation) = match calls.split_once(':') {
                Some((service, operation)) => (service, Some(operation.to_owned())),
                None => (calls.as_str(), None),
            };
            let fault =
                Fault { service: service.into(), operation, effect, times: args.times, delay_ms: args.delay_ms };
            Request::post(url).header("content-type", "application/json").body(serde_json::to_string(&fault)?.into())?
        }
        _ if args.clear => Request::delete(url).body(Body::empty())?,
        _ => Request::get(url).body(Body::empty())?,
    };
    let (status, body) = http::send(&http::client(), request).await?;
    if !status.is_success() {
        bail!("the plane answers {status}: {}", String::from_utf8_lossy(&body));
    }
    if args.list {
        println!("{}", String::from_utf8_lossy(&body));
    }
    Ok(())
}
