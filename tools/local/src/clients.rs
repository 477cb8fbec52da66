//! Clients of the stack's services, and what any other AWS client needs to find them.

use aws_config::{BehaviorVersion, Region, SdkConfig};

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

/// The emulator's administrator: any other key has the rights that IAM gives it.
const ACCESS_KEY: &str = "test";
const SECRET_KEY: &str = "test";

/// What any AWS client needs to find the stack.
pub(crate) fn environment(
    endpoint: &str,
    region: &str,
    xray_daemon: std::net::SocketAddr,
) -> [(&'static str, String); 7] {
    [
        ("AWS_ENDPOINT_URL", endpoint.to_owned()),
        ("AWS_ENDPOINT_URL_XRAY", endpoint.to_owned()),
        ("AWS_XRAY_DAEMON_ADDRESS", xray_daemon.to_string()),
        ("AWS_REGION", region.to_owned()),
        ("AWS_DEFAULT_REGION", region.to_owned()),
        ("AWS_ACCESS_KEY_ID", ACCESS_KEY.to_owned()),
        ("AWS_SECRET_ACCESS_KEY", SECRET_KEY.to_owned()),
    ]
}

impl Clients {
    pub(crate) async fn new(endpoint: &str, region: &str) -> Self {
        let config = sdk_config(endpoint, region).await;
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

async fn sdk_config(endpoint: &str, region: &str) -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .endpoint_url(endpoint)
        .region(Region::new(region.to_owned()))
        .credentials_provider(aws_sdk_sqs::config::Credentials::new(ACCESS_KEY, SECRET_KEY, None, None, "local"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .load()
        .await
}
