use aws_config::{BehaviorVersion, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};

use crate::{ConfigError, Env};

/// The SDK configuration of a function: time limits from its environment, region, credentials, endpoint and number of attempts
/// from AWS's own variables.
///
/// # Errors
/// When a time limit is missing or no number.
pub async fn sdk_config(env: &Env) -> Result<SdkConfig, ConfigError> {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(env.milliseconds("SDK_CONNECT_TIMEOUT_MS")?)
        .operation_attempt_timeout(env.milliseconds("SDK_ATTEMPT_TIMEOUT_MS")?)
        .operation_timeout(env.milliseconds("SDK_OPERATION_TIMEOUT_MS")?)
        .build();
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    Ok(aws_config::defaults(BehaviorVersion::latest()).timeout_config(timeouts).http_client(http).load().await)
}
