//! Is the object an order?

use order::{Body, Order};
use telemetry::{Step, step};

use crate::response::Refusal;

pub(crate) fn run(body: Body<'_>) -> Result<Order, Refusal> {
    Step::new("validate").run_sync(|| {
        let order = body.validate().inspect_err(|rejection| {
            let problems = rejection.problems();
            step::field("problems", problems.len() as u64);
            if let Some(first) = problems.first() {
                step::field("field", first.name);
            }
        })?;
        step::field("items", order.items.len() as u64);
        Ok(order)
    })
}
