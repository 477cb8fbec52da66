//! What the commands need of the two queues.

use anyhow::{Error, Result};
use dead_letter::Letter;

/// The dead-letter queue, and the way back from it.
pub(super) trait Queues {
    /// What a person calls the dead-letter queue.
    fn dead_letters_name(&self) -> &str;
    /// What a person calls the orders queue.
    fn orders_name(&self) -> &str;
    /// For how long a message lives after it was sent, in seconds.
    fn retention_s(&self) -> i64;
    /// Some messages, hidden from everybody else until they are released or their time is over; none when none is left.
    async fn receive(&self) -> Result<Vec<Letter>>;
    /// Shows held messages again.
    async fn release(&self, letters: &[Letter]) -> Result<()>;
    /// How many messages somebody holds, so that nobody else sees them.
    async fn held(&self) -> Result<u64>;
    /// Sends a copy to the orders queue.
    async fn send_to_orders(&self, letter: &Letter) -> Result<(), Failed>;
    /// Deletes a held message.
    async fn delete(&self, letter: &Letter) -> Result<(), Failed>;
}

/// For how long whoever looks at a message holds it, in seconds: longer than a sweep of tens of thousands takes. After a crash it
/// shows again by itself.
pub(super) const HELD_S: u32 = 300;

/// Why something could not be done to a message.
#[derive(Debug)]
pub(super) enum Failed {
    /// The queue refuses this one: the others may fare better.
    Message(Error),
    /// The queue can't be reached, or refuses everything.
    Queue(Error),
}

impl Failed {
    pub(super) fn context(self, context: &'static str) -> Self {
        match self {
            Self::Message(error) => Self::Message(error.context(context)),
            Self::Queue(error) => Self::Queue(error.context(context)),
        }
    }
}
