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
