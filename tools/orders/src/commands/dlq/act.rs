//! The dead-letter queue for those who show it themselves: what lies there, and what became of each message.

use std::{cell::RefCell, collections::HashMap};

use anyhow::Result;
use dead_letter::Letter;
use serde::Serialize;
use serde_json::Value;

use super::{
    list::{self, Group},
    port::{Failed, HELD_S, Queues as _},
    redrive::for_each,
    selection::Selection,
    show,
    sqs::SqsQueues,
    sweep,
};
use crate::environment::Environment;

/// What became of one message.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Fate {
    /// SQS's.
    pub message_id: String,
    /// Where it could be read.
    pub order_id: Option<String>,
    /// Whether it was sent back or deleted.
    pub done: bool,
    /// Why not.
    pub why: Option<String>,
}

/// What lies there, by reason, the largest group first.
pub async fn groups(environment: &Environment) -> Result<Vec<Group>> {
    let queue = SqsQueues::open(environment, HELD_S).await?;
    Ok(list::groups(&sweep::look(&queue).await?, queue.retention_s()))
}

/// One message with its attributes; its body, which is personal, only if it is asked for.
pub async fn message(environment: &Environment, id: &str, with_body: bool) -> Result<Option<Value>> {
    let queue = SqsQueues::open(environment, HELD_S).await?;
    let letters = sweep::look(&queue).await?;
    let letter = letters.iter().find(|letter| letter.message_id == id || letter.order_id().as_deref() == Some(id));
    letter.map(|letter| show::shown(letter, queue.retention_s(), with_body)).transpose()
}

/// Sends those that are selected back to the orders queue. A dry run says which.
pub async fn redrive(environment: &Environment, selection: &Selection, dry_run: bool) -> Result<Vec<Fate>> {
    let queue = SqsQueues::open(environment, HELD_S).await?;
    act(&queue, selection, dry_run, async |letter| {
        queue.send_to_orders(letter).await?;
        queue
            .delete(letter)
            .await
            .map_err(|failed| failed.context("it is in both queues now, which does no harm: an order is stored once"))
    })
    .await
}

/// Deletes those that are selected for good. A dry run says which.
pub async fn discard(environment: &Environment, selection: &Selection, dry_run: bool) -> Result<Vec<Fate>> {
    let queue = SqsQueues::open(environment, HELD_S).await?;
    act(&queue, selection, dry_run, async |letter| queue.delete(letter).await).await
}

async fn act(
    queue: &SqsQueues,
    selection: &Selection,
    dry_run: bool,
    act: impl AsyncFn(&Letter) -> Result<(), Failed>,
) -> Result<Vec<Fate>> {
    let mut letters = sweep::look(queue).await?;
    letters.retain(|letter| selection.takes(letter));
    let acted: RefCell<HashMap<String, Result<(), String>>> = RefCell::default();
    if !dry_run {
        let wanted = letters.iter().map(|letter| letter.message_id.clone()).collect();
        let result = for_each(queue, wanted, "done", async |letter: &Letter| {
            let result = act(letter).await;
            let told = match &result {
                Ok(()) => Ok(()),
                Err(Failed::Message(error) | Failed::Queue(error)) => Err(format!("{error:#}")),
            };
            acted.borrow_mut().insert(letter.message_id.clone(), told);
            result
        })
        .await;
        // What was done before the queue failed is done: each message tells its own.
        if let Err(error) = result
            && acted.borrow().is_empty()
        {
            return Err(error);
        }
    }
    let acted = acted.into_inner();
    let fate = |letter: &Letter| {
        let (done, why) = match acted.get(&letter.message_id) {
            Some(Ok(())) => (true, None),
            Some(Err(why)) => (false, Some(why.clone())),
            None if dry_run => (false, None),
            None => (false, Some("somebody else holds or has taken it: look again in five minutes".to_owned())),
        };
        Fate { message_id: letter.message_id.clone(), order_id: letter.order_id(), done, why }
    };
    Ok(letters.iter().map(fate).collect())
}
