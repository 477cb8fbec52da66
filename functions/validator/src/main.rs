//! Wires the validator to its queue and hands it to the Lambda runtime.

use aws_lambda_events::apigw::ApiGatewayProxyRequest;
use function_config::{Env, sdk_config};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use validator::{SqsQueue, Validator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().init();
    let env = Env::of_process();
    let sqs = aws_sdk_sqs::Client::new(&sdk_config(&env).await?);
    let queue = SqsQueue::new(sqs, env.text("ORDERS_QUEUE_URL")?);
    let validator = &Validator::new(queue, env.number("MAX_MESSAGE_BYTES")?, env.number("RETRY_AFTER_S")?);

    run(service_fn(|event: LambdaEvent<ApiGatewayProxyRequest>| async move {
        Ok::<_, Error>(validator.handle(event.payload).await)
    }))
    .await
}
