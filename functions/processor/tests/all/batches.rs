//! What becomes of the records of a batch, without AWS and without the Lambda runtime.

use std::{
    collections::HashMap,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use function_config::{Env, FailureKind};
use order::{Body, QueueMessage, StoredOrder};
use processor::{Existing, Failure, Processor, Put, QueueError, Queues, Table, TableError};
use telemetry::AwsCall;
use uuid::Uuid;

#[derive(Default)]
struct MemoryTable {
    orders: Mutex<HashMap<Uuid, StoredOrder>>,
    throttled: Option<Uuid>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Table for &MemoryTable {
    fn call(&self) -> AwsCall {
        AwsCall::new("DynamoDB", "PutItem")
    }

    async fn put(&self, order: &StoredOrder) -> Result<Put, TableError> {
        let at_once = self.at_once.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_at_once.fetch_max(at_once, Ordering::SeqCst);
        tokio::task::yield_now().await;
        self.at_once.fetch_sub(1, Ordering::SeqCst);
        if self.throttled == Some(order.order_id) {
            return Err(TableError::Call(FailureKind::Throttled.into()));
        }
        let mut orders = self.orders.lock().unwrap();
        if let Some(known) = orders.get(&order.order_id) {
            return Ok(Put::Exists(Existing {
                payload_hash: known.payload_hash.clone(),
                created_at: Some(known.created_at),
                processed_at: Some(known.processed_at),
            }));
        }
        orders.insert(order.order_id, order.clone());
        Ok(Put::Stored)
    }
}

#[derive(Default)]
struct MemoryQueues {
    dead: Mutex<Vec<(String, &'static str, String)>>,
    shown_again: Mutex<Vec<(String, u64)>>,
    dead_letter_queue_is_down: bool,
}

impl Queues for &MemoryQueues {
    fn dead_letter_call(&self) -> AwsCall {
        AwsCall::new("SQS", "SendMessage")
    }

    fn retry_call(&self) -> AwsCall {
        AwsCall::new("SQS", "ChangeMessageVisibility")
    }

    async fn move_to_dead_letters(&self, record: &SqsMessage, why: &Failure) -> Result<(), QueueError> {
        if self.dead_letter_queue_is_down {
            return Err(QueueError(FailureKind::Unreachable.into()));
        }
        self.dead.lock().unwrap().push((record.message_id.clone().unwrap(), why.step, why.to_string()));
        Ok(())
    }

    async fn show_again(&self, record: &SqsMessage, after_s: u64) -> Result<(), QueueError> {
        self.shown_again.lock().unwrap().push((record.message_id.clone().unwrap(), after_s));
        Ok(())
    }
}

fn message(order_id: Uuid, price: &str) -> String {
    let order = format!(
        r#"{{"customerName": "Ada", "customerEmail": "ada@example.com",
            "items": [{{"productId": "p-1", "productName": "Notebook", "quantity": 1, "price": {price}}}],
            "shippingAddress": {{"street": "S", "city": "London", "postalCode": "SW1Y", "country": "GB"}},
            "paymentMethod": "card"}}"#
    );
    let order = Body::parse(order.as_bytes()).and_then(Body::validate).unwrap();
    QueueMessage { order_id, accepted_at: jiff::Timestamp::UNIX_EPOCH, order }.encode().unwrap()
}

fn record(id: &str, body: String, receives: u32) -> SqsMessage {
    let mut record = SqsMessage::default();
    record.message_id = Some(id.into());
    record.body = Some(body);
    record.attributes.insert("ApproximateReceiveCount".into(), receives.to_string());
    record
}

async fn failed(table: &MemoryTable, queues: &MemoryQueues, records: Vec<SqsMessage>) -> Vec<String> {
    let env = Env::from([
        ("STORE_CONCURRENCY", "4"),
        ("MAX_RECEIVE_COUNT", "5"),
        ("RETRY_BASE_S", "2"),
        ("RETRY_MAX_S", "60"),
    ]);
    let mut event = SqsEvent::default();
    event.records = records;
    let response = Processor::new(table, queues, &env).unwrap().handle(event).await;
    response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect()
}

#[tokio::test]
async fn one_poisoned_record_among_nine_good_ones_moves_alone() {
    let (table, queues) = (MemoryTable::default(), MemoryQueues::default());
    let mut records: Vec<_> = (0..9).map(|n| record(&format!("m{n}"), message(Uuid::new_v4(), "19.99"), 1)).collect();
    records.insert(4, record("poison", r#"{"orderId": "secret"#.into(), 1));

    assert!(failed(&table, &queues, records).await.is_empty());
    assert_eq!(table.orders.lock().unwrap().len(), 9);
    let dead = queues.dead.lock().unwrap();
    assert_eq!((dead.len(), dead[0].0.as_str(), dead[0].1), (1, "poison", "decode"));
    assert!(dead[0].2.starts_with("Undecodable: "));
    assert!(!dead[0].2.contains("secret"));
}

#[tokio::test]
async fn a_duplicate_delivery_is_stored_once() {
    let (table, queues) = (MemoryTable::default(), MemoryQueues::default());
    let body = message(Uuid::new_v4(), "1");
    let records = vec![record("m1", body.clone(), 1), record("m2", body, 1)];
    assert!(failed(&table, &queues, records).await.is_empty());
    assert_eq!(table.orders.lock().unwrap().len(), 1);
    assert!(queues.dead.lock().unwrap().is_empty());
}

#[tokio::test]
async fn another_order_under_a_known_id_is_a_conflict_and_the_first_stays() {
    let (table, queues) = (MemoryTable::default(), MemoryQueues::default());
    let id = Uuid::new_v4();
    assert!(failed(&table, &queues, vec![record("m1", message(id, "1"), 1)]).await.is_empty());
    assert!(failed(&table, &queues, vec![record("m2", message(id, "2"), 1)]).await.is_empty());
    assert_eq!(table.orders.lock().unwrap()[&id].total.to_string(), "1");
    let dead = queues.dead.lock().unwrap();
    assert_eq!(dead[0].1, "store");
    assert!(dead[0].2.starts_with("Conflict: "));
}

#[tokio::test]
async fn a_transient_failure_goes_back_alone_and_is_shown_again_after_a_backoff() {
    let throttled = Uuid::new_v4();
    let table = MemoryTable { throttled: Some(throttled), ..MemoryTable::default() };
    let queues = MemoryQueues::default();
    let records = vec![record("m1", message(throttled, "1"), 3), record("m2", message(Uuid::new_v4(), "1"), 1)];
    assert_eq!(failed(&table, &queues, records).await, ["m1"]);
    assert_eq!(*queues.shown_again.lock().unwrap(), [("m1".to_owned(), 8)]);
    assert_eq!(table.orders.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_poisoned_record_stays_in_the_queue_while_the_dead_letter_queue_is_down() {
    let queues = MemoryQueues { dead_letter_queue_is_down: true, ..MemoryQueues::default() };
    assert_eq!(failed(&MemoryTable::default(), &queues, vec![record("m1", "{".into(), 1)]).await, ["m1"]);
}

#[tokio::test]
async fn records_are_stored_side_by_side_but_no_more_than_allowed() {
    let (table, queues) = (MemoryTable::default(), MemoryQueues::default());
    let records = (0..10).map(|n| record(&format!("m{n}"), message(Uuid::new_v4(), "1"), 1)).collect();
    assert!(failed(&table, &queues, records).await.is_empty());
    assert_eq!(table.most_at_once.load(Ordering::SeqCst), 4);
}
