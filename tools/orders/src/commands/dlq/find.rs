//! A dead letter for those who look for an order.

use anyhow::Result;
use dead_letter::Letter;
use jiff::Timestamp;

use super::{
    port::{HELD_S, Queues as _},
    sqs::SqsQueues,
    sweep,
};
use crate::environment::Environment;

/// What is told of a dead letter outside these commands.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) message_id: String,
    pub(crate) order_id: Option<String>,
    pub(crate) trace_id: Option<String>,
    pub(crate) reason: String,
    pub(crate) sent: Option<Timestamp>,
    /// SQS did, after its receives were used up; the processor, with a reason, otherwise.
    pub(crate) moved_by_sqs: bool,
    pub(crate) attempts: Option<u64>,
}

impl Found {
    /// Is that its order, its message or its trace?
    pub(crate) fn is_of(&self, id: &str) -> bool {
        self.message_id == id || [&self.order_id, &self.trace_id].iter().any(|own| own.as_deref() == Some(id))
    }
}

impl From<&Letter> for Found {
    fn from(letter: &Letter) -> Self {
        Self {
            message_id: letter.message_id.clone(),
            order_id: letter.order_id(),
            trace_id: letter.trace_id(),
            reason: letter.reason().to_owned(),
            sent: letter.sent(),
            moved_by_sqs: letter.step().is_none(),
            // A look is a receive, too.
            attempts: letter.receive_count().map(|count| count.saturating_sub(1)),
        }
    }
}

/// What a look at the dead-letter queue has shown.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    pub(crate) found: Vec<Found>,
    /// Messages that another command holds, so that this one could not see them.
    pub(crate) held: u64,
}

/// Those that are wanted; all of them are visible again afterwards.
pub(crate) async fn find(environment: &Environment, wanted: impl Fn(&Found) -> bool) -> Result<Looked> {
    let queue = SqsQueues::open(environment, HELD_S).await?;
    // Before the look, which holds what it sees.
    let held = queue.held().await?;
    let letters = sweep::look(&queue).await?;
    Ok(Looked { found: letters.iter().map(Found::from).filter(|found| wanted(found)).collect(), held })
}
