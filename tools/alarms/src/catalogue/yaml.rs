//! The YAML form of a catalogue.

use super::{Catalogue, CatalogueError};
use crate::composite;
use crate::model::{
    About, Actions, Comparison, CompositeAlarm, Follows, LowSamples, MetricAlarm, MetricAlarmSpec, MetricKey,
    MissingData, Observability, Query, Severity, Source, Suppressor, Window,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use suite::Placeholders;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    alarms: BTreeMap<String, AlarmEntry>,
    #[serde(default)]
    composites: BTreeMap<String, CompositeEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AlarmEntry {
    summary: String,
    severity: Severity,
    #[serde(default)]
    observability: Observability,
    runbook: Option<String>,
    drill: Option<String>,
    comparison: Comparison,
    threshold: f64,
    follows: Option<Follows>,
    period: i64,
    evaluation_periods: u32,
    datapoints_to_alarm: Option<u32>,
    missing_data: Option<MissingData>,
    metrics: Vec<MetricEntry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MetricEntry {
    id: String,
    label: Option<String>,
    namespace: Option<String>,
    metric: Option<String>,
    stat: Option<String>,
    unit: Option<Unit>,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    expression: Option<String>,
}

/// One that CloudWatch has.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Unit(String);

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        if cloudwatch::is_unit(&text) { Ok(Self(text)) } else { Err(format!("`{text}` is not a unit of CloudWatch's")) }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CompositeEntry {
    summary: String,
    severity: Severity,
    #[serde(default)]
    observability: Observability,
    runbook: Option<String>,
    drill: Option<String>,
    rule: String,
    suppressor: Option<String>,
    suppressor_wait_s: Option<i64>,
    suppressor_extension_s: Option<i64>,
}

pub(super) fn read(text: &str, placeholders: &Placeholders) -> Result<Catalogue, CatalogueError> {
    let text = placeholders.fill(text)?;
    // A map silently keeps the last of two equal keys; the untyped form refuses them.
    serde_norway::from_str::<serde_norway::Value>(&text)?;
    let file: File = serde_norway::from_str(&text)?;
    let full = |key: &str| match placeholders.get("prefix") {
        Some(prefix) => format!("{prefix}-{key}"),
        None => key.to_owned(),
    };
    let mut catalogue = Catalogue::default();
    for (key, entry) in file.alarms {
        let name = full(&key);
        let alarm = metric_alarm(&key, name, entry).map_err(|reason| CatalogueError::Alarm { alarm: key, reason })?;
        catalogue.metric_alarms.push(alarm);
    }
    for (key, entry) in file.composites {
        let name = full(&key);
        let alarm =
            composite_alarm(&key, name, entry, &full).map_err(|reason| CatalogueError::Alarm { alarm: key, reason })?;
        catalogue.composites.push(alarm);
    }
    Ok(catalogue)
}

/// A severity is told about trouble and about its end.
fn actions(severity: Severity) -> Actions {
    let told: Vec<String> = match severity {
        Severity::None => Vec::new(),
        told => vec![told.as_str().to_owned()],
    };
    Actions { enabled: true, alarm: told.clone(), ok: told, insufficient_data: Vec::new() }
}

fn metric_alarm(key: &str, name: String, entry: AlarmEntry) -> Result<MetricAlarm, String> {
    let queries: Vec<Query> = entry.metrics.into_iter().map(query).collect::<Result<_, _>>()?;
    let returned = queries.len().checked_sub(1).ok_or("it has no metric")?;
    let spec = MetricAlarmSpec {
        name,
        key: key.to_owned(),
        about: About {
            summary: entry.summary,
            severity: Some(entry.severity),
            observability: entry.observability,
            runbook: entry.runbook,
            drill: entry.drill,
        },
        actions: actions(entry.severity),
        comparison: entry.comparison,
        threshold: entry.threshold,
        follows: entry.follows,
        period: entry.period,
        evaluation_periods: entry.evaluation_periods,
        datapoints_to_alarm: entry.datapoints_to_alarm.unwrap_or(entry.evaluation_periods),
        missing_data: entry.missing_data,
        low_samples: LowSamples::Evaluate,
        window: Window::Sliding,
        queries,
        returned,
    };
    MetricAlarm::new(spec).map_err(|error| error.to_string())
}

fn query(entry: MetricEntry) -> Result<Query, String> {
    let MetricEntry { id, label, namespace, metric, stat, unit, dimensions, expression } = entry;
    let source = match (namespace, metric, stat, expression) {
        (Some(namespace), Some(name), Some(stat), None) => Source::Metric {
            metric: MetricKey { namespace, name, dimensions },
            stat: stat.parse().map_err(|error| format!("metric `{id}`: {error}"))?,
            unit: unit.map(|unit| unit.0),
        },
        (None, None, None, Some(expression)) if dimensions.is_empty() && unit.is_none() => {
            Source::Expression(expression)
        }
        _ => {
            return Err(format!("metric `{id}` needs namespace, metric and stat, or an expression alone"));
        }
    };
    Ok(Query { id, label, source })
}

fn composite_alarm(
    key: &str,
    name: String,
    entry: CompositeEntry,
    full: &dyn Fn(&str) -> String,
) -> Result<CompositeAlarm, String> {
    let suppressor = match (entry.suppressor, entry.suppressor_wait_s, entry.suppressor_extension_s) {
        (None, None, None) => None,
        (Some(alarm), Some(wait_s), Some(extension_s)) => Some(Suppressor { alarm: full(&alarm), wait_s, extension_s }),
        _ => {
            return Err("suppressor, suppressor_wait_s and suppressor_extension_s go together".into());
        }
    };
    let rule = composite::parse(&entry.rule).map_err(|error| format!("rule: {error}"))?;
    Ok(CompositeAlarm {
        name,
        key: key.to_owned(),
        about: About {
            summary: entry.summary,
            severity: Some(entry.severity),
            observability: entry.observability,
            runbook: entry.runbook,
            drill: entry.drill,
        },
        actions: actions(entry.severity),
        rule_text: entry.rule,
        rule,
        suppressor,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(text: &str) -> String {
        read(text, &Placeholders::none()).unwrap_err().to_string()
    }

    const METRIC: &str = "{ id: m, namespace: n, metric: x, stat: Sum }";

    fn alarm(fields: &str, metrics: &str) -> String {
        format!(
            "{{ summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 1, {fields}, metrics: [{metrics}] }}"
        )
    }

    #[test]
    fn two_alarms_of_one_name_are_refused() {
        let a = alarm("period: 60, evaluation_periods: 1", METRIC);
        let text = format!("alarms:\n  a: {a}\n  a: {a}\n");
        assert!(error(&text).contains("duplicate"), "{}", error(&text));
    }

    #[test]
    fn mistakes_name_the_alarm() {
        let text = |fields: &str, metrics: &str| format!("alarms:\n  a: {}\n", alarm(fields, metrics));
        let fields = "period: 60, evaluation_periods: 1";
        assert_eq!(
            error(&text("period: 45, evaluation_periods: 1", METRIC)),
            "alarm `a`: period must be 10, 20, 30 or a multiple of 60 seconds"
        );
        assert_eq!(error(&text(fields, "")), "alarm `a`: it has no metric");
        assert_eq!(
            error(&text(fields, "{ id: m, namespace: n, metric: x, stat: p999 }")),
            "alarm `a`: metric `m`: `p999` is not a CloudWatch statistic"
        );
        assert_eq!(
            error(&text(fields, "{ id: m, namespace: n, metric: x }")),
            "alarm `a`: metric `m` needs namespace, metric and stat, or an expression alone"
        );
        assert_eq!(
            error(&text(fields, &format!("{METRIC}, {{ id: e, expression: m + }}"))),
            "alarm `a`: expression `e`: a number, an id or a function was expected at character 4"
        );
        assert!(error(&text("perod: 60", METRIC)).contains("unknown field `perod`"));
    }
}
