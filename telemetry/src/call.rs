use std::sync::Arc;

use crate::field::Id;

/// The AWS service a step calls, as X-Ray draws it: its own node, with the operation and the resource.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsCall {
    pub(crate) service: &'static str,
    pub(crate) operation: &'static str,
    pub(crate) resource: Option<Resource>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Resource {
    Queue(Arc<str>),
    Table(Arc<str>),
}

impl AwsCall {
    /// A call of SQS, such as `AwsCall::sqs("SendMessage", &config.queue_url)`.
    ///
    /// Take the `Arc<str>` from the configuration, made once: the URL is not copied per call.
    #[must_use]
    pub fn sqs(operation: &'static str, queue_url: &Arc<str>) -> Self {
        Self { service: "SQS", operation, resource: Some(Resource::Queue(Arc::clone(queue_url))) }
    }

    /// A call of DynamoDB, such as `AwsCall::dynamodb("PutItem", &config.table_name)`.
    #[must_use]
    pub fn dynamodb(operation: &'static str, table_name: &Arc<str>) -> Self {
        Self { service: "DynamoDB", operation, resource: Some(Resource::Table(Arc::clone(table_name))) }
    }

    /// A call of any other service, by the name X-Ray uses for it (`S3`, `SNS`).
    #[must_use]
    pub fn new(service: &'static str, operation: &'static str) -> Self {
        Self { service, operation, resource: None }
    }
}

/// What AWS answered to the running step's call.
#[derive(Debug, Clone, Copy, Default)]
pub struct AwsResponse {
    /// The id AWS support asks for.
    pub request_id: Option<Id>,
    /// Attempts after the first.
    pub retries: Option<u64>,
    /// The HTTP status.
    pub status: Option<u16>,
}
