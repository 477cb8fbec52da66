//! Wires the processor to its table and queues and hands it to the Lambda runtime.

use aws_lambda_events::sqs::SqsEvent;
use function_config::{Env, sdk_config};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use processor::{DynamoTable, Processor, SqsQueues};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    tracing_subscriber::fmt().json().init();
    let env = Env::of_process();
    let sdk = sdk_config(&env).await?;
    let table = DynamoTable::new(aws_sdk_dynamodb::Client::new(&sdk), env.text("ORDERS_TABLE_NAME")?);
    let queues =
        SqsQueues::new(aws_sdk_sqs::Client::new(&sdk), env.text("ORDERS_QUEUE_URL")?, env.text("ORDERS_DLQ_URL")?);
    let processor = &Processor::new(table, queues, &env)?;

    run(service_fn(|event: LambdaEvent<SqsEvent>| async move { Ok::<_, Error>(processor.handle(event.payload).await) }))
        .await
}
