//! What a folder's stack is like now.

use anyhow::Result;

use super::{StackFile, StackOptions, State};
use crate::{
    http::{self, HttpClient},
    proxy::{HEALTH, Health},
};

pub(crate) enum Condition {
    Up(StackFile),
    /// The stack runs, and nothing is known to be provisioned in it.
    Bare(StackFile),
    /// Some of it runs, or some of it is missing.
    Broken,
    Down,
}

pub(crate) async fn condition(state: &State, http: &HttpClient) -> Result<Condition> {
    let Some(stack) = state.stack()? else { return Ok(Condition::Down) };
    let url = format!("http://127.0.0.1:{}{HEALTH}", stack.port);
    let healthy = match http::get(http, &url).await {
        Ok((status, body)) if status.is_success() => {
            serde_json::from_slice::<Health>(&body).is_ok_and(|health| health.emulator_is_up)
        }
        _ => false,
    };
    Ok(match healthy {
        true if state.outputs().is_ok() => Condition::Up(stack),
        true => Condition::Bare(stack),
        false => Condition::Broken,
    })
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
