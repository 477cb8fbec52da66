//! X-Ray's group of the suite's traces, and the rule that decides which orders are traced.

use anyhow::Result;
use aws_sdk_xray::{
    Client,
    types::{InsightsConfiguration, SamplingRule},
};
use suite::{Names, Suite};

pub(super) async fn create(suite: &Suite, names: &Names, xray: &Client) -> Result<()> {
    let stage = format!("{}/{}", names.api(), names.environment());
    let services = [stage.clone(), names.function("validator"), names.function("processor")];
    let filter = services.map(|service| format!("service(\"{service}\")")).join(" OR ");
    let insights = InsightsConfiguration::builder().insights_enabled(true).notifications_enabled(false).build();
    xray.create_group()
        .group_name(names.prefix())
        .filter_expression(filter)
        .insights_configuration(insights)
        .send()
        .await?;

    let settings = &suite.settings.tracing;
    let rule = SamplingRule::builder()
        .rule_name(names.prefix())
        .priority(1000)
        .version(1)
        .fixed_rate(settings.sampling_fixed_rate)
        .reservoir_size(settings.sampling_reservoir_per_s)
        .service_name(stage)
        .service_type("AWS::ApiGateway::Stage")
        .resource_arn("*")
        .host("*")
        .http_method("*")
        .url_path("*")
        .build()?;
    xray.create_sampling_rule().sampling_rule(rule).send().await?;
    Ok(())
}
