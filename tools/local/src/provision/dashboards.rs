//! What somebody looks at: the dashboards, and Logs Insights' saved queries.

use anyhow::{Context as _, Result, bail};
use serde_json::Value;
use suite::{Names, ORDER_FUNCTIONS, Suite, VIEWER};

use crate::clients::Clients;

pub(super) async fn create(suite: &Suite, names: &Names, clients: &Clients) -> Result<()> {
    for (name, body) in suite.dashboards(names)? {
        let mut body: Value = serde_json::from_str(&body).with_context(|| format!("dashboards/{name}.json"))?;
        if !suite.settings.viewer.enabled
            && let Some(widgets) = body["widgets"].as_array_mut()
        {
            // Nothing would answer them.
            let viewer = names.function_arn(VIEWER);
            widgets.retain(|widget| widget["properties"]["endpoint"] != viewer.as_str());
        }
        let put = clients.cloudwatch.put_dashboard().dashboard_name(format!("{}-{name}", names.prefix()));
        let answer = put.dashboard_body(body.to_string()).send().await?;
        if let Some(problem) = answer.dashboard_validation_messages().first() {
            bail!("dashboards/{name}.json: {}", problem.message().unwrap_or_default());
        }
    }
    for (name, saved) in suite.saved_queries()? {
        clients
            .logs
            .put_query_definition()
            .name(format!("{}/{name}", names.prefix()))
            .query_string(saved.query.trim())
            .set_log_group_names(Some(ORDER_FUNCTIONS.map(|name| names.log_group(name)).into()))
            .send()
            .await?;
    }
    Ok(())
}
