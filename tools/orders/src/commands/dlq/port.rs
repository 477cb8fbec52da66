//! What the commands need of the two queues.

use anyhow::Result;

use super::letter::Letter;

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
    /// Sends a copy to the orders queue.
    async fn send_to_orders(&self, letter: &Letter) -> Result<()>;
    /// Deletes a held message.
    async fn delete(&self, letter: &Letter) -> Result<()>;
}
