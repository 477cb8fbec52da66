//! What is deployed, asked of CloudWatch through the AWS SDK: every page of DescribeAlarms, and the mute rules.

mod form;

use std::{error::Error, time::Duration};

use aws_config::{BehaviorVersion, timeout::TimeoutConfig};
use aws_sdk_cloudwatch::{
    Client,
    error::{ProvideErrorMetadata, SdkError},
    types::AlarmType,
};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use serde_json::Value;

/// A network that swallows packets must not look like a tool that thinks.
const ANSWER_WITHIN: Duration = Duration::from_secs(15);
/// CloudWatch's own limit.
const PAGE: i32 = 100;

/// Why CloudWatch could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    /// Nothing says where.
    #[error("no region is set: export AWS_REGION=..., or AWS_PROFILE=... of a profile that has one")]
    NoRegion,
    /// It didn't answer, or refused.
    #[error("CloudWatch can't be asked for its alarms (`aws sts get-caller-identity` says who you are): {0}")]
    Refused(String),
    /// The machine has no more threads or files to give.
    #[error("no runtime for the AWS SDK: {0}")]
    Runtime(#[from] std::io::Error),
}

/// What CloudWatch told.
#[derive(Clone, Debug)]
pub struct Deployed {
    /// In the form of `aws cloudwatch describe-alarms`, with `AlarmMuteRules` beside.
    pub alarms: Value,
    /// What could not be read, and what follows from that.
    pub notes: Vec<String>,
}

/// Asks for every alarm of the account and region that the environment names, as any AWS SDK and the `aws` CLI understand it
/// (`AWS_PROFILE`, `AWS_REGION`, `AWS_ENDPOINT_URL` and the like).
///
/// # Errors
/// When no region is set, or CloudWatch does not answer or refuses.
pub fn ask() -> Result<Deployed, LiveError> {
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(async { all(&client().await?).await })
}

async fn client() -> Result<Client, LiveError> {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(ANSWER_WITHIN)
        .operation_timeout(ANSWER_WITHIN * 3)
        .build();
    let config =
        aws_config::defaults(BehaviorVersion::latest()).http_client(http).timeout_config(timeouts).load().await;
    match config.region() {
        Some(_) => Ok(Client::new(&config)),
        None => Err(LiveError::NoRegion),
    }
}

async fn all(client: &Client) -> Result<Deployed, LiveError> {
    let mut answer = form::Answer::default();
    // Without its types CloudWatch tells metric alarms alone.
    let types = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm, AlarmType::LogAlarm];
    let call = client.describe_alarms().set_alarm_types(Some(types.to_vec())).max_records(PAGE);
    let mut pages = call.into_paginator().send();
    while let Some(page) = pages.next().await {
        answer.add(&page.map_err(|error| LiveError::Refused(words(&error)))?);
    }
    // Another permission, and younger than most policies.
    let notes = match mute_rules(client, &mut answer).await {
        Ok(()) => Vec::new(),
        Err(reason) => vec![format!("mute rules can't be read, so actions run as if there were none: {reason}")],
    };
    Ok(Deployed { alarms: answer.into_json(), notes })
}

async fn mute_rules(client: &Client, answer: &mut form::Answer) -> Result<(), String> {
    let mut pages = client.list_alarm_mute_rules().max_records(PAGE).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| words(&error))?;
        for summary in page.alarm_mute_rule_summaries() {
            // arn:aws:cloudwatch:REGION:ACCOUNT:alarm-mute-rule:NAME
            let Some(name) = summary.alarm_mute_rule_arn().and_then(|arn| arn.splitn(7, ':').nth(6)) else { continue };
            let rule = client.get_alarm_mute_rule().alarm_mute_rule_name(name).send().await;
            answer.add_mute_rule(&rule.map_err(|error| words(&error))?);
        }
    }
    Ok(())
}

/// What a service answered; of a call that never came to an answer, every cause.
fn words<E: ProvideErrorMetadata + Error + 'static, R: std::fmt::Debug + 'static>(error: &SdkError<E, R>) -> String {
    if let (Some(code), Some(message)) = (error.code(), error.message()) {
        return format!("{code}: {message}");
    }
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(&format!(": {inner}"));
        cause = inner.source();
    }
    text
}
