//! Wires the viewer to what it reads and hands it to the Lambda runtime.

use std::process::ExitCode;

use function_config::{Env, sdk_config};
use lambda_runtime::{Error, LambdaEvent, service_fn};
use serde_json::Value;
use viewer::{Aws, Viewer};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    function_config::exit_code(serve().await)
}

async fn serve() -> Result<(), Error> {
    let telemetry = telemetry::init(telemetry::Config::from_env()?)?;
    let env = Env::of_process();
    let sdk = sdk_config(&env, "monitoring").await?;
    let viewer = &Viewer::new(Aws::new(&sdk, &env)?, &env)?;

    let handler = service_fn(|event: LambdaEvent<Value>| async move {
        Ok::<_, Error>(viewer.handle(event.payload, &event.context.invoked_function_arn).await)
    });
    telemetry.run(handler).await
}
