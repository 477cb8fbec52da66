//! What a folder's stack is like now.

use std::time::Duration;

use anyhow::Result;

use super::{StackFile, StackOptions, State, started};
use crate::{
    health::{EmulatorHealth, HEALTH, Health},
    http::{self, HttpClient},
};

/// How long a stack may take to say how it is.
const HEALTH_WITHIN: Duration = Duration::from_secs(5);

#[derive(Debug)]
pub(crate) enum Condition {
    Up(StackFile),
    /// The stack runs, and nothing is known to be provisioned in it.
    Bare(StackFile),
    /// Some of it runs, or some of it is missing: what is wrong.
    Broken(String),
    Down,
}

pub(crate) async fn condition(state: &State, http: &HttpClient) -> Result<Condition> {
    let Some(stack) = state.stack()? else {
        // A file cut off by a crash, or removed: the stack is about to end by itself.
        return Ok(if state.is_served()? { broken("a stack without its state file") } else { Condition::Down });
    };
    if !state.is_own(&stack) {
        return Ok(Condition::Down);
    }
    if started(stack.pid) != Some(stack.started) {
        return Ok(broken("a stack that crashed"));
    }
    if !stack.ready {
        return Ok(broken("a stack that was not started to its end"));
    }
    let url = format!("{}{HEALTH}", stack.endpoint());
    let health = match tokio::time::timeout(HEALTH_WITHIN, http::get(http, &url)).await {
        Ok(Ok((status, body))) if status.is_success() => serde_json::from_slice::<Health>(&body).ok(),
        _ => None,
    };
    Ok(match health {
        Some(health) if health.id != stack.id => broken("another stack at its port"),
        Some(Health { emulator: EmulatorHealth::Ended, .. }) => broken("a stack whose emulator ended"),
        Some(Health { emulator: EmulatorHealth::Silent, .. }) => {
            broken("a stack whose emulator does not answer (is it stopped?)")
        }
        Some(_) if state.outputs().is_ok() => Condition::Up(stack),
        Some(_) => Condition::Bare(stack),
        None => broken("a stack that does not answer (is it stopped?)"),
    })
}

fn broken(what: &str) -> Condition {
    Condition::Broken(what.to_owned())
}

/// What was asked for, and the running stack does not have.
pub(crate) fn differs(stack: &StackFile, options: &StackOptions) -> Option<String> {
    if options.port.is_some_and(|port| port != 0 && port != stack.port) {
        return Some(format!("port {}", stack.port));
    }
    if options.time_scale.is_some_and(|scale| scale != stack.time_scale) {
        return Some(format!("time scale {}", stack.time_scale));
    }
    let (asked, has) = ((&options.project_name, &options.region), (&stack.project_name, &stack.region));
    (asked != has).then(|| format!("the project name {} in {}", stack.project_name, stack.region))
}
