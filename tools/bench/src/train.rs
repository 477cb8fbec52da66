//! Work for a profiler: every fate an order can have, in the proportions that a shop sees them.

use anyhow::Result;

use crate::{
    contestants::Contestant,
    fates::{self, Fate},
    function::Function,
    messages::Messages,
    surroundings::{Surroundings, Transport},
};

/// Times that a fate is trained: success is what must be quick, but a refusal or a retry must not be slow.
const USUAL: usize = 400;
const RARE: usize = 8;

/// Runs both programs through all fates, over HTTP and TLS, and lets them end by themselves, so that their exit handlers run.
pub(crate) async fn train(validator: &Contestant, processor: &Contestant, around: &Surroundings) -> Result<()> {
    let accepted = fates::of_validator()?;
    for transport in [Transport::Https, Transport::Http] {
        pass(validator, &accepted, around, transport).await?;
    }
    let stored = fates::of_processor(&Messages::made_by(validator, around).await?)?;
    for transport in [Transport::Https, Transport::Http] {
        pass(processor, &stored, around, transport).await?;
    }
    Ok(())
}

async fn pass(contestant: &Contestant, fates: &[Fate], around: &Surroundings, transport: Transport) -> Result<()> {
    let mut function = Function::start(contestant, around, transport).await?;
    for fate in fates {
        let times = if fate.faults.is_empty() { USUAL } else { RARE };
        for number in 0..times {
            around.aws.expect(fate.faults);
            // As by X-Ray's rule: a few are sampled, and those do more.
            let sampled = number % 4 == 0;
            function.invoke(fate.event(sampled), sampled).await?;
        }
    }
    around.aws.expect(&[]);
    function.end().await
}
