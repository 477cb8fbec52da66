//! The queue has the order of a key: a retry needs no more than the answer.

use telemetry::{Step, step};
use uuid::Uuid;

use crate::claims::{ClaimError, Claims};

/// Tells whether this request was the one to make it known. A failure costs only that a retry is enqueued again, which the
/// processor finds out.
pub(crate) async fn run<C: Claims>(claims: &C, order_id: Uuid) -> bool {
    let confirmed = Step::new("confirm")
        .aws(claims.confirm_call())
        .run(async {
            claims.confirm(order_id).await.map_err(|ClaimError(failure)| failure).inspect(|first| {
                if !first {
                    step::outcome("repeated");
                }
            })
        })
        .await;
    confirmed.unwrap_or(true)
}
