//! Calls that fail on purpose: AWS's bad days, to be had when they are wanted.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};

/// No client waits longer for a slow call than Lambda's longest function runs.
pub(crate) const LONGEST_DELAY_MS: u64 = 900_000;
/// More would be met by nobody.
const MOST: usize = 1000;

/// Which calls fail, how, and how often.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Fault {
    /// As in a signature's scope: `sqs`, `dynamodb`.
    pub(crate) service: String,
    /// Such as `SendMessage`; every operation if there is none.
    pub(crate) operation: Option<String>,
    pub(crate) effect: Effect,
    /// Until it is cleared, if there is none.
    pub(crate) times: Option<u32>,
    /// How long a slow call takes.
    pub(crate) delay_ms: u64,
}

/// How a call fails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Effect {
    /// Refused as one call too many
    Throttle,
    /// Answered with HTTP 500
    Error,
    /// Answered, but late
    Slow,
    /// Done, but the answer never comes
    Lost,
}

#[derive(Debug, Default)]
pub(super) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    pub(super) fn add(&self, fault: Fault) -> Result<(), String> {
        let mut faults = self.lock();
        if faults.len() >= MOST {
            return Err(format!("{MOST} faults are set: `suite fault --clear` first"));
        }
        faults.push(fault);
        Ok(())
    }

    pub(super) fn list(&self) -> Vec<Fault> {
        self.lock().clone()
    }

    pub(super) fn clear(&self) {
        self.lock().clear();
    }

    /// The fault that this call meets, which is used up by it.
    pub(super) fn meet(&self, service: &str, operation: Option<&str>) -> Option<Fault> {
        let mut faults = self.lock();
        let index = faults.iter().position(|fault| {
            fault.service == service && (fault.operation.is_none() || fault.operation.as_deref() == operation)
        })?;
        let fault = faults[index].clone();
        match &mut faults[index].times {
            None => {}
            Some(times) if *times > 1 => *times -= 1,
            Some(_) => drop(faults.remove(index)),
        }
        Some(fault)
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Fault>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Fault {
    /// Whoever sets it, a command or a request, stays within the bounds.
    pub(crate) fn check(&self) -> Result<(), String> {
        if self.times == Some(0) {
            return Err("times must be at least 1; without it the fault stays until it is cleared".into());
        }
        if self.delay_ms > LONGEST_DELAY_MS {
            return Err(format!("delay_ms must be at most {LONGEST_DELAY_MS}"));
        }
        if self.service.len() > 64 || self.operation.as_ref().is_some_and(|operation| operation.len() > 64) {
            return Err("service and operation have at most 64 characters".into());
        }
        Ok(())
    }

    /// What happens before the emulator sees the call: an answer in its place, or nothing.
    pub(super) async fn before(&self) -> Option<Response<Body>> {
        match self.effect {
            Effect::Throttle => Some(refuse(StatusCode::BAD_REQUEST, throttling_code(&self.service))),
            Effect::Error => Some(refuse(StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure")),
            Effect::Slow => {
                tokio::time::sleep(Duration::from_millis(self.delay_ms)).await;
                None
            }
            Effect::Lost => None,
        }
    }

    /// What happens after it: a lost answer keeps the caller waiting until it gives up.
    pub(super) async fn after(&self) {
        if self.effect == Effect::Lost {
            tokio::time::sleep(Duration::from_secs(3600)).await;
        }
    }
}

fn throttling_code(service: &str) -> &'static str {
    match service {
        "dynamodb" => "ProvisionedThroughputExceededException",
        "sqs" => "RequestThrottled",
        _ => "ThrottlingException",
    }
}

/// In the form of AWS's JSON protocols, which both SQS and DynamoDB speak.
fn refuse(status: StatusCode, code: &str) -> Response<Body> {
    let body = serde_json::json!({"__type": code, "message": "injected by `suite fault`"}).to_string();
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert("content-type", axum::http::HeaderValue::from_static("application/x-amz-json-1.0"));
    if let Ok(code) = code.parse() {
        headers.insert("x-amzn-errortype", code);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(operation: Option<&str>, times: Option<u32>) -> Fault {
        Fault {
            service: "sqs".into(),
            operation: operation.map(str::to_owned),
            effect: Effect::Throttle,
            times,
            delay_ms: 0,
        }
    }

    #[test]
    fn a_fault_is_met_as_often_as_it_says_and_only_by_its_calls() {
        let faults = Faults::default();
        faults.add(fault(Some("SendMessage"), Some(2))).unwrap();
        assert!(faults.meet("dynamodb", Some("SendMessage")).is_none());
        assert!(faults.meet("sqs", Some("ReceiveMessage")).is_none());
        assert!(faults.meet("sqs", Some("SendMessage")).is_some());
        assert!(faults.meet("sqs", Some("SendMessage")).is_some());
        assert!(faults.meet("sqs", Some("SendMessage")).is_none());
    }

    #[test]
    fn a_fault_without_a_count_stays_until_it_is_cleared() {
        let faults = Faults::default();
        faults.add(fault(None, None)).unwrap();
        assert!((0..10).all(|_| faults.meet("sqs", None).is_some()));
        faults.clear();
        assert!(faults.meet("sqs", None).is_none());
    }

    #[test]
    fn a_fault_beyond_its_bounds_is_refused_with_the_bound() {
        assert_eq!(fault(None, Some(1)).check(), Ok(()));
        assert!(fault(None, Some(0)).check().unwrap_err().contains("at least 1"));
        let slow = Fault { delay_ms: u64::MAX, ..fault(None, None) };
        assert!(slow.check().unwrap_err().contains("900000"));
    }
}
