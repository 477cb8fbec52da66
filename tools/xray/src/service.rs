//! Which service a segment stands for: a node of the service map.

use serde::Serialize;

use crate::document::Span;

/// X-Ray's `ServiceId`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct ServiceId {
    /// Canonical name.
    pub name: String,
    /// All names, the canonical one among them.
    pub names: Vec<String>,
    /// The account, where the segment tells it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_id: Option<String>,
    /// Resource type, for example `AWS::Lambda::Function`; `remote` for a callee of unknown type.
    #[serde(rename = "Type", skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
}

impl ServiceId {
    pub(crate) fn of(span: &Span, inferred: bool) -> Self {
        let name = inferred.then(|| resource(span)).flatten().unwrap_or(&span.name).to_owned();
        let kind = match span.text(&["origin"]) {
            Some(origin) => Some(origin.to_owned()),
            None => inferred.then(|| "remote".to_owned()),
        };
        Self { names: vec![name.clone()], name, account_id: span.text(&["aws", "account_id"]).map(str::to_owned), kind }
    }
}

/// The resource an AWS call was made on.
fn resource(span: &Span) -> Option<&str> {
    ["table_name", "queue_url", "topic_arn", "bucket_name", "function_name"]
        .iter()
        .find_map(|field| span.text(&["aws", field]))
        .or_else(|| span.at(&["aws", "resource_names"])?.get(0)?.as_str())
}

/// The type of an inferred segment; none where nothing tells it.
pub(crate) fn inferred_origin(call: &Span) -> Option<String> {
    if call.at(&["sql"]).is_some() {
        return Some("Database::SQL".to_owned());
    }
    if call.namespace() != Some("aws") {
        return None;
    }
    let has = |field| call.text(&["aws", field]).is_some();
    // SDKs spell a service's name in many ways; the resource it was called with is certain.
    if has("table_name") {
        return Some("AWS::DynamoDB::Table".to_owned());
    }
    if has("queue_url") {
        return Some("AWS::SQS::Queue".to_owned());
    }
    if has("bucket_name") {
        return Some("AWS::S3::Bucket".to_owned());
    }
    if has("topic_arn") {
        return Some("AWS::SNS".to_owned());
    }
    let name = call.name.to_ascii_lowercase();
    let service = match name.as_str() {
        "dynamodb" => "DynamoDB",
        "sqs" | "amazonsqs" => "SQS",
        "sns" | "amazonsns" => "SNS",
        "s3" | "amazons3" => "S3",
        "lambda" | "awslambda" => "Lambda",
        _ => &call.name,
    };
    Some(format!("AWS::{service}"))
}
