//! The functions from their zips, the very ones that AWS gets, and what feeds the processor.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use aws_sdk_lambda::{
    primitives::Blob,
    types::{
        ApplicationLogLevel, Architecture, Environment, FunctionCode, FunctionResponseType, LogFormat, LoggingConfig,
        Runtime, ScalingConfig, SystemLogLevel, TracingConfig, TracingMode,
    },
};
use suite::{Names, ORDER_FUNCTIONS, Suite, VIEWER};

use super::{iam::Roles, queues::Queues};
use crate::clients::Clients;

#[derive(Debug)]
pub(super) struct Functions {
    pub(super) validator_arn: String,
}

pub(super) async fn create(
    suite: &Suite,
    names: &Names,
    dist: &Path,
    queues: &Queues,
    roles: &Roles,
    clients: &Clients,
) -> Result<Functions> {
    let mut arns = BTreeMap::new();
    for service in suite.functions() {
        let settings = suite.function(service)?;
        let role = roles.get(service).context("a function without a role")?;
        clients.logs.create_log_group().log_group_name(names.log_group(service)).send().await?;
        clients
            .logs
            .put_retention_policy()
            .log_group_name(names.log_group(service))
            .retention_in_days(settings.log_retention_days)
            .send()
            .await?;
        let function = clients
            .lambda
            .create_function()
            .function_name(names.function(service))
            .runtime(Runtime::Providedal2023)
            .handler("bootstrap")
            .role(role)
            .architectures(architecture())
            .code(FunctionCode::builder().zip_file(Blob::new(package(dist, service)?)).build())
            .memory_size(settings.memory_mb)
            .timeout(settings.timeout_s)
            .logging_config(logging(names, service))
            .tracing_config(TracingConfig::builder().mode(TracingMode::Active).build())
            .environment(
                Environment::builder().set_variables(Some(environment(suite, names, queues, service)?)).build(),
            )
            .send()
            .await?;
        arns.insert(service, function.function_arn.context("a function without an ARN")?);
    }
    feed_processor(suite, names, clients).await?;
    Ok(Functions { validator_arn: arns.remove("validator").context("no validator")? })
}

/// What a function gets besides its own `environment` of settings.json; `terraform/functions.tf` gives the same.
fn environment(suite: &Suite, names: &Names, queues: &Queues, service: &str) -> Result<HashMap<String, String>> {
    let mut environment: HashMap<_, _> = suite.function(service)?.environment.clone().into_iter().collect();
    let mut set = |name: &str, value: String| environment.insert(name.to_owned(), value);
    set("PROJECT_NAME", names.project().to_owned());
    set("ENVIRONMENT", names.environment().to_owned());
    set("SERVICE_NAME", service.to_owned());
    set("LOG_LEVEL", "info".to_owned());
    set("ORDERS_QUEUE_URL", queues.queue_url.clone());
    match service {
        "validator" => {
            set("MAX_MESSAGE_BYTES", suite.settings.queue.max_message_bytes.to_string());
            set("IDEMPOTENCY_TABLE_NAME", names.idempotency_table());
            set("CORS_ALLOW_ORIGINS", suite.settings.api.cors_allow_origins.join(","));
        }
        VIEWER => {
            set("ORDERS_DLQ_URL", queues.dead_letter_url.clone());
            set("LOG_GROUP_NAMES", ORDER_FUNCTIONS.map(|service| names.log_group(service)).join(","));
            set("VIEWER_ACTIONS", suite.settings.viewer.actions.to_string());
        }
        _ => {
            set("ORDERS_DLQ_URL", queues.dead_letter_url.clone());
            set("ORDERS_TABLE_NAME", names.table());
            set("MAX_RECEIVE_COUNT", suite.settings.queue.max_receive_count.to_string());
        }
    }
    Ok(environment)
}

/// Never above INFO: Lambda takes a line without a level, as metrics are, for INFO, and would drop it.
fn logging(names: &Names, service: &str) -> LoggingConfig {
    LoggingConfig::builder()
        .log_group(names.log_group(service))
        .log_format(LogFormat::Json)
        .application_log_level(ApplicationLogLevel::Info)
        .system_log_level(SystemLogLevel::Info)
        .build()
}

async fn feed_processor(suite: &Suite, names: &Names, clients: &Clients) -> Result<()> {
    let source = &suite.settings.event_source;
    clients
        .lambda
        .create_event_source_mapping()
        .function_name(names.function("processor"))
        .event_source_arn(names.arn("sqs", &names.queue()))
        .batch_size(source.batch_size)
        .maximum_batching_window_in_seconds(source.batching_window_s)
        .scaling_config(ScalingConfig::builder().maximum_concurrency(source.maximum_concurrency).build())
        .function_response_types(FunctionResponseType::ReportBatchItemFailures)
        .send()
        .await?;
    Ok(())
}

/// Puts packages that are newer than the functions into their place.
pub(crate) async fn update_code(
    functions: &[&str],
    names: &Names,
    dist: &Path,
    lambda: &aws_sdk_lambda::Client,
) -> Result<()> {
    for service in functions {
        lambda
            .update_function_code()
            .function_name(names.function(service))
            .zip_file(Blob::new(package(dist, service)?))
            .send()
            .await?;
    }
    Ok(())
}

/// Changes when a package does.
pub(crate) fn package_hashes(functions: &[&str], dist: &Path) -> Result<String> {
    use std::hash::{DefaultHasher, Hash as _, Hasher as _};

    let mut hasher = DefaultHasher::new();
    for service in functions {
        package(dist, service)?.hash(&mut hasher);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn package(dist: &Path, service: &str) -> Result<Vec<u8>> {
    let path: PathBuf = dist.join(service).with_extension("zip");
    std::fs::read(&path).with_context(|| format!("can't read {}: run `make package`", path.display()))
}

/// The emulator runs the package as it is, so it must be of this machine's kind.
fn architecture() -> Architecture {
    if cfg!(target_arch = "aarch64") { Architecture::Arm64 } else { Architecture::X8664 }
}
