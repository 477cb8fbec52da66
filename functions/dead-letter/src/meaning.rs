//! What a kind of reason means to the person who has to decide.

/// What to do about messages of a kind, in a sentence.
#[must_use]
pub fn meaning(kind: &str) -> &'static str {
    match kind {
        "Retries used up" => "The table or the processor was failing; once it has recovered, send them back.",
        "Undecodable" => "Not one of our orders: find out who may send to the queue, and who did.",
        "Conflict" => "Two different orders have one id; the first one is stored. The business decides.",
        "ForeignItem" => "Something else wrote to the table under this id.",
        _ => "Neither the processor nor SQS says why.",
    }
}
