//! Clients of the stack's services, and what any other AWS client needs to find them.

use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig, timeout::TimeoutConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;

use crate::{credentials::Credentials, stack::StackFile};

/// No call of a command's takes longer, retries included.
const CALL_WITHIN: Duration = Duration::from_secs(60);

/// The services, as one account sees them.
#[derive(Debug)]
pub(crate) struct Clients {
    pub(crate) apigateway: aws_sdk_apigateway::Client,
    pub(crate) cloudwatch: aws_sdk_cloudwatch::Client,
    pub(crate) dynamodb: aws_sdk_dynamodb::Client,
    pub(crate) iam: aws_sdk_iam::Client,
    pub(crate) lambda: aws_sdk_lambda::Client,
    pub(crate) logs: aws_sdk_cloudwatchlogs::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) xray: aws_sdk_xray::Client,
}

/// What any AWS client needs to find the stack.
pub(crate) fn environment(stack: &StackFile) -> [(&'static str, String); 7] {
    [
        ("AWS_ENDPOINT_URL", stack.endpoint()),
        ("AWS_ENDPOINT_URL_XRAY", stack.endpoint()),
        // Segments by UDP; by TCP the X-Ray SDKs ask for sampling rules.
        ("AWS_XRAY_DAEMON_ADDRESS", format!("tcp:127.0.0.1:{} udp:{}", stack.port, stack.xray_daemon)),
        ("AWS_REGION", stack.region.clone()),
        ("AWS_DEFAULT_REGION", stack.region.clone()),
        ("AWS_ACCESS_KEY_ID", stack.credentials.access_key.clone()),
        ("AWS_SECRET_ACCESS_KEY", stack.credentials.secret_key.clone()),
    ]
}

impl Clients {
    /// Of a running stack.
    pub(crate) async fn of(stack: &StackFile) -> Self {
        let http = aws_smithy_http_client::Builder::new().build_http();
        Self::new(&stack.endpoint(), &stack.region, &stack.credentials, http).await
    }

    pub(crate) async fn new(endpoint: &str, region: &str, credentials: &Credentials, http: SharedHttpClient) -> Self {
        let config = sdk_config(endpoint, region, credentials, http).await;
        Self {
            apigateway: aws_sdk_apigateway::Client::new(&config),
            cloudwatch: aws_sdk_cloudwatch::Client::new(&config),
            dynamodb: aws_sdk_dynamodb::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            sns: aws_sdk_sns::Client::new(&config),
            sqs: aws_sdk_sqs::Client::new(&config),
            xray: aws_sdk_xray::Client::new(&config),
        }
    }
}

async fn sdk_config(endpoint: &str, region: &str, credentials: &Credentials, http: SharedHttpClient) -> SdkConfig {
    let Credentials { access_key, secret_key } = credentials;
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(region.to_owned()))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new(access_key, secret_key, None, None, "local"))
        .http_client(http)
        .timeout_config(TimeoutConfig::builder().operation_timeout(CALL_WITHIN).build())
        .load()
        .await
}
