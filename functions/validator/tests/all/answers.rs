//! Every answer of the validator, without AWS and without the Lambda runtime.

use std::{collections::HashMap, sync::Mutex};

use ::telemetry::AwsCall;
use aws_lambda_events::{
    apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse},
    encodings::Body,
    http::{HeaderValue, Method},
};
use base64::Engine as _;
use function_config::{CallFailure, Env, FailureKind};
use order::QueueMessage;
use serde_json::{Value, json};
use uuid::Uuid;
use validator::{Claim, ClaimError, Claimed, Claims, EnqueueError, Queue, Validator};

use super::sent;

#[derive(Default)]
struct MemoryQueue {
    sent: Mutex<Vec<String>>,
    fails_with: Option<fn() -> EnqueueError>,
    fails_once: Option<Mutex<Option<EnqueueError>>>,
}

impl Queue for &MemoryQueue {
    fn call(&self) -> AwsCall {
        AwsCall::new("SQS", "SendMessage")
    }

    async fn send(&self, body: String) -> Result<(), EnqueueError> {
        if let Some(error) = self.fails_once.as_ref().and_then(|once| once.lock().unwrap().take()) {
            return Err(error);
        }
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
    CallFailure::from(kind).into()
}

/// A record of keys that never forgets.
#[derive(Default)]
struct MemoryClaims {
    known: Mutex<HashMap<Uuid, (Claim, bool)>>,
    down: bool,
}

impl Claims for &MemoryClaims {
    fn claim_call(&self) -> AwsCall {
        AwsCall::new("DynamoDB", "PutItem")
    }

    fn confirm_call(&self) -> AwsCall {
        AwsCall::new("DynamoDB", "UpdateItem")
    }

    async fn claim(&self, claim: &Claim) -> Result<Claimed, ClaimError> {
        if self.down {
            return Err(ClaimError(FailureKind::Throttled.into()));
        }
        let mut known = self.known.lock().unwrap();
        match known.get(&claim.order_id) {
            Some((claim, enqueued)) => Ok(Claimed::Known { claim: claim.clone(), enqueued: *enqueued }),
            None => {
                known.insert(claim.order_id, (claim.clone(), false));
                Ok(Claimed::New)
            }
        }
    }

    async fn confirm(&self, order_id: Uuid) -> Result<bool, ClaimError> {
        Ok(!std::mem::replace(&mut self.known.lock().unwrap().get_mut(&order_id).unwrap().1, true))
    }
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
    answer_with(queue, None, request).await
}

async fn answer_with(
    queue: &MemoryQueue,
    claims: Option<&MemoryClaims>,
    request: ApiGatewayProxyRequest,
) -> (i64, Value, ApiGatewayProxyResponse) {
    let env = Env::from([
        ("MAX_MESSAGE_BYTES", "4096"),
        ("RETRY_AFTER_S", "5"),
        ("CORS_ALLOW_ORIGINS", "https://shop.example"),
    ]);
    let response = Validator::new(queue, claims, &env).unwrap().handle(sent(request)).await;
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
async fn a_queue_that_throttles_means_try_again_and_nothing_is_accepted() {
    let queue = MemoryQueue { fails_with: Some(|| failure(FailureKind::Throttled)), ..MemoryQueue::default() };
    let (status, body, response) = answer(&queue, request(ORDER)).await;
    assert_eq!(status, 503);
    assert_eq!(response.headers["retry-after"], "5");
    assert!(body["message"].as_str().unwrap().starts_with("Order not accepted"));
    assert!(body.get("orderId").is_none() && body.get("idempotencyKey").is_none());
}

#[tokio::test]
async fn an_outcome_that_is_not_known_says_so_and_names_the_retry_that_is_safe() {
    for unknown in
        [FailureKind::Timeout, FailureKind::Unreachable, FailureKind::Server].map(failure).into_iter().chain([
            // The last attempt was throttled, an earlier one had no answer.
            EnqueueError { unknown: true, ..failure(FailureKind::Throttled) },
        ])
    {
        let unknown = Mutex::new(Some(unknown));
        let queue = MemoryQueue { fails_once: Some(unknown), ..MemoryQueue::default() };
        let claims = MemoryClaims::default();
        let (status, body, response) = answer_with(&queue, Some(&claims), request(ORDER)).await;
        assert_eq!((status, &response.headers["retry-after"]), (503, &"5".parse().unwrap()));
        assert!(
            body["message"].as_str().unwrap().starts_with("It is not known whether the order is accepted"),
            "{body}"
        );
        assert!(claims.known.lock().unwrap().is_empty(), "a request without a key pays nothing");
        // The retry with the key that was told is the same order.
        let mut retry = request(ORDER);
        retry.headers.insert("Idempotency-Key", body["idempotencyKey"].as_str().unwrap().parse().unwrap());
        let (status, retried, _) = answer_with(&queue, Some(&claims), retry).await;
        assert_eq!((status, &retried["orderId"]), (202, &body["orderId"]));
    }
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
    let response = Validator::new(&queue, None::<&MemoryClaims>, &env).unwrap().handle(sent(preflight)).await;
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

const KEY: &str = "8e03978e-40d5-43e8-bc93-6894a57f9324";

fn keyed(body: &str, keys: &[&str]) -> ApiGatewayProxyRequest {
    let mut keyed = request(body);
    for key in keys {
        // As API Gateway does: the last value in one map, all of them in the other.
        keyed.headers.insert("Idempotency-Key", HeaderValue::from_bytes(key.as_bytes()).unwrap());
        keyed.multi_value_headers.append("Idempotency-Key", HeaderValue::from_bytes(key.as_bytes()).unwrap());
    }
    keyed
}

#[tokio::test]
async fn a_retry_is_answered_as_the_order_was_and_enqueued_once() {
    let (queue, claims) = (MemoryQueue::default(), MemoryClaims::default());
    let (status, first, _) = answer_with(&queue, Some(&claims), keyed(ORDER, &[KEY])).await;
    assert_eq!(status, 202);
    let quoted = format!("\"{KEY}\"");
    for keys in [&[KEY][..], &[&quoted], &[KEY, KEY]] {
        let (status, again, _) = answer_with(&queue, Some(&claims), keyed(ORDER, keys)).await;
        assert_eq!((status, &again), (202, &first), "{keys:?}");
    }
    assert_eq!(queue.sent.lock().unwrap().len(), 1);
    assert_ne!(first["orderId"], answer_with(&queue, Some(&claims), request(ORDER)).await.1["orderId"]);
}

#[tokio::test]
async fn another_order_under_a_used_key_is_422_at_once() {
    let (queue, claims) = (MemoryQueue::default(), MemoryClaims::default());
    assert_eq!(answer_with(&queue, Some(&claims), keyed(ORDER, &[KEY])).await.0, 202);
    let (status, body, _) = answer_with(&queue, Some(&claims), keyed(&ORDER.replace("19.99", "20"), &[KEY])).await;
    assert_eq!(status, 422);
    assert_eq!(body["message"], "Idempotency-Key was used for another order: send this one with a key of its own");
    assert_eq!(queue.sent.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn a_retry_of_an_order_that_was_not_enqueued_is_enqueued_as_the_same_acceptance() {
    let claims = MemoryClaims::default();
    let queue =
        MemoryQueue { fails_once: Some(Mutex::new(Some(failure(FailureKind::Throttled)))), ..MemoryQueue::default() };
    assert_eq!(answer_with(&queue, Some(&claims), keyed(ORDER, &[KEY])).await.0, 503);
    let accepted_at = claims.known.lock().unwrap().values().next().unwrap().0.accepted_at;
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    assert_eq!(answer_with(&queue, Some(&claims), keyed(ORDER, &[KEY])).await.0, 202);
    assert_eq!(QueueMessage::decode(&queue.sent.lock().unwrap()[0]).unwrap().accepted_at, accepted_at);
    assert_eq!(answer_with(&queue, Some(&claims), keyed(ORDER, &[KEY])).await.0, 202);
    assert_eq!(queue.sent.lock().unwrap().len(), 1);
}

#[tokio::test]
async fn without_the_record_of_keys_an_order_with_a_key_is_not_accepted() {
    let queue = MemoryQueue::default();
    let claims = MemoryClaims { down: true, ..MemoryClaims::default() };
    let (status, body, response) = answer_with(&queue, Some(&claims), keyed(ORDER, &[KEY])).await;
    assert_eq!((status, response.headers.contains_key("retry-after")), (503, true));
    assert!(body["message"].as_str().unwrap().starts_with("Order not accepted"), "{body}");
    assert!(queue.sent.lock().unwrap().is_empty());
    assert_eq!(answer_with(&queue, Some(&claims), request(ORDER)).await.0, 202);
}

#[tokio::test]
async fn a_key_belongs_to_its_caller() {
    let queue = MemoryQueue::default();
    let of = |arn: Option<&str>, api_key: Option<&str>, principal: Option<&str>| {
        let mut request = keyed(ORDER, &["invoice-1001"]);
        request.request_context.identity.user_arn = arn.map(str::to_owned);
        request.request_context.identity.api_key_id = api_key.map(str::to_owned);
        if let Some(principal) = principal {
            request.request_context.authorizer.fields.insert("principalId".into(), json!(principal));
        }
        request
    };
    let session = |name: &str| format!("arn:aws:sts::1:assumed-role/shop/{name}");
    let mut ids = Vec::new();
    for request in [
        of(Some(&session("one")), None, None),
        of(Some("arn:aws:iam::1:user/ada"), None, None),
        of(None, Some("key-1"), None),
        of(None, None, Some("ada")),
    ] {
        let (status, body, _) = answer(&queue, request).await;
        assert_eq!(status, 202);
        ids.push(body["orderId"].as_str().unwrap().to_owned());
    }
    assert_eq!(answer(&queue, of(Some(&session("two")), None, None)).await.1["orderId"], ids[0]);
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each caller has an order of its own");
    let (status, body, _) = answer(&queue, of(None, None, None)).await;
    assert_eq!(status, 400);
    assert!(body["message"].as_str().unwrap().contains("at least 22 characters"), "{body}");
}

#[tokio::test]
async fn an_unusable_idempotency_key_is_a_bad_request() {
    let mut broken = request(ORDER);
    broken.headers.insert("Idempotency-Key", HeaderValue::from_bytes(b"caf\xe9").unwrap());
    let (status, body, _) = answer(&MemoryQueue::default(), broken).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "Invalid header: Idempotency-Key must be 1 to 255 printable ASCII characters");
    let (status, body, _) = answer(&MemoryQueue::default(), keyed(ORDER, &[KEY, &KEY.replace('8', "9")])).await;
    assert_eq!(status, 400);
    assert_eq!(body["message"], "Invalid header: Idempotency-Key must be given once, not with several values");
}

#[tokio::test]
async fn a_request_without_a_body_is_answered() {
    let (status, body, _) = answer(&MemoryQueue::default(), ApiGatewayProxyRequest::default()).await;
    assert_eq!((status, body["message"].as_str().unwrap()), (400, "Request body is empty: it must be a JSON object"));
}
