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

use std::path::Path;

use anyhow::{Context as _, Result};
use cli::progress::Steps;
use suite::{Names, Outputs, Suite, VIEWER, output};

use crate::clients::Clients;

/// Makes everything and returns the outputs, under the names of Terraform's.
pub(crate) async fn run(
    suite: &Suite,
    names: &Names,
    endpoint: &str,
    dist: &Path,
    clients: &Clients,
    progress: &Steps,
) -> Result<Outputs> {
    progress.step("making queues, table, functions and API");
    let queues = queues::create(suite, names, &clients.sqs).await.context("queues")?;
    table::create(names, &clients.dynamodb).await.context("table")?;
    let roles = iam::create(suite, names, &clients.iam).await.context("roles")?;
    let functions = functions::create(suite, names, dist, &queues, &roles, clients).await.context("functions")?;
    let api_id = api::create(suite, names, &functions.validator_arn, clients).await.context("API")?;
    progress.step("making alarms and dashboards");
    topics::create(suite, names, &clients.sns).await.context("topics")?;
    alarms::create(&alarms::catalogue(suite, names)?, names, clients).await.context("alarms")?;
    dashboards::create(suite, names, clients).await.context("dashboards")?;
    tracing::create(suite, names, &clients.xray).await.context("X-Ray group and sampling rule")?;

    let viewer = suite.settings.viewer.enabled.then(|| (output::VIEWER, names.function_arn(VIEWER)));
    Ok(Outputs::from_iter(
        [
            (output::PROJECT_NAME, names.project().to_owned()),
            (output::REGION, names.region().to_owned()),
            (output::API_URL, format!("{endpoint}/restapis/{api_id}/{}/_user_request_/orders", names.environment())),
            (output::QUEUE_URL, queues.queue_url),
            (output::DEAD_LETTER_QUEUE_URL, queues.dead_letter_url),
            (output::TABLE, names.table()),
            (output::VALIDATOR, names.function("validator")),
            (output::PROCESSOR, names.function("processor")),
            (output::XRAY_GROUP, names.prefix()),
            (output::ON_CALL_ROTA, "nobody is on call for a stack on this machine".to_owned()),
            (output::PAGE_TOPIC, names.arn("sns", &names.topic("page"))),
            (output::TICKET_TOPIC, names.arn("sns", &names.topic("ticket"))),
        ]
        .into_iter()
        .chain(viewer),
    ))
}

pub(crate) use functions::{package_hashes, update_code};
