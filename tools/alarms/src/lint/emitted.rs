//! Every metric an alarm names is really emitted, with exactly those dimensions.

use super::guide::Absent;
use super::{Context, Findings};
use crate::model::{MetricKey, Source};
use std::collections::BTreeSet;

const RULE: &str = "emitted";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    read(context, findings);
    for alarm in &context.catalogue.metric_alarms {
        for query in &alarm.spec.queries {
            let Source::Metric { metric, unit, .. } = &query.source else {
                continue;
            };
            let key = &alarm.spec.key;
            match context.emitted.absent(metric) {
                Some(Absent::Metric(known)) => findings.add(
                    RULE,
                    key,
                    format!("{} emits no metric {}: the alarm never sees data", metric.namespace, metric.name),
                    format!("name one of: {}", known.join(", ")),
                ),
                Some(Absent::Dimensions(sets)) => {
                    let list = |set: &Vec<String>| format!("[{}]", set.join(", "));
                    let used: Vec<String> = metric.dimensions.keys().cloned().collect();
                    findings.add(
                        RULE,
                        key,
                        format!(
                            "{} is not emitted with the dimensions {}: the alarm never sees data",
                            metric.name,
                            list(&used)
                        ),
                        format!("use one of {}", sets.iter().map(list).collect::<Vec<_>>().join(" ")),
                    );
                }
                Some(Absent::Value(dimension, allowed)) => {
                    let value = metric.dimensions.get(&dimension).cloned().unwrap_or_default();
                    findings.add(
                        RULE,
                        key,
                        format!("{} is never emitted with {dimension}={value}", metric.name),
                        format!("use one of: {}", allowed.join(", ")),
                    );
                }
                None => {}
            }
            if context.ours && !context.emitted.knows(&metric.namespace) {
                findings.add(
                    RULE,
                    key,
                    format!("nothing is known of the namespace {}", metric.namespace),
                    "list what it emits and pass the file with --emitted",
                );
            }
            if let (Some(unit), Some(emitted)) = (unit, context.emitted.unit(metric))
                && unit != emitted
            {
                findings.add(
                    RULE,
                    key,
                    format!("{} is emitted in {emitted}, the alarm asks for {unit} and never sees data", metric.name),
                    "leave the unit out",
                );
            }
        }
    }
}

/// Each custom metric is paid for by the month.
fn read(context: &Context<'_>, findings: &mut Findings) {
    let Some(dashboards) = context.dashboards.filter(|dashboards| context.ours && !dashboards.0.is_empty()) else {
        return;
    };
    let queries = context.catalogue.metric_alarms.iter().flat_map(|alarm| &alarm.spec.queries);
    let watched = queries.filter_map(|query| match &query.source {
        Source::Metric { metric, .. } => Some(metric.clone()),
        _ => None,
    });
    let read: BTreeSet<MetricKey> = watched.chain(dashboards.metrics()).collect();
    for key in context.emitted.custom().into_iter().filter(|key| !read.contains(key)) {
        findings.add(
            RULE,
            &key.name,
            format!("no alarm and no widget reads {key}, which is paid for by the month"),
            "draw it, or leave it out (OPTIONAL_METRICS in terraform/settings.json)",
        );
    }
}
