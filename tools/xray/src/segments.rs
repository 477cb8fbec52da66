//! The segments that AWS itself would write: API Gateway's stage, the Lambda service, the Lambda function.
//!
//! Off AWS nobody writes them, so the host of the service does, from what it saw. Each is marked as such:
//! `metadata.local.writtenBy = "local-stack"`. The documents have AWS's shape, so nothing downstream can tell a trace of
//! the local stack from one of AWS by its structure.

use serde_json::{Map, Value, json};

/// An HTTP exchange, as the `http` block tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Http {
    /// Request method.
    pub method: Option<String>,
    /// Full URL.
    pub url: Option<String>,
    /// `User-Agent`.
    pub user_agent: Option<String>,
    /// Address of the client.
    pub client_ip: Option<String>,
    /// Response status; it also decides fault, error and throttle.
    pub status: Option<u16>,
    /// Length of the response body.
    pub content_length: Option<u64>,
}

/// A document under construction; send [`ServiceSegment::document`] to [`crate::Store::put`].
#[derive(Debug, Clone)]
pub struct ServiceSegment {
    body: Map<String, Value>,
}

/// API Gateway's segment of a request to a stage: origin `AWS::ApiGateway::Stage`, named `<api>/<stage>`.
pub fn api_gateway_stage(api: &str, stage: &str, trace_id: &str, id: &str, start: f64) -> ServiceSegment {
    let name = format!("{api}/{stage}");
    let aws = json!({"api_gateway": {"stage": stage}, "resource_names": [name]});
    ServiceSegment::new(&name, trace_id, id, start, "AWS::ApiGateway::Stage", aws)
}

/// The Lambda service's segment of an invocation: origin `AWS::Lambda`. Its parent is the caller's subsegment.
pub fn lambda_service(function: &str, trace_id: &str, id: &str, start: f64) -> ServiceSegment {
    let aws = json!({"resource_names": [function]});
    ServiceSegment::new(function, trace_id, id, start, "AWS::Lambda", aws)
}

/// The function's segment: origin `AWS::Lambda::Function`. Its parent is the service's segment, its id the `Parent`
/// of the trace header that the function gets: the function's own subsegments hang on it.
pub fn lambda_function(function: &str, trace_id: &str, id: &str, start: f64) -> ServiceSegment {
    let aws = json!({"resource_names": [function]});
    ServiceSegment::new(function, trace_id, id, start, "AWS::Lambda::Function", aws)
}

impl ServiceSegment {
    fn new(name: &str, trace_id: &str, id: &str, start: f64, origin: &str, aws: Value) -> Self {
        let mut body = Map::new();
        body.insert("name".to_owned(), json!(name));
        body.insert("trace_id".to_owned(), json!(trace_id));
        body.insert("id".to_owned(), json!(id));
        body.insert("start_time".to_owned(), json!(start));
        body.insert("in_progress".to_owned(), json!(true));
        body.insert("origin".to_owned(), json!(origin));
        body.insert("aws".to_owned(), aws);
        body.insert("metadata".to_owned(), local_metadata());
        Self { body }
    }

    /// The span that called.
    #[must_use]
    pub fn parent(self, parent_id: &str) -> Self {
        self.field("parent_id", json!(parent_id))
    }

    /// It ended; without this the document says `in_progress`, and a later one with the same id completes it.
    #[must_use]
    pub fn end(mut self, end: f64) -> Self {
        self.body.remove("in_progress");
        self.field("end_time", json!(end))
    }

    /// The exchange, and what its status means: 429 throttle and error, other 4xx error, 5xx fault.
    #[must_use]
    pub fn http(mut self, http: &Http) -> Self {
        if let Some(status) = http.status {
            self = match status {
                429 => self.throttle().error(),
                400..=499 => self.error(),
                500.. => self.fault(),
                _ => self,
            };
        }
        self.field("http", http.block())
    }

    /// The server failed.
    #[must_use]
    pub fn fault(self) -> Self {
        self.field("fault", json!(true))
    }

    /// The request was wrong.
    #[must_use]
    pub fn error(self) -> Self {
        self.field("error", json!(true))
    }

    /// The request was throttled.
    #[must_use]
    pub fn throttle(self) -> Self {
        self.field("throttle", json!(true))
    }

    /// Why it failed: an exception's type and message.
    #[must_use]
    pub fn cause(self, kind: &str, message: &str) -> Self {
        let cause = json!({"exceptions": [{"type": kind, "message": message}]});
        self.field("cause", cause)
    }

    /// A field of the `aws` block, for example `request_id`, `function_arn`, `account_id`.
    #[must_use]
    pub fn aws(mut self, field: &str, value: impl Into<Value>) -> Self {
        if let Some(Value::Object(aws)) = self.body.get_mut("aws") {
            aws.insert(field.to_owned(), value.into());
        }
        self
    }

    /// The ARN of the resource it stands for.
    #[must_use]
    pub fn resource_arn(self, arn: &str) -> Self {
        self.field("resource_arn", json!(arn))
    }

    /// A call that it made: API Gateway's of Lambda, for one. Its id is the `parent` of the callee's segment; `aws` has
    /// the `operation` and what it was called on.
    #[must_use]
    pub fn call(self, id: &str, name: &str, aws: Value, start: f64, end: f64, http: &Http) -> Self {
        let mut call = Self { body: Map::new() }
            .field("id", json!(id))
            .field("name", json!(name))
            .field("start_time", json!(start))
            .field("namespace", json!("aws"))
            .field("aws", aws)
            .end(end);
        call = call.http(http);
        self.subsegment(call)
    }

    /// A phase of a function: `Initialization`, `Invocation` or `Overhead`.
    #[must_use]
    pub fn phase(self, id: &str, name: &str, start: f64, end: f64) -> Self {
        let phase = Self { body: Map::new() }
            .field("id", json!(id))
            .field("name", json!(name))
            .field("start_time", json!(start))
            .end(end);
        self.subsegment(phase)
    }

    /// The document, ready to be stored.
    pub fn document(&self) -> String {
        Value::Object(self.body.clone()).to_string()
    }

    fn field(mut self, name: &str, value: Value) -> Self {
        self.body.insert(name.to_owned(), value);
        self
    }

    fn subsegment(mut self, mut subsegment: Self) -> Self {
        subsegment.body.insert("metadata".to_owned(), local_metadata());
        let list = self.body.entry("subsegments").or_insert_with(|| Value::Array(Vec::new()));
        if let Value::Array(list) = list {
            list.push(Value::Object(subsegment.body));
        }
        self
    }
}

impl Http {
    fn block(&self) -> Value {
        let mut request = Map::new();
        let mut response = Map::new();
        for (field, value) in [
            ("method", &self.method),
            ("url", &self.url),
            ("user_agent", &self.user_agent),
            ("client_ip", &self.client_ip),
        ] {
            if let Some(value) = value {
                request.insert(field.to_owned(), json!(value));
            }
        }
        if let Some(status) = self.status {
            response.insert("status".to_owned(), json!(status));
        }
        if let Some(length) = self.content_length {
            response.insert("content_length".to_owned(), json!(length));
        }
        let mut block = Map::new();
        for (field, value) in [("request", request), ("response", response)] {
            if !value.is_empty() {
                block.insert(field.to_owned(), Value::Object(value));
            }
        }
        Value::Object(block)
    }
}

fn local_metadata() -> Value {
    json!({"local": {"writtenBy": "local-stack"}})
}

#[cfg(test)]
mod tests;
