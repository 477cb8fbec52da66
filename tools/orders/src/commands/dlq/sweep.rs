//! Looks at every message once. Whoever looks hides what he looks at from others, so it is shown again afterwards.

use std::collections::HashSet;

use anyhow::Result;
use dead_letter::Letter;

use super::{interrupt, port::Queues};

/// Receives until there is nothing new.
pub(super) struct Sweep<'a, Q> {
    queue: &'a Q,
    seen: HashSet<String>,
}

impl<'a, Q: Queues> Sweep<'a, Q> {
    pub(super) fn new(queue: &'a Q) -> Self {
        Self { queue, seen: HashSet::new() }
    }

    /// The next messages, each of them held and not seen before; `None` when there is none left.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Letter>>> {
        interrupt::check()?;
        let received = self.queue.receive().await?;
        let (new, again): (Vec<_>, Vec<_>) =
            received.into_iter().partition(|letter| self.seen.insert(letter.message_id.clone()));
        // What comes again has been shown again, its time being over: this round is complete.
        self.queue.release(&again).await?;
        Ok(if new.is_empty() { None } else { Some(new) })
    }
}

/// Everything that lies there, shown again.
pub(super) async fn look<Q: Queues>(queue: &Q) -> Result<Vec<Letter>> {
    let mut letters = Vec::new();
    let result = hold_all(queue, &mut letters).await;
    // Also after a failure: what it has hidden must not stay hidden.
    queue.release(&letters).await?;
    result.map(|()| letters)
}

async fn hold_all<Q: Queues>(queue: &Q, letters: &mut Vec<Letter>) -> Result<()> {
    let mut sweep = Sweep::new(queue);
    while let Some(some) = sweep.next().await? {
        letters.extend(some);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::{
        super::memory::{Memory, letter},
        *,
    };

    #[tokio::test]
    async fn a_look_sees_each_message_once_and_leaves_all_of_them_visible() {
        let queue = Memory::of((0..25).map(|n| letter(&format!("m{n}"), n, None)));
        assert_eq!(look(&queue).await.unwrap().len(), 25);
        assert_eq!(queue.visible(), 25);
        assert_eq!(look(&queue).await.unwrap().len(), 25);
    }

    #[tokio::test]
    async fn a_look_that_fails_hides_nothing() {
        let queue = Memory::of((0..25).map(|n| letter(&format!("m{n}"), n, None)));
        queue.fail_call("receive", 2);
        assert!(look(&queue).await.is_err());
        assert_eq!(queue.visible(), 25);
    }
}
