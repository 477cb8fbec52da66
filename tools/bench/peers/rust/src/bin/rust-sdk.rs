//! The Lambda runtime and the SDK alone: sends the body on as it came, without a look at it.

use aws_config::BehaviorVersion;
use aws_smithy_http_client::{
    Builder,
    tls::{Provider, rustls_provider::CryptoMode},
};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
struct Request {
    body: String,
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let http = Builder::new().tls_provider(Provider::Rustls(CryptoMode::Ring)).build_https();
    let sdk = aws_config::defaults(BehaviorVersion::latest()).http_client(http).load().await;
    let (queue, url) = (&aws_sdk_sqs::Client::new(&sdk), &std::env::var("ORDERS_QUEUE_URL")?);
    lambda_runtime::run(service_fn(|event: LambdaEvent<Request>| async {
        queue.send_message().queue_url(url).message_body(event.payload.body).send().await?;
        Ok::<_, Error>(json!({"statusCode": 202, "body": "{\"message\":\"Order accepted for processing\"}"}))
    }))
    .await
}
