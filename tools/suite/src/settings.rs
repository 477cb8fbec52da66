//! `terraform/settings.json`: timeouts, sizes and counts, the same in every environment.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All of it.
#[derive(Debug, Clone, Deserialize)]
pub struct Settings {
    /// Of the REST API.
    pub api: ApiSettings,
    /// Of each function, by its short name.
    pub functions: BTreeMap<String, FunctionSettings>,
    /// Of the dashboard's custom widgets.
    pub viewer: ViewerSettings,
    /// Of the queue between the functions.
    pub queue: QueueSettings,
    /// Of the dead-letter queue.
    pub dead_letter_queue: DeadLetterQueueSettings,
    /// Of what feeds the processor.
    pub event_source: EventSourceSettings,
    /// Of X-Ray's sampling rule.
    pub tracing: TracingSettings,
}

/// Of the REST API.
#[derive(Debug, Clone, Deserialize)]
pub struct ApiSettings {
    /// Requests a second, steady.
    pub throttling_rate_per_s: u64,
    /// Requests at once.
    pub throttling_burst: u64,
    /// How long the API waits for the validator.
    pub integration_timeout_ms: i32,
    /// Origins whose pages may send orders.
    pub cors_allow_origins: Vec<String>,
}

/// Of one function.
#[derive(Debug, Clone, Deserialize)]
pub struct FunctionSettings {
    /// Memory, and with it CPU.
    pub memory_mb: i32,
    /// Of one invocation.
    pub timeout_s: i32,
    /// Of its log group.
    pub log_retention_days: i32,
    /// Its environment, besides names and URLs.
    pub environment: BTreeMap<String, String>,
}

/// Of the dashboard's custom widgets; Terraform's variables go before it.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct ViewerSettings {
    /// Whether there are any, and the function that answers them.
    pub enabled: bool,
    /// Whether dead letters may be sent back from them.
    pub actions: bool,
}

/// Of the queue between the functions.
#[derive(Debug, Clone, Deserialize)]
pub struct QueueSettings {
    /// How long a received message is hidden.
    pub visibility_timeout_s: i32,
    /// How long a message is kept.
    pub retention_s: u64,
    /// After so many receives SQS moves a message to the dead-letter queue.
    pub max_receive_count: u32,
    /// The largest message.
    pub max_message_bytes: u64,
    /// Long polling.
    pub receive_wait_s: u32,
}

/// Of the dead-letter queue.
#[derive(Debug, Clone, Deserialize)]
pub struct DeadLetterQueueSettings {
    /// How long a received message is hidden.
    pub visibility_timeout_s: i32,
    /// How long a message is kept.
    pub retention_s: u64,
    /// The largest message.
    pub max_message_bytes: u64,
}

/// Of what feeds the processor.
#[derive(Debug, Clone, Deserialize)]
pub struct EventSourceSettings {
    /// Messages an invocation.
    pub batch_size: i32,
    /// How long Lambda waits for a batch to fill.
    pub batching_window_s: i32,
    /// Invocations at once.
    pub maximum_concurrency: i32,
}

/// Of X-Ray's sampling rule.
#[derive(Debug, Clone, Deserialize)]
pub struct TracingSettings {
    /// The share of requests that are traced beyond the reservoir.
    pub sampling_fixed_rate: f64,
    /// Requests traced each second before the rate counts.
    pub sampling_reservoir_per_s: i32,
}
