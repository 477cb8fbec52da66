use anyhow::Result;
use serde_json::json;

use super::{Resources, set};
use crate::clients::Clients;

pub(super) async fn describe(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut dashboards = clients.cloudwatch.list_dashboards().into_paginator().items().send();
    while let Some(dashboard) = dashboards.next().await {
        let Some(name) = dashboard?.dashboard_name else { continue };
        let body = clients.cloudwatch.get_dashboard().dashboard_name(&name).send().await?.dashboard_body;
        let dashboard = json!({"dashboard_name": name, "dashboard_body": body});
        resources.entry("aws_cloudwatch_dashboard").or_default().push(dashboard);
    }
    for query in clients.logs.describe_query_definitions().send().await?.query_definitions() {
        resources.entry("aws_cloudwatch_query_definition").or_default().push(set(json!({
            "name": query.name(),
            "query_string": query.query_string(),
            "log_group_names": query.log_group_names(),
        })));
    }
    Ok(())
}
