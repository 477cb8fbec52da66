//! Marks what a reader looks for: repeated attempts, and the way to the dead-letter queue.

use serde_json::Value;

use crate::model::{Attempt, Outcome, Span};

pub(crate) fn mark(siblings: &mut [Span]) {
    attempts(siblings);
    for span in siblings {
        span.dead_letter = is_dead_letter(span);
        mark(&mut span.children);
    }
}

/// Two clocks may disagree a little on when one attempt ended and the next began.
const CLOCK_SKEW_MS: f64 = 5.0;

/// The same work again, after it failed: not the same work in parallel, and not a loop of successes.
fn attempts(siblings: &mut [Span]) {
    let mut numbered = vec![false; siblings.len()];
    for first in 0..siblings.len() {
        if numbered[first] {
            continue;
        }
        let mut run = vec![first];
        for next in first + 1..siblings.len() {
            let last = &siblings[run[run.len() - 1]];
            let failed = matches!(last.outcome, Outcome::Error | Outcome::Throttle | Outcome::Fault);
            if failed && is_same_work(last, &siblings[next]) {
                run.push(next);
            }
        }
        if run.len() > 1 {
            let of = run.len();
            for (place, &index) in run.iter().enumerate() {
                numbered[index] = true;
                let number = place + 1;
                siblings[index].attempt = Some(Attempt { number, of });
            }
        }
    }
}

fn is_same_work(before: &Span, after: &Span) -> bool {
    let ended = before.start_ms + before.duration_ms.unwrap_or_default();
    after.start_ms + CLOCK_SKEW_MS >= ended
        && !before.inferred
        && !after.inferred
        && before.name == after.name
        && before.kind == after.kind
        && before.origin == after.origin
        && before.operation == after.operation
        && before.resource == after.resource
}

fn is_dead_letter(span: &Span) -> bool {
    if span.inferred {
        return false;
    }
    let sends = matches!(span.operation.as_deref(), Some("SendMessage" | "SendMessageBatch"));
    let to_dlq = span.resource.as_deref().is_some_and(|url| url.trim_end_matches(".fifo").ends_with("-dlq"));
    let outcome = span.annotations.get("outcome").and_then(Value::as_str);
    let told = outcome.is_some_and(|outcome| {
        let outcome = outcome.to_ascii_lowercase();
        outcome.contains("dlq") || outcome.contains("dead")
    });
    (sends && to_dlq) || told
}
