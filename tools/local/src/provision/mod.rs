//! Makes in the emulator what Terraform makes on AWS, from the same files.

mod alarms;
mod api;
mod dashboards;
mod functions;
mod iam;
mod queues;
mod table;
mod topics;
mod tracing;

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context as _, Result};
use aws_config::{BehaviorVersion, Region, SdkConfig};

use crate::{facts::Facts, names::Names, progress::Progress};

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
pub(crate) fn client_environment(
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

/// Makes everything and returns the outputs, under the names of Terraform's.
pub(crate) async fn run(
    facts: &Facts,
    names: &Names,
    endpoint: &str,
    dist: &Path,
    clients: &Clients,
    progress: &Progress,
) -> Result<BTreeMap<&'static str, String>> {
    progress.step("making queues, table, functions and API");
    let queues = queues::create(facts, names, &clients.sqs).await.context("queues")?;
    table::create(names, &clients.dynamodb).await.context("table")?;
    let roles = iam::create(facts, names, &clients.iam).await.context("roles")?;
    let functions = functions::create(facts, names, dist, &queues, &roles, clients).await.context("functions")?;
    let api_id = api::create(facts, names, &functions.validator_arn, clients).await.context("API")?;
    progress.step("making alarms and dashboards");
    topics::create(facts, names, &clients.sns).await.context("topics")?;
    alarms::create(&facts.alarms(names)?, names, clients).await.context("alarms")?;
    dashboards::create(facts, names, clients).await.context("dashboards")?;
    tracing::create(facts, names, &clients.xray).await.context("X-Ray group and sampling rule")?;

    Ok(BTreeMap::from([
        ("project_name", names.project().to_owned()),
        ("aws_region", names.region().to_owned()),
        ("api_url", format!("{endpoint}/restapis/{api_id}/{}/_user_request_/orders", names.environment())),
        ("orders_queue_url", queues.queue_url),
        ("orders_dlq_url", queues.dead_letter_url),
        ("orders_table_name", names.table()),
        ("validator_lambda_name", names.function("validator")),
        ("processor_lambda_name", names.function("processor")),
        ("xray_group", names.prefix()),
        ("page_topic_arn", names.arn("sns", &names.topic("page"))),
        ("ticket_topic_arn", names.arn("sns", &names.topic("ticket"))),
    ]))
}

pub(crate) use alarms::alarm_description;
pub(crate) use functions::{package_hashes, update_code};
