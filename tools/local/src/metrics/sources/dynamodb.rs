//! AWS/DynamoDB, from the calls that pass the proxy, faults that it injects included.

use serde_json::Value;

use super::Points;

const NAMESPACE: &str = "AWS/DynamoDB";
const WRITES: [&str; 6] =
    ["PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem", "TransactWriteItems", "ExecuteStatement"];

/// A call and its answer; `error` is the code of one that failed.
pub(in crate::metrics) fn call(
    at: f64,
    operation: &str,
    request: &[u8],
    status: u16,
    error: Option<&str>,
    ms: f64,
) -> Vec<cloudwatch::Datapoint> {
    let mut points = Points::at(at);
    let request: Value = serde_json::from_slice(request).unwrap_or_default();
    let Some(table) = request.get("TableName").and_then(Value::as_str) else { return Vec::new() };
    let (by_table, by_operation) = ([("TableName", table)], [("TableName", table), ("Operation", operation)]);
    let write = WRITES.contains(&operation);
    let mut count = |name: &str, dimensions: &[(&str, &str)]| points.add(NAMESPACE, name, "Count", dimensions, 1.0);
    match (status, error) {
        (200..=299, _) => {}
        (_, Some("ProvisionedThroughputExceededException" | "ThrottlingException" | "RequestLimitExceeded")) => {
            count("ThrottledRequests", &by_operation);
            count(if write { "WriteThrottleEvents" } else { "ReadThrottleEvents" }, &by_table);
            return points.points;
        }
        (_, Some("ConditionalCheckFailedException")) => count("ConditionalCheckFailedRequests", &by_table),
        (500.., _) => {
            count("SystemErrors", &by_operation);
            return points.points;
        }
        _ => {
            count("UserErrors", &[]);
            return points.points;
        }
    }
    if status < 300 {
        points.add(NAMESPACE, "SuccessfulRequestLatency", "Milliseconds", &by_operation, ms);
    }
    // A condition that does not hold has cost a write all the same.
    if operation == "PutItem"
        && let Some(item) = request.get("Item").and_then(Value::as_object)
    {
        let bytes: usize = item.iter().map(|(name, value)| name.len() + size(value)).sum();
        let units = bytes.div_ceil(1024).max(1);
        #[expect(clippy::cast_precision_loss, reason = "an item has at most 400 kB")]
        points.add(NAMESPACE, "ConsumedWriteCapacityUnits", "Count", &by_table, units as f64);
    }
    points.points
}

/// Of an attribute's value by DynamoDB's rules: text by its bytes, a number by pairs of digits, 3 bytes for a container and 1 an element.
fn size(value: &Value) -> usize {
    let Some((kind, value)) = value.as_object().and_then(|object| object.iter().next()) else { return 0 };
    match (kind.as_str(), value) {
        ("S", Value::String(text)) => text.len(),
        ("N", Value::String(digits)) => {
            let significant = digits.chars().filter(char::is_ascii_digit).count();
            significant.div_ceil(2) + 1 + usize::from(digits.starts_with('-'))
        }
        ("B", Value::String(base64)) => base64.len() * 3 / 4,
        ("L", Value::Array(items)) => 3 + items.iter().map(|item| 1 + size(item)).sum::<usize>(),
        ("M", Value::Object(members)) => {
            3 + members.iter().map(|(name, member)| 1 + name.len() + size(member)).sum::<usize>()
        }
        ("SS" | "NS" | "BS", Value::Array(items)) => items.iter().filter_map(Value::as_str).map(str::len).sum(),
        _ => 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(status: u16, error: Option<&str>) -> Vec<String> {
        let item = serde_json::json!({"TableName": "t", "Item": {"orderId": {"S": "x".repeat(1100)}, "total": {"N": "19.99"}}});
        let points = call(0.0, "PutItem", item.to_string().as_bytes(), status, error, 5.0);
        points.iter().map(|point| format!("{}={}", point.key, point.sample.sum())).collect()
    }

    #[test]
    fn each_way_a_call_ends_has_its_own_metrics() {
        let units = "AWS/DynamoDB ConsumedWriteCapacityUnits {TableName=t}=2";
        assert_eq!(
            names(200, None),
            ["AWS/DynamoDB SuccessfulRequestLatency {Operation=PutItem, TableName=t}=5", units]
        );
        assert_eq!(
            names(400, Some("ConditionalCheckFailedException")),
            ["AWS/DynamoDB ConditionalCheckFailedRequests {TableName=t}=1", units]
        );
        assert_eq!(
            names(400, Some("ProvisionedThroughputExceededException")),
            [
                "AWS/DynamoDB ThrottledRequests {Operation=PutItem, TableName=t}=1",
                "AWS/DynamoDB WriteThrottleEvents {TableName=t}=1"
            ]
        );
        assert_eq!(names(400, Some("ValidationException")), ["AWS/DynamoDB UserErrors=1"]);
        assert_eq!(
            names(500, Some("InternalFailure")),
            ["AWS/DynamoDB SystemErrors {Operation=PutItem, TableName=t}=1"]
        );
    }
}
