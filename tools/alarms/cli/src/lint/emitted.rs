//! Every metric an alarm names is really emitted, with exactly those dimensions.

use std::collections::{BTreeMap, BTreeSet};

use alarms::model::{MetricKey, Source};

use super::{Context, Findings, guide::Absent};

const RULE: &str = "emitted";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    read(context, findings);
    let mut unlisted: BTreeMap<String, usize> = BTreeMap::new();
    for alarm in &context.catalogue.metric_alarms {
        for query in &alarm.spec.queries {
            let Source::Metric { metric, unit, .. } = &query.source else {
                continue;
            };
            if crate::sources::is_given(metric) {
                continue;
            }
            if let Some(absent) = context.emitted.absent(metric) {
                absence(context, &alarm.spec.key, metric, absent, &mut unlisted, findings);
            } else if !context.emitted.knows(&metric.namespace) {
                namespace(context, &alarm.spec.key, &metric.namespace, findings);
            }
            let emitted = context.emitted.unit(metric).filter(|unit| cloudwatch::is_unit(unit));
            if let (Some(unit), Some(emitted)) = (unit, emitted)
                && unit != emitted
            {
                findings.add(
                    RULE,
                    &alarm.spec.key,
                    format!("{} is emitted in {emitted}, the alarm asks for {unit} and never sees data", metric.name),
                    "leave the unit out",
                );
            }
        }
    }
    for (metric, alarms) in unlisted {
        findings.note(
            RULE,
            &metric,
            format!(
                "{metric} is not in the list of {} ({alarms} alarms): it may be newer, or misspelt",
                context.emitted.as_of()
            ),
            "look it up on the service's page of metrics; --emitted FILE adds what you know",
        );
    }
}

fn absence(
    context: &Context<'_>,
    key: &str,
    metric: &MetricKey,
    absent: Absent,
    unlisted: &mut BTreeMap<String, usize>,
    findings: &mut Findings,
) {
    let as_of = context.emitted.as_of();
    match absent {
        Absent::Unlisted => *unlisted.entry(format!("{} {}", metric.namespace, metric.name)).or_default() += 1,
        Absent::Misspelt(near) => findings.add(
            RULE,
            key,
            format!(
                "{} lists no metric {} (read {as_of}): the alarm would never see data",
                metric.namespace, metric.name
            ),
            format!("probably {near}"),
        ),
        Absent::Metric(known) => findings.add(
            RULE,
            key,
            format!("{} emits no metric {}: the alarm never sees data", metric.namespace, metric.name),
            format!("name one of: {}", known.join(", ")),
        ),
        Absent::Dimension(stray, near, known) => findings.add(
            RULE,
            key,
            format!("{} has no dimension {stray} (read {as_of}): the alarm would never see data", metric.namespace),
            near.map_or_else(|| format!("one of: {}", known.join(", ")), |near| format!("probably {near}")),
        ),
        Absent::Dimensions(sets) => {
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
        Absent::Value(dimension, allowed) => {
            let value = metric.dimensions.get(&dimension).cloned().unwrap_or_default();
            findings.add(
                RULE,
                key,
                format!("{} is never emitted with {dimension}={value}", metric.name),
                format!("use one of: {}", allowed.join(", ")),
            );
        }
    }
}

fn namespace(context: &Context<'_>, key: &str, namespace: &str, findings: &mut Findings) {
    if context.ours {
        let fix = "list what it emits and pass the file with --emitted";
        findings.add(RULE, key, format!("nothing is known of the namespace {namespace}"), fix);
    } else if let Some(near) = context.emitted.close_namespace(namespace) {
        let what = format!("there is no namespace {namespace} in the list of {}", context.emitted.as_of());
        findings.add(RULE, key, what, format!("probably {near}"));
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
