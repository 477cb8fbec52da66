//! What a kind of reason means to the person who has to decide.

/// SQS moved it: the processor gave no reason, it asked for retries until there were none left.
pub(crate) const RETRIES_USED_UP: &str = "Retries used up";

/// The classes of failure for which the processor moves a message, and what they mean.
pub(crate) const PROCESSOR_KINDS: [(&str, &str); 3] = [
    ("Undecodable", "Not one of our orders: find out who may send to the queue, and who did."),
    ("Conflict", "Two different orders have one id; the first one is stored. The business decides."),
    ("ForeignItem", "Something else wrote to the table under this id."),
];

/// What to do about messages of a kind, in a sentence.
#[must_use]
pub fn meaning(kind: &str) -> &'static str {
    if kind == RETRIES_USED_UP {
        return "The table or the processor was failing; once it has recovered, send them back.";
    }
    let ours = PROCESSOR_KINDS.into_iter().find(|(ours, _)| *ours == kind);
    ours.map_or("Neither the processor nor SQS says why.", |(_, meaning)| meaning)
}
