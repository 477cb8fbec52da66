//! What the validator tells of an order: the same ids in trace, metrics and logs, and nothing of the customer.

use ::telemetry::{
    AwsCall, Config, Id,
    step::{self, AwsResponse},
    testing::{Captured, Harness, SAMPLED, UNSAMPLED},
};
use aws_lambda_events::apigw::{ApiGatewayProxyRequest, ApiGatewayProxyResponse};
use function_config::{CallFailure, Env, FailureKind};
use serde_json::{Value, json};
use uuid::Uuid;
use validator::{Claim, ClaimError, Claimed, Claims, EnqueueError, Queue, Validator};

use super::sent;

/// Answers every message alike.
struct Answering(Option<FailureKind>);

impl Queue for Answering {
    fn call(&self) -> AwsCall {
        AwsCall::sqs("SendMessage", &"https://sqs.us-east-1.amazonaws.com/1/orders".into())
    }

    async fn send(&self, _body: String) -> Result<(), EnqueueError> {
        step::aws_response(AwsResponse {
            request_id: Id::new("5fea7756-0ea4-451a-a703-a558b933e274").ok(),
            retries: Some(0),
            status: Some(200),
        });
        self.0.map_or(Ok(()), |kind| Err(CallFailure::from(kind).into()))
    }
}

/// Knows no key.
struct Willing;

impl Claims for Willing {
    fn claim_call(&self) -> AwsCall {
        AwsCall::dynamodb("PutItem", &"idempotency".into())
    }

    fn confirm_call(&self) -> AwsCall {
        AwsCall::dynamodb("UpdateItem", &"idempotency".into())
    }

    async fn claim(&self, _claim: &Claim) -> Result<Claimed, ClaimError> {
        Ok(Claimed::New)
    }

    async fn confirm(&self, _order_id: Uuid) -> Result<bool, ClaimError> {
        Ok(true)
    }
}

/// In every field that may hold personal data, so that a search finds it wherever it got to.
const MARK: &str = "Zz7marked";

fn order() -> Value {
    json!({
        "customerName": format!("{MARK} Lovelace"),
        "customerEmail": format!("{MARK}@example.com"),
        "items": [{"productId": MARK, "productName": MARK, "quantity": 1, "price": 19.99}],
        "shippingAddress": {"street": MARK, "city": MARK, "postalCode": MARK, "country": MARK},
        "paymentMethod": MARK
    })
}

async fn handle(queue: Answering, body: &str) -> (ApiGatewayProxyResponse, Captured) {
    handle_in(SAMPLED, queue, body, None).await
}

async fn handle_in(
    trace: &str,
    queue: Answering,
    body: &str,
    key: Option<&str>,
) -> (ApiGatewayProxyResponse, Captured) {
    let mut request = ApiGatewayProxyRequest::default();
    request.body = Some(body.to_owned());
    if let Some(key) = key {
        request.headers.insert("idempotency-key", key.parse().unwrap());
    }
    let config = Config::new("order-processing", "validator", "prod").correlation_key("orderId");
    let env = Env::from([("MAX_MESSAGE_BYTES", "4096"), ("RETRY_AFTER_S", "5")]);
    let validator = Validator::new(queue, Some(Willing), &env).unwrap();
    let (response, captured) = Harness::new(config)
        .unwrap()
        .invoke(Some(trace), async { Ok::<_, lambda_runtime::Error>(validator.handle(sent(request)).await) })
        .await;
    (response.unwrap(), captured)
}

#[tokio::test]
async fn an_accepted_order_that_is_not_sampled_is_one_line() {
    let (_, captured) = handle_in(UNSAMPLED, Answering(None), &order().to_string(), None).await;
    let without_cold_start =
        captured.raw.len() - r#""coldStart":true,{"Name":"ColdStart","Unit":"Count"},"ColdStart":1,"#.len();
    assert!(without_cold_start <= 1126, "{without_cold_start} bytes: {}", captured.raw);
    assert_eq!((captured.logs.len(), captured.metrics.len()), (1, 1));
    let line = &captured.logs[0];
    assert_eq!((&line["outcome"], &line["OrdersAccepted"]), (&json!("accepted"), &json!(1)));
    for (at, step) in ["parse", "validate", "enqueue"].into_iter().enumerate() {
        assert_eq!((&line["steps"][at]["name"], line["steps"][at].get("outcome")), (&json!(step), None));
    }
    assert_eq!(line["steps"][2]["awsRequestId"], "5fea7756-0ea4-451a-a703-a558b933e274");
    for metric in ["HandlerDuration", "ParseDuration", "ValidateDuration", "EnqueueDuration"] {
        assert_eq!(captured.metric(metric).len(), 1, "{metric}");
    }
}

#[tokio::test]
async fn an_order_has_the_same_ids_in_trace_metrics_and_logs() {
    let (response, captured) = handle(Answering(None), &order().to_string()).await;
    let Some(aws_lambda_events::encodings::Body::Text(body)) = response.body else { unreachable!("a text body") };
    let order_id = serde_json::from_str::<Value>(&body).unwrap()["orderId"].clone();

    let subsegment = captured.segment("SQS").unwrap();
    let line = captured.step("enqueue").unwrap();
    assert_eq!(line["orderId"], order_id);
    assert_eq!(line["spanId"], subsegment["id"]);
    assert_eq!(subsegment["aws"]["queue_url"], "https://sqs.us-east-1.amazonaws.com/1/orders");
    let handler = captured.segment("handler").unwrap();
    assert_eq!(handler["annotations"]["orderId"], order_id);
    assert_eq!(handler["trace_id"], "1-5759e988-bd862e3fe1be46a994272793");
    assert_eq!(captured.metric("OrdersAccepted"), [1.0]);
    assert_eq!(captured.metric("OrdersRejected"), [0.0; 0]);
    assert_eq!(captured.metrics.len(), 1);
    assert_eq!(captured.metrics[0]["orderId"], order_id);
    for step in ["parse", "validate", "enqueue"] {
        assert_eq!(captured.step(step).unwrap()["outcome"], "ok", "{step}");
    }
}

#[tokio::test]
async fn a_key_is_claimed_and_confirmed_and_gets_into_no_sink() {
    let (response, captured) = handle_in(SAMPLED, Answering(None), &order().to_string(), Some(&MARK.repeat(4))).await;
    assert_eq!(response.status_code, 202);
    assert_eq!(captured.step("claim").unwrap()["outcome"], "ok");
    assert_eq!(captured.step("confirm").unwrap()["outcome"], "ok");
    let table = captured.segments.iter().find(|document| document["aws"]["table_name"] == "idempotency").unwrap();
    assert_eq!(table["aws"]["operation"], "PutItem");
    assert!(!captured.raw.contains(MARK), "{}", captured.raw);
    let (_, captured) = handle(Answering(None), &order().to_string()).await;
    assert!(captured.step("claim").is_none(), "a request without a key pays nothing");
}

#[tokio::test]
async fn an_outcome_that_is_not_known_is_counted_as_such() {
    let (response, captured) = handle(Answering(Some(FailureKind::Timeout)), &order().to_string()).await;
    assert_eq!(response.status_code, 503);
    assert_eq!((captured.metric("OrdersUncertain"), captured.metric("OrdersAccepted")), (vec![1.0], vec![]));
}

#[tokio::test]
async fn a_refused_order_says_where_and_why() {
    let mut order = order();
    order["items"][0]["price"] = json!(-1);
    let (_, captured) = handle(Answering(None), &order.to_string()).await;
    let line = captured.step("validate").unwrap();
    assert_eq!((&line["outcome"], &line["errorClass"]), (&json!("rejected"), &json!("InvalidField")));
    assert_eq!((&line["field"], &line["problems"]), (&json!("price"), &json!(1)));
    assert_eq!(captured.segment("handler").unwrap()["error"], true);
    assert_eq!(captured.metric("OrdersRejected"), [1.0]);
}

#[tokio::test]
async fn a_throttled_queue_is_a_throttle_not_a_rejection() {
    let (response, captured) = handle(Answering(Some(FailureKind::Throttled)), &order().to_string()).await;
    assert_eq!(response.status_code, 503);
    assert_eq!(captured.segment("SQS").unwrap()["throttle"], true);
    assert_eq!(captured.step("enqueue").unwrap()["errorClass"], "Throttled");
    assert_eq!((captured.metric("OrdersAccepted"), captured.metric("OrdersRejected")), (vec![], vec![]));
}

#[tokio::test]
async fn nothing_of_the_customer_gets_into_any_sink() {
    let valid = order().to_string();
    let with = |pointer: &str, value: Value| {
        let mut order = order();
        *order.pointer_mut(pointer).unwrap() = value;
        order.to_string()
    };
    let bodies = [
        valid.clone(),
        valid[..valid.len() - 1].to_owned(),
        format!("\"{MARK}\""),
        valid.replacen('{', &format!("{{\"{MARK}\":1,\"{MARK}\":2,"), 1),
        with("/customerName", json!(format!("{MARK}\u{1}"))),
        with("/customerEmail", json!(MARK)),
        with("/items", json!(MARK)),
        with("/items/0", json!([MARK])),
        with("/items/0/quantity", json!(MARK)),
        with("/items/0/price", json!(MARK)),
        with("/shippingAddress", json!({MARK: MARK})),
        with("/shippingAddress/street", json!(MARK.repeat(100))),
        with("/paymentMethod", json!({"card": MARK})),
        MARK.repeat(1000),
    ];
    let queues = [None, Some(FailureKind::Throttled), Some(FailureKind::Unreachable), Some(FailureKind::Refused)];
    for body in &bodies {
        for failure in queues {
            let (_, captured) = handle(Answering(failure), body).await;
            assert!(!captured.segments.is_empty() && !captured.metrics.is_empty() && !captured.logs.is_empty());
            assert!(!captured.raw.contains(MARK), "{failure:?}: {}", captured.raw);
        }
    }
}
