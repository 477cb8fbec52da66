use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_runtime_api::{
    box_error::BoxError,
    client::{
        http::{SharedHttpConnector, http_client_fn},
        interceptors::{Intercept, context::FinalizerInterceptorContextRef, dyn_dispatch_hint},
        retries::RequestAttempts,
        runtime_components::RuntimeComponents,
    },
};
use aws_smithy_types::config_bag::ConfigBag;
use telemetry::{
    Id,
    step::{self, AwsResponse},
};

use crate::{
    connector::AwsConnector,
    env::{ConfigError, Env},
    pulse,
};

/// The SDK configuration of a function: time limits from its environment, region, credentials, endpoint and number of attempts
/// from AWS's own variables. A connection to `first_service` (as in its host name: `sqs`, `dynamodb`) is being opened when it returns,
/// for the first call to find.
///
/// # Errors
/// When a time limit is missing or no number.
pub async fn sdk_config(env: &Env, first_service: &str) -> Result<SdkConfig, ConfigError> {
    let connect_timeout = env.milliseconds("SDK_CONNECT_TIMEOUT_MS")?;
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(connect_timeout)
        .operation_attempt_timeout(env.milliseconds("SDK_ATTEMPT_TIMEOUT_MS")?)
        .operation_timeout(env.milliseconds("SDK_OPERATION_TIMEOUT_MS")?)
        .build();
    let connector = AwsConnector::new(connect_timeout);
    let shared = SharedHttpConnector::new(connector.clone());
    let http = http_client_fn(move |_, _| shared.clone());
    let sdk = aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).http_client(http).load().await;
    if let Some(endpoint) = endpoint(&sdk, env, first_service) {
        connector.open(&endpoint);
    }
    pulse::start();
    Ok(sdk)
}

/// Where the first call will go. A guess that is wrong costs a connection that nobody uses.
fn endpoint(sdk: &SdkConfig, env: &Env, service: &str) -> Option<String> {
    // A service's own comes before the one of all; the SDK tells only its clients of it.
    let own = env.text(&format!("AWS_ENDPOINT_URL_{}", service.to_uppercase())).ok();
    if let Some(url) = own.or(sdk.endpoint_url()) {
        return Some(url.to_owned());
    }
    let region = sdk.region()?.as_ref();
    let suffix = if region.starts_with("cn-") { "amazonaws.com.cn" } else { "amazonaws.com" };
    Some(format!("https://{service}.{region}.{suffix}/"))
}

/// Whether an attempt of one call may have reached AWS without an answer that says what became of it: give it to that call.
#[derive(Debug, Clone, Default)]
pub struct Unanswered(Arc<AtomicBool>);

impl Unanswered {
    /// Asked after the call.
    #[must_use]
    pub fn any(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

#[dyn_dispatch_hint]
impl Intercept for Unanswered {
    fn name(&self) -> &'static str {
        "Unanswered"
    }

    fn read_after_attempt(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if context.response().is_none_or(|response| response.status().as_u16() >= 500) {
            self.0.store(true, Ordering::Relaxed);
        }
        Ok(())
    }
}

/// Tells the running step what AWS answered: give it to each client's configuration.
#[derive(Debug, Clone, Copy, Default)]
pub struct TellStep;

#[dyn_dispatch_hint]
impl Intercept for TellStep {
    fn name(&self) -> &'static str {
        "TellStep"
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let response = context.response();
        step::aws_response(AwsResponse {
            request_id: response
                .and_then(|response| response.headers().get("x-amzn-requestid"))
                .and_then(|id| Id::new(id).ok()),
            retries: config.load::<RequestAttempts>().map(|attempts| u64::from(attempts.attempts().saturating_sub(1))),
            status: response.map(|response| response.status().as_u16()),
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use aws_config::Region;

    use super::*;

    #[test]
    fn the_first_connection_goes_where_the_first_call_will() {
        let sdk = |url: Option<&str>, region: &'static str| {
            let mut sdk = SdkConfig::builder().behavior_version(BehaviorVersion::latest()).region(Region::new(region));
            sdk.set_endpoint_url(url.map(str::to_owned));
            sdk.build()
        };
        let (none, own) = (Env::default(), Env::from([("AWS_ENDPOINT_URL_SQS", "https://vpce-1.sqs")]));
        let all = Some("http://127.0.0.1:4566");
        assert_eq!(endpoint(&sdk(all, "eu-west-1"), &own, "sqs").as_deref(), Some("https://vpce-1.sqs"));
        assert_eq!(endpoint(&sdk(all, "eu-west-1"), &own, "dynamodb").as_deref(), all);
        let aws = |region| endpoint(&sdk(None, region), &none, "sqs");
        assert_eq!(aws("eu-west-1").as_deref(), Some("https://sqs.eu-west-1.amazonaws.com/"));
        assert_eq!(aws("cn-north-1").as_deref(), Some("https://sqs.cn-north-1.amazonaws.com.cn/"));
    }
}
