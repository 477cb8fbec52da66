//! Transaction Search's log group: the spans that AWS would keep in CloudWatch Logs.

use ::xray::record::LOG_GROUP;
use aws_sdk_cloudwatchlogs::{
    Client,
    error::{DisplayErrorContext, ProvideErrorMetadata as _},
    types::InputLogEvent,
};
use serde_json::Value;
use tokio::sync::mpsc::Receiver;

const STREAM: &str = "default";
/// Of one call; CloudWatch Logs takes ten times as many.
const MAX_EVENTS: usize = 1000;

/// Writes what comes, until nothing can come any more. What can't be written is told in the stack's log.
pub(crate) async fn write(mut records: Receiver<Value>, logs: Client) {
    let mut waiting = Vec::new();
    let mut made = false;
    while records.recv_many(&mut waiting, MAX_EVENTS).await > 0 {
        if !made {
            // Only a stack that has spans has their group.
            made = make_group(&logs).await;
        }
        let mut events: Vec<InputLogEvent> = waiting.drain(..).filter_map(|record| event(&record)).collect();
        events.sort_by_key(InputLogEvent::timestamp);
        let count = events.len();
        let put = logs.put_log_events().log_group_name(LOG_GROUP).log_stream_name(STREAM).set_log_events(Some(events));
        if let Err(error) = put.send().await {
            eprintln!("{count} spans are not in {LOG_GROUP}: {}", DisplayErrorContext(error));
        }
    }
}

async fn make_group(logs: &Client) -> bool {
    let group = logs.create_log_group().log_group_name(LOG_GROUP).send().await;
    let there = group.as_ref().err().is_some_and(|error| error.code() == Some("ResourceAlreadyExistsException"));
    if let Err(error) = group
        && !there
    {
        eprintln!("the log group {LOG_GROUP} can't be made: {}", DisplayErrorContext(error));
        return false;
    }
    match logs.create_log_stream().log_group_name(LOG_GROUP).log_stream_name(STREAM).send().await {
        Err(error) if error.code() != Some("ResourceAlreadyExistsException") => {
            eprintln!("the log stream {STREAM} of {LOG_GROUP} can't be made: {}", DisplayErrorContext(error));
            false
        }
        _ => true,
    }
}

/// Stamped with the span's end.
fn event(record: &Value) -> Option<InputLogEvent> {
    let ended = record["endTimeUnixNano"].as_u64()?;
    let ms = i64::try_from(ended / 1_000_000).ok()?;
    InputLogEvent::builder().timestamp(ms).message(record.to_string()).build().ok()
}
