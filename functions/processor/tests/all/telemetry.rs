//! What the processor tells of a batch: each order in its producer's trace, and nothing of the customer.

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use function_config::{Env, FailureKind};
use order::{Body, QueueMessage, StoredOrder};
use processor::{Existing, Failure, Processor, Put, QueueError, Queues, Table, TableError};
use serde_json::{Value, json};
use telemetry::{
    AwsCall, Config, Id,
    step::{self, AwsResponse},
    testing::{Captured, Harness, SAMPLED, UNSAMPLED},
};
use uuid::Uuid;

/// Answers every order alike.
#[derive(Clone, Copy)]
enum Answering {
    Stored,
    Duplicate,
    /// Stored by an attempt of this call whose answer was lost.
    Ours,
    /// Accepted another time before.
    Repeated,
    Conflict,
    Throttled,
}

impl Table for Answering {
    fn call(&self) -> AwsCall {
        AwsCall::dynamodb("PutItem", &"orders".into())
    }

    async fn put(&self, order: &StoredOrder) -> Result<Put, TableError> {
        step::aws_response(AwsResponse {
            request_id: Id::new("V4LGIIA4KRVFHQVQKO8VTTAA5RVV4KQNSO5AEMVJF66Q9ASUAAJG").ok(),
            retries: Some(0),
            status: Some(200),
        });
        match self {
            Self::Stored => Ok(Put::Stored),
            Self::Duplicate => Ok(there(order, Some(order.created_at), jiff::Timestamp::UNIX_EPOCH)),
            Self::Ours => Ok(there(order, Some(order.created_at), order.processed_at)),
            Self::Repeated => Ok(there(order, Some(jiff::Timestamp::UNIX_EPOCH), jiff::Timestamp::UNIX_EPOCH)),
            Self::Conflict => {
                Ok(Put::Exists(Existing { payload_hash: "another".into(), created_at: None, processed_at: None }))
            }
            Self::Throttled => Err(TableError::Call(FailureKind::Throttled.into())),
        }
    }
}

fn there(order: &StoredOrder, created_at: Option<jiff::Timestamp>, processed_at: jiff::Timestamp) -> Put {
    Put::Exists(Existing { payload_hash: order.payload_hash.clone(), created_at, processed_at: Some(processed_at) })
}

struct Willing;

impl Queues for Willing {
    fn dead_letter_call(&self) -> AwsCall {
        AwsCall::sqs("SendMessage", &"https://sqs.us-east-1.amazonaws.com/1/orders-dlq".into())
    }

    fn retry_call(&self) -> AwsCall {
        AwsCall::sqs("ChangeMessageVisibility", &"https://sqs.us-east-1.amazonaws.com/1/orders".into())
    }

    async fn move_to_dead_letters(&self, _record: &SqsMessage, _why: &Failure) -> Result<(), QueueError> {
        Ok(())
    }

    async fn show_again(&self, _record: &SqsMessage, _after_s: u64) -> Result<(), QueueError> {
        Ok(())
    }
}

const MARK: &str = "Zz7marked";

fn message(order_id: Uuid) -> String {
    let order = json!({
        "customerName": format!("{MARK} Lovelace"),
        "customerEmail": format!("{MARK}@example.com"),
        "items": [{"productId": MARK, "productName": MARK, "quantity": 1, "price": 19.99}],
        "shippingAddress": {"street": MARK, "city": MARK, "postalCode": MARK, "country": MARK},
        "paymentMethod": MARK
    });
    let order = Body::parse(order.to_string().as_bytes()).and_then(Body::validate).unwrap();
    QueueMessage { order_id, accepted_at: order::now(), order }.encode().unwrap()
}

/// A record from producer `n`, with a trace of its own.
fn record(n: u32, body: String, header: Option<String>) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(Uuid::new_v4().to_string());
    record.body = Some(body);
    record.attributes.insert("ApproximateReceiveCount".into(), "1".into());
    record.attributes.insert("SentTimestamp".into(), (order::now().as_millisecond() - 45).to_string());
    let header = header.unwrap_or_else(|| format!("Root={};Parent=53995c3f42cd8ad8;Sampled=1", trace_id(n)));
    record.attributes.insert("AWSTraceHeader".into(), header);
    record
}

fn trace_id(n: u32) -> String {
    format!("1-5759e988-{n:024x}")
}

async fn handle(table: Answering, records: Vec<SqsMessage>) -> (usize, Captured) {
    handle_in(SAMPLED, table, records).await
}

async fn handle_in(trace: &str, table: Answering, records: Vec<SqsMessage>) -> (usize, Captured) {
    let env = Env::from([
        ("STORE_CONCURRENCY", "10"),
        ("MAX_RECEIVE_COUNT", "5"),
        ("RETRY_BASE_S", "2"),
        ("RETRY_MAX_S", "60"),
    ]);
    let processor = Processor::new(table, Willing, &env).unwrap();
    let mut event = SqsEvent::default();
    event.records = records;
    let config = Config::new("order-processing", "processor", "prod").correlation_key("orderId");
    let (response, captured) = Harness::new(config)
        .unwrap()
        .invoke(Some(trace), async { Ok::<_, lambda_runtime::Error>(processor.handle(event).await) })
        .await;
    (response.unwrap().batch_item_failures.len(), captured)
}

#[tokio::test]
async fn a_stored_order_that_is_not_sampled_is_one_line() {
    let record = record(1, message(Uuid::new_v4()), Some(UNSAMPLED.into()));
    let (_, captured) = handle_in(UNSAMPLED, Answering::Stored, vec![record]).await;
    let without_cold_start =
        captured.raw.len() - r#""coldStart":true,{"Name":"ColdStart","Unit":"Count"},"ColdStart":1,"#.len();
    assert!(without_cold_start <= 1126, "{without_cold_start} bytes: {}", captured.raw);
    assert_eq!((captured.logs.len(), captured.metrics.len()), (1, 1));
    let line = &captured.logs[0];
    assert_eq!((&line["step"], &line["outcome"], &line["OrdersStored"]), (&json!("record"), &json!("ok"), &json!(1)));
    for (at, step) in ["decode", "store"].into_iter().enumerate() {
        assert_eq!((&line["steps"][at]["name"], line["steps"][at].get("outcome")), (&json!(step), None));
    }
    for metric in
        ["HandlerDuration", "RecordDuration", "DecodeDuration", "StoreDuration", "QueueWait", "EndToEndLatency"]
    {
        assert_eq!(captured.metric(metric).len(), 1, "{metric}");
    }
}

fn documents<'a>(captured: &'a Captured, trace_id: &str) -> Vec<&'a Value> {
    captured.segments.iter().filter(|document| document["trace_id"] == trace_id).collect()
}

#[tokio::test]
async fn ten_orders_of_ten_producers_are_in_ten_traces_and_the_batch_names_them() {
    let ids: Vec<_> = (0..10).map(|_| Uuid::new_v4()).collect();
    let records = (0..10).zip(&ids).map(|(n, id)| record(n, message(*id), None)).collect();
    let (failed, captured) = handle(Answering::Stored, records).await;
    assert_eq!(failed, 0);
    for (n, id) in (0..10).zip(&ids) {
        let documents = documents(&captured, &trace_id(n));
        let segment = documents.iter().find(|document| document["type"].is_null()).unwrap();
        assert_eq!(segment["parent_id"], "53995c3f42cd8ad8");
        assert_eq!(segment["annotations"]["orderId"], id.to_string());
        let store = documents.iter().find(|document| document["name"] == "DynamoDB").unwrap();
        assert_eq!(store["parent_id"], segment["id"]);
        assert_eq!(store["aws"]["table_name"], "orders");
    }
    let batch = captured.segment("handler").unwrap().to_string();
    assert!((0..10).all(|n| batch.contains(&trace_id(n))), "{batch}");
    assert_eq!(captured.metric("OrdersStored"), [10.0]);
    assert_eq!(captured.metric("QueueWait").len(), 10);
    assert_eq!(captured.metric("EndToEndLatency").len(), 10);
}

#[tokio::test]
async fn garbage_headers_harm_nobody() {
    let mut records: Vec<_> = (0..8).map(|n| record(n, message(Uuid::new_v4()), None)).collect();
    for garbage in ["Root=;Parent=;Sampled=", "\u{0}\u{ffff}=;;=1-\u{e9}"] {
        records.push(record(99, message(Uuid::new_v4()), Some(garbage.into())));
    }
    let (failed, captured) = handle(Answering::Stored, records).await;
    assert_eq!(failed, 0);
    assert_eq!(captured.metric("OrdersStored"), [10.0]);
    assert!((0..8).all(|n| !documents(&captured, &trace_id(n)).is_empty()));
}

#[tokio::test]
async fn a_dead_letter_is_a_hop_in_the_orders_trace_with_its_reason() {
    let (failed, captured) = handle(Answering::Conflict, vec![record(1, message(Uuid::new_v4()), None)]).await;
    assert_eq!(failed, 0);
    let hop = captured.step("dead-letter").unwrap();
    assert_eq!(hop["outcome"], "moved");
    let documents = documents(&captured, &trace_id(1));
    assert!(documents.iter().any(|d| d["aws"]["queue_url"] == "https://sqs.us-east-1.amazonaws.com/1/orders-dlq"));
    let segment = documents.iter().find(|document| document["type"].is_null()).unwrap();
    assert_eq!(segment["annotations"]["errorClass"], "Conflict");
    assert_eq!(captured.metric("RecordsMovedToDlq"), [1.0]);
    assert_eq!(captured.metric("RecordFailures"), [1.0]);
}

#[tokio::test]
async fn a_duplicate_is_told_apart_from_a_new_order() {
    let (_, captured) = handle(Answering::Duplicate, vec![record(1, message(Uuid::new_v4()), None)]).await;
    assert_eq!(captured.step("store").unwrap()["outcome"], "duplicate");
    assert_eq!((captured.metric("OrdersDuplicate"), captured.metric("OrdersStored")), (vec![1.0], vec![]));
}

fn counts(captured: &Captured) -> [f64; 4] {
    ["OrdersStored", "OrdersDuplicate", "OrdersRepeated", "OrdersDead"]
        .map(|metric| captured.metric(metric).iter().sum())
}

#[tokio::test]
async fn an_order_whose_answer_was_lost_is_stored_and_has_its_latency() {
    let (_, captured) = handle(Answering::Ours, vec![record(1, message(Uuid::new_v4()), None)]).await;
    assert_eq!(captured.step("store").unwrap()["outcome"], "recovered");
    assert_eq!((counts(&captured), captured.metric("EndToEndLatency").len()), ([1.0, 0.0, 0.0, 0.0], 1));
    // The next delivery, after one that failed for want of an answer or was cut off.
    let mut again = record(1, message(Uuid::new_v4()), None);
    again.attributes.insert("ApproximateReceiveCount".into(), "2".into());
    let (_, captured) = handle(Answering::Duplicate, vec![again]).await;
    assert_eq!((counts(&captured), captured.metric("EndToEndLatency").len()), ([1.0, 0.0, 0.0, 0.0], 1));
}

#[tokio::test]
async fn an_order_that_was_accepted_twice_is_a_repeated_one() {
    let (_, captured) = handle(Answering::Repeated, vec![record(1, message(Uuid::new_v4()), None)]).await;
    assert_eq!(captured.step("store").unwrap()["outcome"], "repeated");
    assert_eq!(counts(&captured), [0.0, 0.0, 1.0, 0.0]);
}

#[tokio::test]
async fn an_order_dies_once_however_often_it_is_sent_back_and_poison_is_none() {
    let dead = async |table: Answering, change: &dyn Fn(&mut SqsMessage)| {
        let mut record = record(1, message(Uuid::new_v4()), None);
        change(&mut record);
        counts(&handle(table, vec![record]).await.1)[3]
    };
    let receives = |n: u32| {
        move |record: &mut SqsMessage| {
            record.attributes.insert("ApproximateReceiveCount".into(), n.to_string());
        }
    };
    assert_eq!(dead(Answering::Conflict, &|_| {}).await, 1.0);
    assert_eq!(dead(Answering::Throttled, &receives(4)).await, 0.0, "SQS shows it once more");
    assert_eq!(dead(Answering::Throttled, &receives(5)).await, 1.0);
    let redriven = |record: &mut SqsMessage| {
        let mut attribute = aws_lambda_events::sqs::SqsMessageAttribute::default();
        attribute.data_type = Some("String".into());
        attribute.string_value = Some("1".into());
        record.message_attributes.insert("Redriven".into(), attribute);
    };
    assert_eq!(dead(Answering::Conflict, &redriven).await, 0.0);
    let late = |record: &mut SqsMessage| {
        let sent = jiff::Timestamp::now().as_millisecond() + 61_000;
        record.attributes.insert("SentTimestamp".into(), sent.to_string());
    };
    assert_eq!(dead(Answering::Conflict, &late).await, 0.0, "sent back by somebody else's tool");
    assert_eq!(dead(Answering::Stored, &|record| record.body = Some("{".into())).await, 0.0, "nobody accepted it");
}

#[tokio::test]
async fn nothing_of_the_customer_gets_into_any_sink() {
    let id = Uuid::new_v4();
    let bodies = [
        message(id),
        format!("{{\"orderId\": \"{MARK}\"}}"),
        MARK.to_owned(),
        message(id).replace("@example.com", ""),
        message(id).replacen('{', &format!("{{\"{MARK}\": \"{MARK}\", "), 1),
        message(id).replace("\"quantity\":1", &format!("\"quantity\":\"{MARK}\"")),
    ];
    for body in &bodies {
        for table in [
            Answering::Stored,
            Answering::Duplicate,
            Answering::Ours,
            Answering::Repeated,
            Answering::Conflict,
            Answering::Throttled,
        ] {
            let (_, captured) = handle(table, vec![record(1, body.clone(), None)]).await;
            assert!(!captured.segments.is_empty() && !captured.metrics.is_empty() && !captured.logs.is_empty());
            assert!(!captured.raw.contains(MARK), "{}", captured.raw);
        }
    }
}
