//! The events that API Gateway and SQS hand to a function.

use anyhow::{Context as _, Result};
use hyper::body::Bytes;
use serde_json::{Value, json};

use crate::stub::aws::Sent;

const API_GATEWAY: &str = include_str!("../data/api-gateway.json");
const ORDER: &str = include_str!("../data/order.json");

/// An order that will be accepted, as a client sends it.
pub(crate) fn order() -> Result<String> {
    // Without the blanks of a file that is meant to be read.
    Ok(serde_json::from_str::<Value>(ORDER)?.to_string())
}

/// An order with a quantity that no order may have.
pub(crate) fn invalid_order() -> Result<String> {
    let mut order: Value = serde_json::from_str(ORDER)?;
    order["items"][1]["quantity"] = json!(0);
    Ok(order.to_string())
}

/// A request with this body.
pub(crate) fn request(body: &str) -> Result<Bytes> {
    let mut event: Value = serde_json::from_str(API_GATEWAY)?;
    event["body"] = json!(body);
    Ok(event.to_string().into())
}

/// A request with this body and a key that makes retries safe.
pub(crate) fn request_with_key(body: &str) -> Result<Bytes> {
    let mut event: Value = serde_json::from_slice(&request(body)?)?;
    let key = "0b1f6a3e-52c7-4d0e-9d6a-8f4f2c7e1b90";
    event["headers"]["Idempotency-Key"] = json!(key);
    event["multiValueHeaders"]["Idempotency-Key"] = json!([key]);
    Ok(event.to_string().into())
}

/// A batch of a message that the validator has sent, with what SQS adds. Each record has an id and an order id of its own.
pub(crate) fn batch(sent: &Sent, records: usize) -> Result<Bytes> {
    let records: Result<Vec<Value>> = (0..records).map(|number| record(sent, number)).collect();
    Ok(json!({"Records": records?}).to_string().into())
}

fn record(sent: &Sent, number: usize) -> Result<Value> {
    let mut attributes = json!({
        "ApproximateReceiveCount": "1",
        "SentTimestamp": jiff::Timestamp::now().as_millisecond().to_string(),
        "SenderId": "AROAEXAMPLE:order-processing-bench-validator",
        "ApproximateFirstReceiveTimestamp": jiff::Timestamp::now().as_millisecond().to_string(),
    });
    if let Some(header) = &sent.trace_header {
        attributes["AWSTraceHeader"] = json!(header);
    }
    let user: serde_json::Map<String, Value> = sent
        .attributes
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, value)| {
            (
                name.clone(),
                json!({"stringValue": value["StringValue"], "dataType": value["DataType"],
                                  "stringListValues": [], "binaryListValues": []}),
            )
        })
        .collect();
    Ok(json!({
        "messageId": format!("3c1f7a52-8e0b-4d69-9b1a-{number:012x}"),
        "receiptHandle": "AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a...",
        "body": with_order_id(&sent.body, number),
        "attributes": attributes,
        "messageAttributes": user,
        "md5OfBody": "9e107d9d372bb6826bd81d3542a419d6",
        "eventSource": "aws:sqs",
        "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:order-processing-bench-orders",
        "awsRegion": "us-east-1",
    }))
}

/// The message of another order; what is no order stays as it is.
fn with_order_id(body: &str, number: usize) -> String {
    match serde_json::from_str::<Value>(body) {
        Ok(mut message) if message["orderId"].is_string() => {
            message["orderId"] = json!(format!("5d0e9b1c-3f4a-4b7e-8c2d-{number:012x}"));
            message.to_string()
        }
        _ => body.to_owned(),
    }
}

/// What Lambda hands on about the trace of an invocation.
pub(crate) fn trace_header(number: u64, sampled: bool) -> String {
    format!("Root=1-6b040abb-{number:024x};Parent=53995c3f42cd8ad8;Sampled={};Lineage=1:a87bd80c:0", u8::from(sampled))
}

/// What a message of the validator's looks like that nobody can read.
pub(crate) fn unreadable(sent: &Sent) -> Sent {
    Sent { body: "no order at all".to_owned(), ..sent.clone() }
}

/// The message in a response that should have been a success.
pub(crate) fn status(response: &[u8]) -> Result<Value> {
    serde_json::from_slice(response).context("the function's answer is not JSON")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_record_of_a_batch_is_an_order_of_its_own() {
        let sent = Sent {
            body: r#"{"orderId":"x","order":{}}"#.into(),
            attributes: json!({"traceparent": {"StringValue": "00-1", "DataType": "String"}}),
            trace_header: Some("Root=1".into()),
        };
        let batch: Value = serde_json::from_slice(&batch(&sent, 2).unwrap()).unwrap();
        let [first, second] = &batch["Records"].as_array().unwrap()[..] else { panic!("{batch}") };
        assert_ne!(first["messageId"], second["messageId"]);
        assert_ne!(first["body"], second["body"]);
        assert_eq!(first["messageAttributes"]["traceparent"]["stringValue"], "00-1");
        assert_eq!(second["attributes"]["AWSTraceHeader"], "Root=1");
    }
}
