//! The messages that the validator makes, for the processor.

use anyhow::{Context as _, Result};

use crate::{
    contestants::Contestant,
    events,
    function::Function,
    stub::aws::Sent,
    surroundings::{Surroundings, Transport},
};

/// What the validator has sent: by what it was told about sampling, which the processor follows.
#[derive(Debug)]
pub(crate) struct Messages {
    sampled: Sent,
    unsampled: Sent,
}

impl Messages {
    pub(crate) async fn made_by(validator: &Contestant, around: &Surroundings) -> Result<Self> {
        let mut function = Function::start(validator, around, Transport::Http).await?;
        let sampled = Self::sent(validator, &mut function, around, true).await?;
        let unsampled = Self::sent(validator, &mut function, around, false).await?;
        function.kill().await?;
        Ok(Self { sampled, unsampled })
    }

    async fn sent(
        validator: &Contestant,
        function: &mut Function,
        around: &Surroundings,
        sampled: bool,
    ) -> Result<Sent> {
        let event = events::request(&events::order()?)?;
        validator.check(&function.invoke(event, sampled).await?.answer)?;
        around.aws.sent().context("the validator has sent no message")
    }

    pub(crate) fn of(&self, sampled: bool) -> &Sent {
        if sampled { &self.sampled } else { &self.unsampled }
    }
}
