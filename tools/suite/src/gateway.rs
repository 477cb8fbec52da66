//! `terraform/gateway.json`: what the API answers where no function does.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Gateway {
    /// By API Gateway's response type, such as `THROTTLED`.
    pub responses: BTreeMap<String, GatewayAnswer>,
    /// To any method but POST.
    pub method_not_allowed: GatewayAnswer,
}

impl Gateway {
    /// Lets pages of those origins read the gateway's own answers; `terraform/api.tf` does the same, and says why so.
    pub(crate) fn allow_origins(&mut self, origins: &[String]) {
        let origin = match origins {
            [] => return,
            [origin] => origin,
            _ => "*",
        };
        for answer in self.responses.values_mut().chain([&mut self.method_not_allowed]) {
            answer.headers.insert("Access-Control-Allow-Origin".into(), origin.to_owned());
            answer.headers.insert("Access-Control-Expose-Headers".into(), "Retry-After, X-Amzn-Trace-Id".into());
        }
    }
}

/// One answer.
#[derive(Debug, Clone, Deserialize)]
pub struct GatewayAnswer {
    /// API Gateway's own, if there is none here.
    pub status: Option<u16>,
    /// The body's `message`.
    pub message: String,
    /// Further headers.
    #[serde(default)]
    pub headers: BTreeMap<String, String>,
}

impl GatewayAnswer {
    /// The body's template. A message that is nothing but `$context.error.messageString` stays unquoted: API Gateway fills it
    /// in with its quotes.
    #[must_use]
    pub fn template(&self) -> String {
        const MESSAGE_STRING: &str = "$context.error.messageString";
        let body = serde_json::json!({"message": self.message}).to_string();
        body.replace(&format!("\"{MESSAGE_STRING}\""), MESSAGE_STRING)
    }
}
