//! What the viewer reads, and AWS behind it.

mod alarms;
mod dead_letters;
mod error;
mod lines;
mod traces;

pub use alarms::{Alarm, Alarms};
use aws_config::SdkConfig;
pub use dead_letters::{DeadLetters, Waiting};
pub use error::AwsError;
use function_config::{ConfigError, Env, TellStep};
pub use lines::Lines;
pub use traces::Traces;

/// AWS, by the function's own role.
#[derive(Debug, Clone)]
pub struct Aws {
    xray: aws_sdk_xray::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    cloudwatch: aws_sdk_cloudwatch::Client,
    sqs: aws_sdk_sqs::Client,
    log_groups: Vec<String>,
    dead_letters: std::sync::Arc<str>,
    orders: std::sync::Arc<str>,
}

impl Aws {
    /// With `LOG_GROUP_NAMES`, `ORDERS_DLQ_URL` and `ORDERS_QUEUE_URL` of the environment.
    ///
    /// # Errors
    /// When one of them is missing.
    pub fn new(sdk: &SdkConfig, env: &Env) -> Result<Self, ConfigError> {
        env.text("LOG_GROUP_NAMES")?;
        Ok(Self {
            xray: aws_sdk_xray::Client::from_conf(
                aws_sdk_xray::config::Builder::from(sdk).interceptor(TellStep).build(),
            ),
            logs: aws_sdk_cloudwatchlogs::Client::from_conf(
                aws_sdk_cloudwatchlogs::config::Builder::from(sdk).interceptor(TellStep).build(),
            ),
            cloudwatch: aws_sdk_cloudwatch::Client::from_conf(
                aws_sdk_cloudwatch::config::Builder::from(sdk).interceptor(TellStep).build(),
            ),
            sqs: aws_sdk_sqs::Client::from_conf(aws_sdk_sqs::config::Builder::from(sdk).interceptor(TellStep).build()),
            log_groups: env.list("LOG_GROUP_NAMES").into_iter().map(str::to_owned).collect(),
            dead_letters: env.text("ORDERS_DLQ_URL")?.into(),
            orders: env.text("ORDERS_QUEUE_URL")?.into(),
        })
    }
}
