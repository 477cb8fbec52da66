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

use crate::{clients::Clients, facts::Facts, names::Names, progress::Progress};

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
