//! Every answer of the validator, without AWS and without the Lambda runtime.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test")]

use std::sync::Mutex;

use aws_lambda_events::{
    apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse},
    encodings::Body,
    http::{HeaderValue, Method},
};
use base64::Engine as _;
use function_config::{Env, FailureKind};
use order::QueueMessage;
use serde_json::{Value, json};
use telemetry::AwsCall;
use validator::{EnqueueError, Queue, Validator};

#[derive(Default)]
struct MemoryQueue {
    sent: Mutex<Vec<String>>,
    fails_with: Option<fn() -> EnqueueError>,
}

impl Queue for &MemoryQueue {
    fn call(&self) -> AwsCall {
        AwsCall::new("SQS", "SendMessage")
    }

    async fn send(&self, body: String) -> Result<(), EnqueueError> {
        match self.fails_with {
            Some(error) => Err(error()),
            None => {
                self.sent.lock().unwrap().push(body);
                Ok(())
            }
        }
    }
}

fn failure(kind: FailureKind) -> EnqueueError {
    EnqueueError(kind.into())
}

const ORDER: &str = r#"{
    "customerName": "Ada Lovelace", "customerEmail": "ada@example.com",
    "items": [{"productId": "p-1", "productName": "Notebook", "quantity": 1, "price": 19.99}],
    "shippingAddress": {"street": "12 St James's Square", "city": "London", "postalCode": "SW1Y 4JH", "country": "GB"},
    "paymentMethod": "credit_card"
}"#;

fn request(body: &str) -> ApiGatewayProxyRequest {
    let mut request = ApiGatewayProxyRequest::default();
    request.body = Some(body.to_owned());
    request
}

async fn answer(queue: &MemoryQueue, request: ApiGatewayProxyRequest) -> (i64, Value, ApiGatewayProxyResponse) {
    let env = Env::from([
        ("MAX_MESSAGE_BYTES", "4096"),
        ("RETRY_AFTER_S", "5"),
        ("CORS_ALLOW_ORIGINS", "https://shop.example"),
    ]);
    let response = Validator::new(queue, &env).unwrap().handle(request).await;
    let Some(Body::Text(body)) = &response.body else { panic!("no text body") };
    (response.status_code, serde_json::from_str(body).unwrap(), response)
}

#[tokio::test]
async fn an_order_is_accepted_with_the_id_that_its_message_carries() {
    let queue = MemoryQueue::default();
    let (status, body, _) = answer(&queue, request(ORDER)).await;
    assert_eq!(status, 202);
    assert_eq!(body["message"], "Order accepted for processing");
    let sent = queue.sent.lock().unwrap();
    let message = QueueMessage::decode(&sent[0]).unwrap();
    assert_eq!(body["orderId"], message.order_id.to_string());
    assert_eq!(message.order.items[0].price.to_string(), "19.99");
}

#[tokio::test]
async fn a_missing_field_is_answered_in_exactly_this_form() {
    let body = ORDER.replace("\"customerEmail\": \"ada@example.com\",", "");
    let (status, body, _) = answer(&MemoryQueue::default(), request(&body)).await;
    assert_eq!(status, 400);
    assert_eq!(
        body,
        json!({
            "message": "Missing required field: customerEmail",
            "errors": [{"field": "customerEmail", "message": "Missing required field: customerEmail"}]
        })
    );
}

#[tokio::test]
async fn a_queue_that_is_away_means_try_again_and_nothing_is_accepted() {
    let queue = MemoryQueue { fails_with: Some(|| failure(FailureKind::Timeout)), ..MemoryQueue::default() };
    let (status, body, response) = answer(&queue, request(ORDER)).await;
    assert_eq!(status, 503);
    assert_eq!(response.headers["retry-after"], "5");
    assert!(body["message"].as_str().unwrap().starts_with("Order not accepted"));
    assert!(body.get("orderId").is_none());
}

#[tokio::test]
async fn a_queue_that_refuses_for_good_is_our_fault_not_the_clients() {
    let queue = MemoryQueue { fails_with: Some(|| failure(FailureKind::Refused)), ..MemoryQueue::default() };
    let (status, body, response) = answer(&queue, request(ORDER)).await;
    assert_eq!(status, 500);
    assert!(!response.headers.contains_key("retry-after"));
    assert_eq!(body["message"], "Order not accepted: internal error, the operators are told");
}

#[tokio::test]
async fn the_message_decides_what_is_too_large_not_the_body() {
    let queue = MemoryQueue::default();
    // Written in ASCII, and with a field that goes no further, the body is larger than any message may be.
    let spelled = ORDER.replace("Ada", &"\\u00e9".repeat(190)).replacen(
        '{',
        &format!("{{\"ignored\": \"{}\",", "x".repeat(5000)),
        1,
    );
    assert!(spelled.len() > 4096);
    assert_eq!(answer(&queue, request(&spelled)).await.0, 202);
    assert!(queue.sent.lock().unwrap()[0].len() < 1000);

    let mut order: Value = serde_json::from_str(ORDER).unwrap();
    order["items"] = vec![order["items"][0].clone(); 80].into();
    let (status, body, _) = answer(&queue, request(&order.to_string())).await;
    assert_eq!(status, 413);
    let message = body["message"].as_str().unwrap();
    assert!(
        message.starts_with("Order is too large: ") && message.ends_with("as a message, and at most 4096 are taken"),
        "{message}"
    );
}

#[tokio::test]
async fn an_encoding_that_nobody_has_undone_is_415_and_says_what_is_taken() {
    let mut encoded = request("\u{1f}\u{fffd}\u{8}");
    encoded.headers.insert("Content-Encoding", HeaderValue::from_static("br"));
    let (status, body, _) = answer(&MemoryQueue::default(), encoded).await;
    assert_eq!(status, 415);
    assert!(body["message"].as_str().unwrap().ends_with("as it is, or compressed with gzip or deflate"), "{body}");
    // API Gateway may leave the header of what it has undone.
    let mut undone = request(ORDER);
    undone.headers.insert("Content-Encoding", HeaderValue::from_static("gzip"));
    assert_eq!(answer(&MemoryQueue::default(), undone).await.0, 202);
}

#[tokio::test]
async fn a_page_of_an_allowed_origin_may_read_the_answer_and_no_other() {
    let from = |origin: &'static str| {
        let mut request = request("{}");
        request.headers.insert("Origin", HeaderValue::from_static(origin));
        request
    };
    let (status, _, response) = answer(&MemoryQueue::default(), from("https://shop.example")).await;
    assert_eq!(
        (status, &response.headers["access-control-allow-origin"]),
        (400, &"https://shop.example".parse().unwrap())
    );
    let (_, _, response) = answer(&MemoryQueue::default(), from("https://other.example")).await;
    assert!(!response.headers.contains_key("access-control-allow-origin"));
    assert_eq!(response.headers["vary"], "Origin");

    let env = Env::from([
        ("MAX_MESSAGE_BYTES", "4096"),
        ("RETRY_AFTER_S", "5"),
        ("CORS_ALLOW_ORIGINS", "https://shop.example"),
    ]);
    let queue = MemoryQueue::default();
    let mut preflight = from("https://shop.example");
    preflight.http_method = Method::OPTIONS;
    let response = Validator::new(&queue, &env).unwrap().handle(preflight).await;
    assert_eq!((response.status_code, response.body.is_none()), (204, true));
    assert_eq!(response.headers["access-control-allow-methods"], "POST");
    assert_eq!(
        response.headers["access-control-allow-headers"],
        "Content-Type, Idempotency-Key, X-Amzn-Trace-Id, traceparent"
    );
}

#[tokio::test]
async fn twenty_problems_are_listed_and_the_others_counted() {
    let (_, body, _) =
        answer(&MemoryQueue::default(), request(&format!(r#"{{"items":[{}]}}"#, vec!["{}"; 100].join(",")))).await;
    assert_eq!((body["errors"].as_array().unwrap().len(), &body["moreErrors"]), (20, &json!(384)));
}

#[tokio::test]
async fn a_base64_body_is_read_and_a_broken_one_is_a_bad_request() {
    let mut encoded = request(&base64::engine::general_purpose::STANDARD.encode(ORDER));
    encoded.is_base64_encoded = true;
    assert_eq!(answer(&MemoryQueue::default(), encoded).await.0, 202);

    let mut broken = request("%%%");
    broken.is_base64_encoded = true;
    let (status, body, _) = answer(&MemoryQueue::default(), broken).await;
    assert_eq!((status, body["message"].as_str().unwrap()), (400, "Request body is not valid base64"));
}

#[tokio::test]
async fn the_same_idempotency_key_is_the_same_order() {
    let queue = MemoryQueue::default();
    let keyed = || {
        let mut keyed = request(ORDER);
        keyed.headers.insert("Idempotency-Key", HeaderValue::from_static("cart-42"));
        keyed
    };
    let first = answer(&queue, keyed()).await.1;
    assert_eq!(first["orderId"], answer(&queue, keyed()).await.1["orderId"]);
    assert_ne!(first["orderId"], answer(&queue, request(ORDER)).await.1["orderId"]);
}

#[tokio::test]
async fn an_unusable_idempotency_key_is_a_bad_request() {
    let mut keyed = request(ORDER);
    keyed.headers.insert("Idempotency-Key", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    let (status, body, _) = answer(&MemoryQueue::default(), keyed).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "Invalid header: Idempotency-Key must be printable ASCII characters");
}

#[tokio::test]
async fn a_request_without_a_body_is_answered() {
    let (status, body, _) = answer(&MemoryQueue::default(), ApiGatewayProxyRequest::default()).await;
    assert_eq!((status, body["message"].as_str().unwrap()), (400, "Request body is empty: it must be a JSON object"));
}
