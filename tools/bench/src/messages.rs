//! What a contestant is given: the order's request, or batches of messages that the validator has really sent.

use anyhow::{Context as _, Result};
use hyper::body::Bytes;

use crate::{
    contestants::{Contestant, Job},
    events,
    function::Function,
    stub::{Surroundings, Transport, aws::Sent},
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
        done_right(validator, &function.invoke(events::request(&events::order()?)?, sampled).await?.answer)?;
        around.aws.sent().context("the validator has sent no message")
    }

    pub(crate) fn of(&self, sampled: bool) -> &Sent {
        if sampled { &self.sampled } else { &self.unsampled }
    }
}

/// A peer that answers quickly because it refuses everything is no peer.
pub(crate) fn done_right(contestant: &Contestant, answer: &[u8]) -> Result<()> {
    let answer = events::status(answer)?;
    let right = match contestant.job {
        Job::Request => answer["statusCode"] == 202,
        Job::Batch(_) => answer["batchItemFailures"].as_array().is_none_or(Vec::is_empty),
    };
    anyhow::ensure!(right, "{} did not do its work: it answered {answer}", contestant.id);
    Ok(())
}

/// The messages that the validator sends for the order, which the processor gets; only asked for when there is a processor.
pub(crate) async fn messages(contestants: &[Contestant], around: &Surroundings) -> Result<Option<Messages>> {
    if !contestants.iter().any(|contestant| matches!(contestant.job, Job::Batch(_))) {
        return Ok(None);
    }
    let validator = contestants.iter().find(|contestant| contestant.id == "validator");
    let validator = validator.context("the processor's messages are made by the validator: measure both")?;
    Messages::made_by(validator, around).await.map(Some)
}

pub(crate) fn event(contestant: &Contestant, messages: Option<&Messages>, sampled: bool) -> Result<Bytes> {
    match contestant.job {
        Job::Request => events::request(&events::order()?),
        Job::Batch(records) => events::batch(messages.context("no message for the processor")?.of(sampled), records),
    }
}
