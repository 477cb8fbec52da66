//! Wires the processor to its table and queues and hands it to the Lambda runtime.

use std::process::ExitCode;

use aws_lambda_events::sqs::SqsEvent;
use function_config::{Env, sdk_config};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use processor::{DynamoTable, Processor, SqsQueues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    function_config::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let telemetry = telemetry::init(telemetry::Config::from_env()?.correlation_key("orderId"))?;
    let env = Env::of_process();
    let sdk = sdk_config(&env, "dynamodb").await?;
    let table_name = env.text("ORDERS_TABLE_NAME")?;
    let table = DynamoTable::new(&sdk, table_name);
    let queues = SqsQueues::new(&sdk, env.text("ORDERS_QUEUE_URL")?, env.text("ORDERS_DLQ_URL")?);
    let processor = &Processor::new(table, queues, &env)?;

    let handler =
        service_fn(|event: LambdaEvent<SqsEvent>| async move { Ok::<_, Error>(processor.handle(event.payload).await) });
    DynamoTable::rehearse(&sdk, table_name).await;
    telemetry.run(handler).await
}
