//! A request with a key: is it a new order, a retry of one, or another order under a used key?

use telemetry::{Step, step};

use crate::{
    claims::{Claim, ClaimError, Claimed, Claims},
    response::{Reason, Refusal},
};

/// What is to be done with an order whose key is its own.
#[derive(Debug)]
pub(crate) enum Decided {
    /// The queue is not known to have it, which was accepted at this time first.
    Enqueue(jiff::Timestamp),
    /// The queue has it.
    Answer,
}

pub(crate) async fn run<C: Claims>(claims: &C, claim: Claim) -> Result<Decided, Refusal> {
    Step::new("claim")
        .aws(claims.claim_call())
        .run(async {
            match claims.claim(&claim).await {
                Ok(Claimed::New) => Ok(Decided::Enqueue(claim.accepted_at)),
                Ok(Claimed::Known { claim: known, .. }) if known.payload_hash != claim.payload_hash => {
                    Err(Refusal::new(Reason::KeyReused, REUSED))
                }
                Ok(Claimed::Known { enqueued: true, .. }) => {
                    step::outcome("repeated");
                    Ok(Decided::Answer)
                }
                Ok(Claimed::Known { claim: known, .. }) => {
                    step::outcome("resumed");
                    Ok(Decided::Enqueue(known.accepted_at))
                }
                Err(ClaimError(failure)) => {
                    let message = if failure.is_transient() { UNAVAILABLE } else { super::INTERNAL };
                    Err(Refusal::new(Reason::Call(failure), message))
                }
            }
        })
        .await
}

const REUSED: &str = "Idempotency-Key was used for another order: send this one with a key of its own";

const UNAVAILABLE: &str = "Order not accepted: the record of keys is unavailable. Send it again after the time in Retry-After, \
    with the same Idempotency-Key";
