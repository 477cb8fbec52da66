use anyhow::Result;
use serde_json::json;

use super::{Resources, set};
use crate::clients::Clients;

/// Every account has these two, which can't be deleted.
const DEFAULT: &str = "Default";

pub(super) async fn describe(clients: &Clients, resources: &mut Resources) -> Result<()> {
    let mut groups = clients.xray.get_groups().into_paginator().items().send();
    while let Some(group) = groups.next().await {
        let group = group?;
        if group.group_name() == Some(DEFAULT) {
            continue;
        }
        let insights = group.insights_configuration().map(|insights| {
            json!([set(json!({
                "insights_enabled": insights.insights_enabled(),
                "notifications_enabled": insights.notifications_enabled(),
            }))])
        });
        resources.entry("aws_xray_group").or_default().push(set(json!({
            "group_name": group.group_name(),
            "arn": group.group_arn(),
            "filter_expression": group.filter_expression(),
            "insights_configuration": insights,
        })));
    }
    let mut rules = clients.xray.get_sampling_rules().into_paginator().items().send();
    while let Some(record) = rules.next().await {
        let Some(rule) = record?.sampling_rule.filter(|rule| rule.rule_name() != Some(DEFAULT)) else { continue };
        resources.entry("aws_xray_sampling_rule").or_default().push(set(json!({
            "rule_name": rule.rule_name(),
            "arn": rule.rule_arn(),
            "priority": rule.priority(),
            "version": rule.version(),
            "fixed_rate": rule.fixed_rate(),
            "reservoir_size": rule.reservoir_size(),
            "service_name": rule.service_name(),
            "service_type": rule.service_type(),
            "resource_arn": rule.resource_arn(),
            "host": rule.host(),
            "http_method": rule.http_method(),
            "url_path": rule.url_path(),
            "attributes": rule.attributes(),
        })));
    }
    Ok(())
}
