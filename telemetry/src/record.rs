//! One message of a batch, processed in its producer's trace.

use std::{
    collections::HashMap,
    future::Future,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use aws_lambda_events::sqs::SqsMessage;
use trace_context::{TraceHeader, traceparent};

use crate::{
    error::{ErrorClass, Failure},
    field::{Id, Value},
    propagate::{AWS_TRACE_HEADER, TRACEPARENT},
    scope::{self, Open, Unit},
    trace::RECORD_ANNOTATIONS,
};

/// Where a record's trace context came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Source {
    /// The system attribute `AWSTraceHeader`.
    Header,
    /// The user attribute `traceparent`.
    Traceparent,
    /// Nowhere, or from garbage: the record belongs to the trace of its batch.
    Batch,
}

/// A message as SQS delivers it to Lambda, reduced to what telemetry needs; never its body.
#[derive(Debug, Clone)]
pub struct Record {
    header: Option<TraceHeader>,
    source: Source,
    message_id: Option<Id>,
    sent_at: Option<SystemTime>,
    receive_count: u64,
}

impl Record {
    /// Reads a record's system attributes (`attributes` of the Lambda event, with SQS's own names) and its user attribute `traceparent`
    /// (`messageAttributes.traceparent.stringValue`). `AWSTraceHeader` wins; garbage is no error.
    #[must_use]
    pub fn from_sqs(message_id: Option<&str>, attributes: &HashMap<String, String>, traceparent: Option<&str>) -> Self {
        let header = attributes.get(AWS_TRACE_HEADER).and_then(|text| TraceHeader::parse(text));
        let (header, source) = match header {
            Some(header) => (Some(header), Source::Header),
            None => match traceparent.and_then(traceparent::parse) {
                Some(header) => (Some(header), Source::Traceparent),
                None => (None, Source::Batch),
            },
        };
        let number = |name: &str| attributes.get(name).and_then(|text| text.parse::<u64>().ok());
        Self {
            header,
            source,
            message_id: message_id.and_then(|id| Id::new(id).ok()),
            // A time beyond what the clock can hold is garbage.
            sent_at: number("SentTimestamp").and_then(|ms| UNIX_EPOCH.checked_add(Duration::from_millis(ms))),
            receive_count: number("ApproximateReceiveCount").unwrap_or(1),
        }
    }

    /// Where the trace context came from.
    #[must_use]
    pub fn source(&self) -> Source {
        self.source
    }

    /// The producer's trace context, to send on with a message that replaces this one.
    #[must_use]
    pub fn header(&self) -> Option<&TraceHeader> {
        self.header.as_ref()
    }

    /// How often SQS has delivered the message, this time included.
    #[must_use]
    pub fn receive_count(&self) -> u64 {
        self.receive_count
    }

    /// When SQS took the message.
    #[must_use]
    pub fn sent_at(&self) -> Option<SystemTime> {
        self.sent_at
    }

    /// How long ago that is: the queue wait when processing begins, the end-to-end latency when it ends. Zero if the clocks disagree.
    #[must_use]
    pub fn age(&self) -> Option<Duration> {
        let sent_at = self.sent_at?;
        Some(SystemTime::now().duration_since(sent_at).unwrap_or_default())
    }

    /// Runs the record's work as a segment of its own in the producer's trace; steps inside are its subsegments.
    ///
    /// Without a producer's trace the work becomes a step of the batch. Outside an invocation it just runs.
    ///
    /// # Errors
    /// Those of the work.
    pub async fn run<T, E: ErrorClass>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let Some(batch) = scope::current() else {
            return work.await;
        };
        let journal = Arc::clone(&batch.journal);
        if let Some((header, parent)) = self.header.as_ref().and_then(|header| Some((header, header.parent()?))) {
            journal.link(header.trace_id(), parent);
        }
        let header = match &self.header {
            // Who sent it left the decision to us, and ours is the batch's.
            Some(header) if header.parent().is_none() && header.sampled() != Some(false) => {
                Some(header.with_sampled(batch.unit.sampled))
            }
            Some(header) => Some(header.clone()),
            None => batch.header(),
        };
        let budget = journal.annotations(header.as_ref(), RECORD_ANNOTATIONS);
        let unsampled = journal.config().trace_format.takes_unsampled();
        let open = Open::unit(journal, Unit::new(header, self.header.is_some(), unsampled, budget), "record");
        if let Some(id) = self.message_id {
            open.scope.put("messageId", Value::Id(id));
        }
        if self.receive_count > 1 {
            open.scope.put("receiveCount", Value::Count(self.receive_count));
        }
        open.scope.data().queue_wait = self.age();
        let result = scope::within(&open.scope, work).await;
        open.close(result.as_ref().err().map(Failure::of));
        result
    }
}

impl From<&SqsMessage> for Record {
    fn from(message: &SqsMessage) -> Self {
        let traceparent = message.message_attributes.get(TRACEPARENT).and_then(|value| value.string_value.as_deref());
        Self::from_sqs(message.message_id.as_deref(), &message.attributes, traceparent)
    }
}
