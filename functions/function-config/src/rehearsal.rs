//! A call's one-time work, done before there is an order that would wait for it.

use aws_config::{SdkConfig, retry::RetryConfig};
use aws_smithy_runtime_api::{
    client::{
        http::{HttpConnector, HttpConnectorFuture, SharedHttpConnector, http_client_fn},
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
    },
    http::StatusCode,
};
use aws_smithy_types::body::SdkBody;

/// The same configuration with nobody at the other end: a call is made, signed and answered inside the process, and reaches no network.
///
/// A first call does work that no other does again (endpoint rules, the user agent, pages of the program that nobody has touched yet).
/// While a function starts it has a whole core for that, with an order of its own only the share that its memory buys.
#[must_use]
pub fn rehearsing(sdk: &SdkConfig) -> SdkConfig {
    let nobody = SharedHttpConnector::new(Nobody);
    sdk.clone()
        .into_builder()
        .http_client(http_client_fn(move |_, _| nobody.clone()))
        .retry_config(RetryConfig::disabled())
        .build()
}

/// Says yes to everything.
#[derive(Debug)]
struct Nobody;

impl HttpConnector for Nobody {
    fn call(&self, _request: HttpRequest) -> HttpConnectorFuture {
        let status = match StatusCode::try_from(200) {
            Ok(status) => status,
            Err(error) => return HttpConnectorFuture::ready(Err(ConnectorError::user(error.into()))),
        };
        let mut response = HttpResponse::new(status, SdkBody::from("{}"));
        response.headers_mut().insert("content-type", "application/x-amz-json-1.0");
        HttpConnectorFuture::ready(Ok(response))
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;

    use aws_config::{BehaviorVersion, Region};
    use aws_sdk_sqs::{Client, config::Credentials};

    use super::*;

    #[tokio::test]
    async fn a_rehearsed_call_comes_to_its_end_and_reaches_nobody() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let sdk = SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::from_static("us-east-1"))
            .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(Credentials::for_tests()))
            .endpoint_url(format!("http://{}", listener.local_addr().unwrap()))
            .build();
        let client = Client::new(&rehearsing(&sdk));
        client
            .send_message()
            .queue_url("https://sqs.us-east-1.amazonaws.com/1/q")
            .message_body("{}")
            .send()
            .await
            .unwrap();
        assert_eq!(listener.accept().unwrap_err().kind(), std::io::ErrorKind::WouldBlock);
    }
}
