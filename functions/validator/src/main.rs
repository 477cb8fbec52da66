//! Wires the validator to its queue and hands it to the Lambda runtime.

use std::process::ExitCode;

use function_config::{Env, sdk_config};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use validator::{DynamoClaims, Request, SqsQueue, Validator};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    function_config::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let telemetry = telemetry::init(telemetry::Config::from_env()?.correlation_key("orderId"))?;
    let env = Env::of_process();
    let sdk = sdk_config(&env, "sqs").await?;
    let queue_url = env.text("ORDERS_QUEUE_URL")?;
    let queue = SqsQueue::new(&sdk, queue_url);
    let validator = &Validator::new(queue, DynamoClaims::of(&sdk, &env)?, &env)?;

    let handler =
        service_fn(|event: LambdaEvent<Request>| async move { Ok::<_, Error>(validator.handle(event.payload).await) });
    SqsQueue::rehearse(&sdk, queue_url).await;
    telemetry.run(handler).await
}
