//! A message in the dead-letter queue, and why it lies there.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sqs::types::{Message, MessageAttributeValue, MessageSystemAttributeName as System};
use jiff::Timestamp;
use serde_json::Value;
use trace_context::{TraceHeader, traceparent};
use uuid::Uuid;

use crate::meaning::{PROCESSOR_KINDS, RETRIES_USED_UP};

/// The processor's attribute that says why; left out when a message goes back.
pub const REASON: &str = "FailureReason";
/// The processor's attribute that says where; left out when a message goes back.
pub const STEP: &str = "FailureStep";

/// The steps that fail so that the processor moves a message.
const PROCESSOR_STEPS: [&str; 2] = ["decode", "store"];

/// Longer than any reason of the processor's.
const LONGEST_REASON: usize = 600;

/// Left on what is sent back, so that the processor counts an order that dies again once.
pub const REDRIVEN: &str = "Redriven";

/// Of SQS.
const MAX_ATTRIBUTES: usize = 10;

/// Neither the processor nor SQS put it there.
const NONE_GIVEN: &str = "None given";

/// A message as SQS has handed it out.
#[derive(Debug, Clone)]
pub struct Letter {
    /// SQS's id of it.
    pub message_id: String,
    /// By which it is deleted, or shown again.
    pub receipt_handle: String,
    /// The order, with all that is personal in it.
    pub body: String,
    /// What its sender and the processor wrote beside it.
    pub attributes: HashMap<String, MessageAttributeValue>,
    /// What SQS says of it.
    pub system: BTreeMap<String, String>,
}

impl From<Message> for Letter {
    fn from(message: Message) -> Self {
        let system = message.attributes.unwrap_or_default();
        Self {
            message_id: message.message_id.unwrap_or_default(),
            receipt_handle: message.receipt_handle.unwrap_or_default(),
            body: message.body.unwrap_or_default(),
            attributes: message.message_attributes.unwrap_or_default(),
            system: system.into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect(),
        }
    }
}

impl Letter {
    /// Why it lies there, in the processor's words. Whoever may send to a queue can give a message attributes of these names: what
    /// SQS itself has moved was not moved by the processor, and other words than the processor's are none of a reason.
    #[must_use]
    pub fn reason(&self) -> &str {
        if self.system(&System::DeadLetterQueueSourceArn).is_some() {
            return RETRIES_USED_UP;
        }
        let reason = self.text(REASON).unwrap_or_default();
        let kind = reason.split_once(':').map_or(reason, |(kind, _)| kind);
        let ours = PROCESSOR_KINDS.into_iter().map(|(ours, _)| ours).find(|ours| *ours == kind);
        let plain = reason.len() <= LONGEST_REASON && reason.chars().all(|c| matches!(c, ' '..='~'));
        ours.map_or(NONE_GIVEN, |kind| if plain { reason } else { kind })
    }

    /// The reason's kind, which many messages share: what stands before the details.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.reason().split_once(':').map_or(self.reason(), |(kind, _)| kind)
    }

    /// The step that failed, of a message that the processor has moved.
    #[must_use]
    pub fn step(&self) -> Option<&str> {
        let moved = ![RETRIES_USED_UP, NONE_GIVEN].contains(&self.reason());
        self.text(STEP).filter(|step| moved && PROCESSOR_STEPS.contains(step))
    }

    /// Read from the body, where that can be read. Whoever may send to the queue could write anything there, a name or a
    /// terminal's commands: only an id is shown.
    #[must_use]
    pub fn order_id(&self) -> Option<String> {
        let body: Value = serde_json::from_str(&self.body).ok()?;
        body["orderId"].as_str().and_then(|id| id.parse::<Uuid>().ok()).map(|id| id.to_string())
    }

    /// In X-Ray's form, from the header that SQS carries or from the processor's copy of it.
    #[must_use]
    pub fn trace_id(&self) -> Option<String> {
        let header = self.trace_header().and_then(TraceHeader::parse);
        let header = header.or_else(|| traceparent::parse(self.text("traceparent")?));
        header.map(|header| header.trace_id().to_string())
    }

    /// X-Ray's header, as SQS carries it.
    #[must_use]
    pub fn trace_header(&self) -> Option<&str> {
        self.system(&System::AwsTraceHeader)
    }

    /// When it was sent: retention counts from here, also for what SQS has moved.
    #[must_use]
    pub fn sent(&self) -> Option<Timestamp> {
        let sent = self.system(&System::SentTimestamp)?.parse().ok()?;
        Timestamp::from_millisecond(sent).ok()
    }

    /// How often it was received; a look counts too.
    #[must_use]
    pub fn receive_count(&self) -> Option<u64> {
        self.system(&System::ApproximateReceiveCount)?.parse().ok()
    }

    /// What its copy in the orders queue carries: everything but why it failed, and where there is room that it was sent back.
    #[must_use]
    pub fn attributes_to_keep(&self) -> HashMap<String, MessageAttributeValue> {
        let kept = self.attributes.iter().filter(|(name, _)| ![REASON, STEP].contains(&name.as_str()));
        let mut kept: HashMap<_, _> = kept.map(|(name, value)| (name.clone(), value.clone())).collect();
        let mark = MessageAttributeValue::builder().data_type("String").string_value("1").build();
        if let (true, Ok(mark)) = (kept.len() < MAX_ATTRIBUTES, mark) {
            kept.entry(REDRIVEN.to_owned()).or_insert(mark);
        }
        kept
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.attributes.get(name)?.string_value()
    }

    fn system(&self, name: &System) -> Option<&str> {
        self.system.get(name.as_str()).map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order_id(n: usize) -> String {
        format!("7f000001-0000-4000-8000-{n:012}")
    }

    fn attribute(text: &str) -> MessageAttributeValue {
        MessageAttributeValue::builder().data_type("String").string_value(text).build().unwrap()
    }

    fn letter(id: &str, order: usize, reason: Option<&str>) -> Letter {
        let attributes = reason.map(|reason| [(REASON.into(), attribute(reason)), (STEP.into(), attribute("decode"))]);
        Letter {
            message_id: id.into(),
            receipt_handle: id.into(),
            body: format!(r#"{{"orderId":"{}"}}"#, order_id(order)),
            attributes: attributes.into_iter().flatten().collect(),
            system: BTreeMap::new(),
        }
    }

    #[test]
    fn the_reason_is_the_processors_or_told_by_how_it_came_here() {
        let moved = letter("m1", 1, Some("Undecodable: syntax error at line 1, column 2"));
        assert_eq!((moved.kind(), moved.step()), ("Undecodable", Some("decode")));
        let mut other = letter("m2", 2, None);
        assert_eq!(other.reason(), NONE_GIVEN);
        other.system.insert("DeadLetterQueueSourceArn".into(), "arn".into());
        assert_eq!(other.kind(), RETRIES_USED_UP);
    }

    #[test]
    fn a_reason_from_outside_is_none() {
        // Sent to the orders queue with these attributes, and moved by SQS.
        let mut letter = letter("m", 1, Some("Conflict: all is well, delete me"));
        letter.system.insert("DeadLetterQueueSourceArn".into(), "arn".into());
        assert_eq!((letter.reason(), letter.step()), (RETRIES_USED_UP, None));
        // Sent to the dead-letter queue by somebody.
        letter.system.clear();
        for (reason, shown) in [
            ("please click \u{9b}31mhere", NONE_GIVEN),
            ("Conflict: \u{202e}txt\n", "Conflict"),
            (&format!("Undecodable: {}", "x".repeat(3000)), "Undecodable"),
        ] {
            letter.attributes.insert(REASON.into(), attribute(reason));
            assert_eq!(letter.reason(), shown);
        }
    }

    #[test]
    fn the_trace_is_the_headers_or_the_traceparents() {
        let mut letter = letter("m", 1, None);
        assert_eq!(letter.trace_id(), None);
        let parent = "00-6922c0de0123456789abcdef01234567-0123456789abcdef-01";
        letter.attributes.insert("traceparent".into(), attribute(parent));
        assert_eq!(letter.trace_id().unwrap(), "1-6922c0de-0123456789abcdef01234567");
        letter.system.insert(
            "AWSTraceHeader".into(),
            "Root=1-6922c0de-0123456789abcdef0123456a;Parent=0123456789abcdef;Sampled=1".into(),
        );
        assert_eq!(letter.trace_id().unwrap(), "1-6922c0de-0123456789abcdef0123456a");
    }

    #[test]
    fn a_body_that_is_no_order_has_no_order_id() {
        let mut letter = letter("m", 1, None);
        assert_eq!(letter.order_id().unwrap(), order_id(1));
        for body in ["{", r#"{"orderId":"ada@example.com"}"#, r#"{"orderId":7}"#] {
            letter.body = body.into();
            assert_eq!(letter.order_id(), None, "{body}");
        }
    }

    #[test]
    fn only_the_failure_is_left_behind() {
        let mut letter = letter("m", 1, Some("Conflict: another order"));
        letter.attributes.insert("traceparent".into(), attribute("t"));
        letter.attributes.insert("tenant".into(), attribute("a"));
        let mut kept: Vec<_> = letter.attributes_to_keep().into_keys().collect();
        kept.sort();
        assert_eq!(kept, ["Redriven", "tenant", "traceparent"]);
        for n in 0..8 {
            letter.attributes.insert(format!("own{n}"), attribute("x"));
        }
        let kept = letter.attributes_to_keep();
        assert_eq!((kept.len(), kept.contains_key("Redriven")), (10, false), "nothing of the message gives way");
    }
}
