//! The YAML form of a catalogue: alarms by short keys, in the Metrics form, for a project that keeps its alarms as data.

use std::collections::BTreeMap;

use alarms::{
    Catalogue, composite,
    model::{
        About, Actions, Comparison, CompositeAlarm, Follows, LowSamples, MetricAlarm, MetricAlarmSpec, MetricKey,
        MissingData, Observability, Query, Severity, Source, Suppressor, Window,
    },
};
use serde::Deserialize;

/// Why a catalogue cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// Not YAML, or not of the catalogue's form.
    #[error("{0}")]
    Yaml(#[from] serde_norway::Error),
    /// An alarm that makes no sense.
    #[error("alarm `{alarm}`: {reason}")]
    Alarm {
        /// Its key.
        alarm: String,
        /// Why.
        reason: String,
    },
}

/// Fills the placeholders that have a value; the others stand for themselves, in the alarms and in the scenarios alike. `$${`
/// stands for `${`, as in Terraform's templates.
pub fn fill(text: &str, values: &BTreeMap<String, String>) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        if let Some(before) = before.strip_suffix('$') {
            filled.push_str(before);
            filled.push_str("${");
            rest = after;
            continue;
        }
        filled.push_str(before);
        match after.split_once('}') {
            Some((name, behind)) if !name.contains('\n') => {
                match values.get(name.trim()) {
                    Some(value) => filled.push_str(value),
                    None => filled.push_str(&format!("${{{}}}", name.trim())),
                }
                rest = behind;
            }
            _ => {
                filled.push_str("${");
                rest = after;
            }
        }
    }
    filled.push_str(rest);
    filled
}

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

/// Reads a catalogue whose placeholders are filled. An alarm's name is its key behind `prefix` and a hyphen.
///
/// # Errors
/// When it is no YAML, or not of this form; or an alarm in it makes no sense.
pub fn read(text: &str, prefix: Option<&str>) -> Result<Catalogue, CatalogueError> {
    // A map silently keeps the last of two equal keys; the untyped form refuses them.
    serde_norway::from_str::<serde_norway::Value>(text)?;
    let file: File = serde_norway::from_str(text)?;
    let full = |key: &str| match prefix {
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

/// The same five fields of both kinds: serde can't flatten a form that refuses unknown ones.
fn about(
    summary: String,
    severity: Severity,
    observability: Observability,
    runbook: Option<String>,
    drill: Option<String>,
) -> About {
    About { summary, severity: Some(severity), observability, runbook, drill }
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
        about: about(entry.summary, entry.severity, entry.observability, entry.runbook, entry.drill),
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
        about: about(entry.summary, entry.severity, entry.observability, entry.runbook, entry.drill),
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
        read(text, None).unwrap_err().to_string()
    }

    #[test]
    fn what_has_a_value_is_filled_and_the_rest_stands_for_itself() {
        let values = BTreeMap::from([("prefix".to_owned(), "shop".to_owned())]);
        assert_eq!(fill("${prefix}-a ${ other } $${x} ${y", &values), "shop-a ${other} ${x} ${y");
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
