//! The one answer, out of all that is known.

use std::fmt::Write as _;

use cli::{
    colour::Paint,
    text::{clean, count},
    time,
};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use serde_json::Value;

use super::evidence::Evidence;
use crate::commands::logs::line::Line;

/// Where an order is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING-KEBAB-CASE")]
pub enum State {
    /// It is in the table.
    Stored,
    /// It was accepted, and waits in the queue or for another attempt.
    Waiting,
    /// It was given up.
    DeadLettered,
    /// The API did not take it.
    Refused,
    /// Nothing is known of it.
    Unknown,
}

/// Of one order.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// The order; none of a request that made none.
    pub order_id: Option<String>,
    /// Where it is.
    pub state: State,
    /// When it came into that state.
    pub at: Option<Timestamp>,
    /// When the API took it.
    pub accepted_at: Option<Timestamp>,
    /// Attempts at storing it, as far as the log lines say.
    pub attempts: u64,
    /// Why it is not stored.
    pub reason: Option<String>,
    /// In a sentence, after the state.
    pub text: String,
    /// The command that goes on from here, without the program and the environment.
    pub next: Option<String>,
}

impl Answer {
    /// Whether it is in the table.
    #[must_use]
    pub fn is_stored(&self) -> bool {
        self.state == State::Stored
    }

    pub(crate) fn line(&self, paint: Paint) -> String {
        let word = match self.state {
            State::Stored => paint.good("STORED"),
            State::Waiting => paint.warn("WAITING"),
            State::DeadLettered => paint.bad("DEAD-LETTERED"),
            State::Refused => paint.bad("REFUSED"),
            State::Unknown => paint.warn("UNKNOWN"),
        };
        format!("{word}{}", self.text)
    }
}

pub(super) fn of(evidence: &Evidence, since: SignedDuration) -> Answer {
    at(evidence, since, Timestamp::now())
}

fn at(evidence: &Evidence, since: SignedDuration, now: Timestamp) -> Answer {
    let request = evidence.lines.iter().find(|line| line.is_request());
    let attempts: Vec<&Line> = evidence.lines.iter().filter(|line| line.is_attempt()).collect();
    let tries = attempts.iter().filter_map(|line| line.receive_count).max().unwrap_or(attempts.len() as u64);
    let last_failure = attempts.iter().rev().find(|line| line.failed()).copied();
    let accepted = request.filter(|line| line.outcome == "accepted").and_then(|line| line.timestamp);
    let mut answer = Answer {
        order_id: evidence.order_id.clone(),
        state: State::Unknown,
        at: None,
        accepted_at: accepted,
        attempts: tries,
        reason: last_failure.map(|line| why(line, &evidence.lines)),
        text: String::new(),
        next: None,
    };
    if let Some(item) = &evidence.item {
        stored(&mut answer, item, now);
    } else if let Some(letter) = &evidence.dead_letter {
        answer.state = State::DeadLettered;
        // Of what SQS has moved, SQS tells when it was sent first; the last attempt is nearer.
        answer.at = last_failure.and_then(|line| line.timestamp).or(letter.sent);
        let reason = match (&answer.reason, letter.moved_by_sqs) {
            (Some(reason), true) => reason.clone(),
            _ => letter.reason.clone(),
        };
        answer.attempts = tries.max(letter.attempts.unwrap_or_default());
        let at = answer.at.map(|at| format!(" {}", time::clock(at, now))).unwrap_or_default();
        answer.text = format!("{at} after {} ({})", count(answer.attempts.max(1) as usize, "attempt"), clean(&reason));
        answer.reason = Some(reason);
        answer.next = Some(format!("dlq show {}", evidence.order_id.as_deref().unwrap_or(&letter.message_id)));
    } else if let Some(refusal) = request.filter(|line| line.failed()) {
        answer.state = State::Refused;
        answer.at = refusal.timestamp;
        let reason = match (&refusal.error_class, &refusal.error) {
            (Some(class), Some(error)) => format!("{class}: {error}"),
            _ => why(refusal, &evidence.lines),
        };
        let at = answer.at.map(|at| format!(" {}", time::clock(at, now))).unwrap_or_default();
        answer.text =
            format!(" {}{at}: {}. It was not accepted, and nothing is kept of it", status(refusal), clean(&reason));
        answer.reason = Some(reason);
        answer.next = refusal.trace_id.as_ref().map(|trace| format!("trace {trace}"));
    } else if (accepted.is_some() || !attempts.is_empty()) && evidence.held_letters > 0 {
        let letters = count(usize::try_from(evidence.held_letters).unwrap_or(usize::MAX), "dead letter");
        answer.text = format!(
            ": accepted, and not stored. Another command holds {letters} for five minutes at most, and this may be among them"
        );
        answer.next = evidence.order_id.as_ref().map(|id| format!("find {id}"));
    } else if accepted.is_some() || !attempts.is_empty() {
        waiting(&mut answer, evidence, accepted, now);
    } else {
        answer.text = format!(
            ": no trace of it in the last {}: not stored, not in the dead-letter queue, in no log line",
            time::exact(since.as_secs())
        );
        answer.next = evidence
            .order_id
            .as_ref()
            .filter(|_| since < SignedDuration::from_hours(24 * 30))
            .map(|id| format!("find {id} --since 30d"));
    }
    answer
}

fn stored(answer: &mut Answer, item: &Value, now: Timestamp) {
    let read = |name: &str| item[name].as_str().and_then(|text| text.parse::<Timestamp>().ok());
    answer.state = State::Stored;
    answer.at = read("processedAt").or_else(|| read("createdAt"));
    answer.accepted_at = read("createdAt").or(answer.accepted_at);
    answer.reason = None;
    if let Some(at) = answer.at {
        let _ = write!(answer.text, " {}", time::clock(at, now));
        if let Some(accepted) = answer.accepted_at {
            #[expect(clippy::cast_precision_loss, reason = "milliseconds for people")]
            let ms = at.duration_since(accepted).as_millis() as f64;
            let _ = write!(answer.text, ", {} after it was accepted", time::took(ms.max(0.0)));
        }
    }
}

fn waiting(answer: &mut Answer, evidence: &Evidence, accepted: Option<Timestamp>, now: Timestamp) {
    answer.state = State::Waiting;
    answer.at = accepted.or_else(|| evidence.lines.first()?.timestamp);
    let since = answer
        .at
        .map(|at| format!(" for {}", time::about(now.duration_since(at).as_secs().max(0))))
        .unwrap_or_default();
    let consumer = evidence.consumer.as_deref().unwrap_or("unknown");
    answer.text = format!(": in the queue{since}, consumer {}", consumer.to_lowercase());
    if answer.attempts > 0 {
        let reason = answer.reason.as_deref().map(|reason| format!(" ({})", clean(reason))).unwrap_or_default();
        let _ = write!(answer.text, ", {} so far{reason}", count(answer.attempts as usize, "attempt"));
    }
    answer.next = Some(match consumer {
        "Enabled" | "Enabling" => match &evidence.order_id {
            Some(order_id) if answer.attempts > 0 => format!("logs --order {order_id}"),
            _ => "queue".to_owned(),
        },
        _ => "consumer start".to_owned(),
    });
}

/// `ServerFault at PutItem`: the class, and the call or the step that failed.
fn why(line: &Line, lines: &[Line]) -> String {
    let class = line.error_class.as_deref().unwrap_or("failed");
    let within = line.steps.iter().find(|step| step.error_class.is_some()).map(|step| step.name.as_str());
    let same = |other: &&Line| {
        other.failed()
            && other.step != line.step
            && other.error_class == line.error_class
            && other.request_id == line.request_id
    };
    let beside = lines.iter().rev().find(same).map(|step| step.aws_operation.as_deref().unwrap_or(&step.step));
    match (beside.or(within), line.error.as_deref()) {
        (Some(place), _) => format!("{class} at {place}"),
        (None, Some(error)) => format!("{class}: {error}"),
        (None, None) => class.to_owned(),
    }
}

/// What the client was answered. The line says whose fault it was, and for one class more.
fn status(refusal: &Line) -> u16 {
    match (refusal.outcome.as_str(), refusal.error_class.as_deref()) {
        (_, Some("TooLarge" | "BodyTooLarge" | "MessageTooLarge")) => 413,
        ("rejected", _) => 400,
        _ => 503,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::commands::dlq::Found;

    const DAY: SignedDuration = SignedDuration::from_hours(24);

    fn line(value: Value) -> Line {
        Line::parse(&value.to_string()).unwrap()
    }

    fn request(outcome: &str, error: Option<&str>) -> Line {
        line(
            json!({"timestamp": "2026-11-25T10:07:44Z", "message": "work done", "Service": "validator", "step": "handler",
            "outcome": outcome, "errorClass": error, "error": error.map(|_| "missing required field: customerEmail")}),
        )
    }

    fn attempt(n: u64) -> [Line; 2] {
        let shared = json!({"timestamp": format!("2026-11-25T10:19:4{n}Z"), "Service": "processor", "requestId": format!("r{n}"),
            "errorClass": "ServerFault", "outcome": "fault", "message": "step failed"});
        let with = |more: Value| {
            let mut all = shared.clone();
            all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            line(all)
        };
        [with(json!({"step": "store", "awsOperation": "PutItem"})), with(json!({"step": "record", "receiveCount": n}))]
    }

    fn answer(evidence: Evidence) -> (State, String, Option<String>) {
        let evidence = Evidence { order_id: Some("o-1".into()), ..evidence };
        let answer = at(&evidence, DAY, "2026-11-25T10:20:00Z".parse().unwrap());
        (answer.state, answer.line(Paint::NEVER), answer.next)
    }

    #[test]
    fn each_of_the_five_answers_has_its_line_and_its_next_command() {
        let item = json!({"createdAt": "2026-11-25T10:19:44.000Z", "processedAt": "2026-11-25T10:19:44.057Z"});
        let stored = answer(Evidence { item: Some(item), ..Evidence::default() });
        assert_eq!(stored, (State::Stored, "STORED 10:19:44Z, 57ms after it was accepted".into(), None));

        let waiting = answer(Evidence {
            lines: vec![request("accepted", None)],
            consumer: Some("Disabled".into()),
            ..Evidence::default()
        });
        assert_eq!(waiting.1, "WAITING: in the queue for 12m16s, consumer disabled");
        assert_eq!(waiting.2.as_deref(), Some("consumer start"));

        let letter = Found {
            message_id: "m".into(),
            moved_by_sqs: true,
            reason: "Retries used up".into(),
            attempts: Some(5),
            ..Found::default()
        };
        let mut lines = vec![request("accepted", None)];
        lines.extend((1..=5).flat_map(attempt));
        let dead = answer(Evidence { dead_letter: Some(letter), lines: lines.clone(), ..Evidence::default() });
        assert_eq!(dead.1, "DEAD-LETTERED 10:19:45Z after 5 attempts (ServerFault at PutItem)");
        assert_eq!(dead.2.as_deref(), Some("dlq show o-1"));

        let retrying = answer(Evidence { lines, consumer: Some("Enabled".into()), ..Evidence::default() });
        assert!(retrying.1.ends_with("consumer enabled, 5 attempts so far (ServerFault at PutItem)"), "{}", retrying.1);

        let refused =
            answer(Evidence { lines: vec![request("rejected", Some("MissingField"))], ..Evidence::default() });
        assert!(refused.1.starts_with("REFUSED 400 10:07:44Z: MissingField: missing required field"), "{}", refused.1);

        let held = Evidence { lines: vec![request("accepted", None)], held_letters: 3, ..Evidence::default() };
        let held = answer(held);
        assert!(
            held.1.starts_with("UNKNOWN: accepted, and not stored. Another command holds 3 dead letters"),
            "{}",
            held.1
        );
        assert_eq!(held.2.as_deref(), Some("find o-1"));

        let unknown = answer(Evidence::default());
        assert!(unknown.1.starts_with("UNKNOWN: no trace of it in the last 1d"), "{}", unknown.1);
        assert_eq!(unknown.2.as_deref(), Some("find o-1 --since 30d"));
    }
}
