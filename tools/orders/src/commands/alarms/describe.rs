//! DescribeAlarms, in the words of the CLI.

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::{
    Client,
    types::{AlarmType, ComparisonOperator, CompositeAlarm, MetricAlarm},
};
use aws_smithy_types::{DateTime, date_time::Format};

use super::{Alarm, Judged, value};

pub(super) async fn all(client: &Client, prefix: &str) -> Result<(Vec<MetricAlarm>, Vec<CompositeAlarm>)> {
    let (mut metric, mut composite) = (Vec::new(), Vec::new());
    let mut pages = client
        .describe_alarms()
        .alarm_name_prefix(format!("{prefix}-"))
        .alarm_types(AlarmType::MetricAlarm)
        .alarm_types(AlarmType::CompositeAlarm)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let page = page.context("can't read the alarms")?;
        metric.extend(page.metric_alarms.unwrap_or_default());
        composite.extend(page.composite_alarms.unwrap_or_default());
    }
    Ok((metric, composite))
}

pub(super) fn metric_alarm(alarm: MetricAlarm, datapoints: Vec<f64>) -> Alarm {
    let symbol = match alarm.comparison_operator {
        Some(ComparisonOperator::GreaterThanThreshold) => ">",
        Some(ComparisonOperator::GreaterThanOrEqualToThreshold) => ">=",
        Some(ComparisonOperator::LessThanThreshold) => "<",
        Some(ComparisonOperator::LessThanOrEqualToThreshold) => "<=",
        _ => "outside",
    };
    let described = Described::of(alarm.alarm_description.as_deref());
    let threshold = alarm.threshold.map(|threshold| format!("{symbol} {}", value::short(threshold)));
    let breaches = |value: &&f64| {
        alarm.threshold.is_some_and(|threshold| match symbol {
            ">" => **value > threshold,
            ">=" => **value >= threshold,
            "<" => **value < threshold,
            "<=" => **value <= threshold,
            _ => false,
        })
    };
    let judged = threshold.as_ref().filter(|_| !datapoints.is_empty()).map(|threshold| Judged {
        breaching: datapoints.iter().filter(breaches).count(),
        periods: usize::try_from(alarm.evaluation_periods.unwrap_or(1)).unwrap_or(1),
        datapoints: datapoints.clone(),
        threshold: threshold.clone(),
    });
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        state: alarm.state_value.map_or_else(unknown, |state| state.as_str().to_owned()),
        since: since(alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp)),
        value: datapoints.first().copied(),
        threshold,
        judged,
        severity: described.severity,
        runbook: described.runbook,
        summary: described.summary,
        reason: alarm.state_reason.unwrap_or_default(),
        ..Alarm::default()
    }
}

pub(super) fn composite_alarm(alarm: CompositeAlarm) -> Alarm {
    let described = Described::of(alarm.alarm_description.as_deref());
    Alarm {
        name: alarm.alarm_name.unwrap_or_default(),
        state: alarm.state_value.map_or_else(unknown, |state| state.as_str().to_owned()),
        since: since(alarm.state_transitioned_timestamp.or(alarm.state_updated_timestamp)),
        severity: described.severity,
        runbook: described.runbook,
        summary: described.summary,
        reason: alarm.state_reason.unwrap_or_default(),
        suppressed_by: alarm.actions_suppressed_by.map(|by| by.as_str().to_owned()),
        children: named_in(alarm.alarm_rule.as_deref().unwrap_or_default()),
        suppressor: alarm.actions_suppressor.as_deref().map(of_arn),
        ..Alarm::default()
    }
}

/// The alarms that a rule names, each once, in its order.
fn named_in(rule: &str) -> Vec<String> {
    let mut names = Vec::new();
    for name in rule.split(['"', '\'']).skip(1).step_by(2).map(of_arn) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// A rule and a suppressor may name an alarm by its ARN.
fn of_arn(name: &str) -> String {
    name.rsplit_once(":alarm:").map_or(name, |(_, name)| name).to_owned()
}

fn unknown() -> String {
    "UNKNOWN".into()
}

fn since(at: Option<DateTime>) -> Option<String> {
    DateTime::from_secs(at?.secs()).fmt(Format::DateTime).ok()
}

/// A description as `terraform/observability.tf` writes it: `<summary>. Severity: page. Runbook: runbooks/queue-age.md`.
#[derive(Debug, PartialEq, Eq)]
struct Described {
    summary: String,
    severity: Option<String>,
    runbook: Option<String>,
}

impl Described {
    fn of(description: Option<&str>) -> Self {
        let text = description.unwrap_or_default();
        let (rest, runbook) = cut(text, "Runbook: ");
        let (summary, severity) = cut(rest, "Severity: ");
        Self {
            summary: summary.to_owned(),
            severity: severity.map(|severity| severity.trim_end_matches('.').to_owned()),
            runbook: runbook.map(str::to_owned),
        }
    }
}

fn cut<'t>(text: &'t str, mark: &str) -> (&'t str, Option<&'t str>) {
    match text.rsplit_once(mark) {
        Some((before, after)) => (before.trim_end(), Some(after.trim())),
        None => (text, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_names_its_alarms() {
        let rule = r#"ALARM("a") AND (NOT OK('b') OR ALARM("arn:aws:cloudwatch:r:1:alarm:c") OR ALARM("a"))"#;
        assert_eq!(named_in(rule), ["a", "b", "c"]);
        assert_eq!(named_in("TRUE"), [""; 0]);
    }

    #[test]
    fn a_description_names_severity_and_runbook() {
        let found =
            Described::of(Some("Orders wait too long. Severity: page. Runbook: https://example.com/r/queue-age.md"));
        assert_eq!(found.summary, "Orders wait too long.");
        assert_eq!(found.severity.as_deref(), Some("page"));
        assert_eq!(found.runbook.as_deref(), Some("https://example.com/r/queue-age.md"));
        let foreign = Described::of(Some("Somebody else's"));
        assert_eq!((foreign.summary.as_str(), foreign.severity, foreign.runbook), ("Somebody else's", None, None));
    }
}
