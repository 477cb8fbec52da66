//! `aws_cloudwatch_metric_alarm`, in its two forms.

use super::{Resource, number};
use crate::model::{
    Comparison, LowSamples, MetricAlarm, MetricAlarmSpec, MetricKey, MissingData, Query, Source, Window,
};
use serde_json::Value;
use std::collections::BTreeMap;

pub(super) fn read(resource: &Resource<'_>) -> Result<MetricAlarm, String> {
    let name = resource.required("alarm_name")?.to_owned();
    let operator = resource.required("comparison_operator")?;
    if resource.text("threshold_metric_id").is_some() {
        return Err("not supported: anomaly detection (threshold_metric_id)".into());
    }
    let comparison =
        Comparison::parse(operator).ok_or_else(|| format!("not supported: comparison operator {operator}"))?;
    let threshold = resource.number("threshold").ok_or_else(|| {
        let why = if resource.is_unknown("threshold") { "is known only after the apply" } else { "is missing" };
        format!("threshold {why}")
    })?;
    let whole = |key: &str| resource.number(key).filter(|n| *n >= 0.0).map(|n| n as u32);
    let evaluation_periods = whole("evaluation_periods").ok_or("evaluation_periods is missing")?;
    let missing_data = match resource.text("treat_missing_data") {
        None => None,
        Some(text) => {
            Some(MissingData::parse(text).ok_or_else(|| format!("`{text}` is no treatment of missing data"))?)
        }
    };
    let blocks = resource.values["metric_query"].as_array().filter(|list| !list.is_empty());
    let (queries, returned, period) = match blocks {
        Some(blocks) => from_blocks(blocks)?,
        None => simple(resource)?,
    };
    let spec = MetricAlarmSpec {
        name,
        key: resource.address.to_owned(),
        about: resource.about(),
        actions: resource.all_actions(),
        comparison,
        threshold,
        follows: None,
        period,
        evaluation_periods,
        // 0 is how the provider writes "not set".
        datapoints_to_alarm: whole("datapoints_to_alarm").filter(|m| *m > 0).unwrap_or(evaluation_periods),
        missing_data,
        low_samples: match resource.text("evaluate_low_sample_count_percentiles") {
            Some("ignore") => LowSamples::Ignore,
            _ => LowSamples::Evaluate,
        },
        window: window(resource.values)?,
        queries,
        returned,
    };
    MetricAlarm::new(spec).map_err(|error| error.to_string())
}

/// `evaluation_window`, if the provider knows it.
fn window(values: &Value) -> Result<Window, String> {
    let Some(clock) = values.pointer("/evaluation_window/0/wall_clock_window/0") else {
        return Ok(Window::Sliding);
    };
    Window::wall_clock(clock["timezone"].as_str().unwrap_or("UTC"))
}

/// The top-level form: one metric.
fn simple(resource: &Resource<'_>) -> Result<(Vec<Query>, usize, i64), String> {
    let source = metric(resource.values, &resource.values["statistic"])?;
    let period = number(&resource.values["period"]).ok_or("period is missing")? as i64;
    let query = Query { id: "m1".into(), label: None, source };
    Ok((vec![query], 0, period))
}

/// The `metric_query` form.
fn from_blocks(blocks: &[Value]) -> Result<(Vec<Query>, usize, i64), String> {
    let mut queries = Vec::new();
    let mut returned = Vec::new();
    let mut periods = Vec::new();
    for block in blocks {
        let id = block["id"].as_str().ok_or("a metric_query has no id")?.to_owned();
        if block["account_id"].as_str().is_some_and(|account| !account.is_empty()) {
            return Err(format!("not supported: metric `{id}` of another account"));
        }
        // A list in plans of the SDK provider, an object in others.
        let inner = block.pointer("/metric/0").or_else(|| block["metric"].as_object().map(|_| &block["metric"]));
        let source = match (inner, block["expression"].as_str().filter(|text| !text.is_empty())) {
            (Some(inner), None) => {
                periods.extend(number(&inner["period"]).map(|period| period as i64));
                metric(inner, &inner["stat"])?
            }
            (None, Some(expression)) => Source::Expression(expression.to_owned()),
            _ => {
                return Err(format!("metric_query `{id}` needs a metric or an expression"));
            }
        };
        periods.extend(number(&block["period"]).filter(|p| *p > 0.0).map(|period| period as i64));
        if block["return_data"].as_bool().unwrap_or(false) {
            returned.push(queries.len());
        }
        let label = block["label"].as_str().map(str::to_owned).filter(|label| !label.is_empty());
        queries.push(Query { id, label, source });
    }
    let [returned] = returned[..] else {
        return Err(format!("exactly one metric_query must return data, not {}", returned.len()));
    };
    let period = *periods.first().ok_or("no metric_query has a period")?;
    if periods.iter().any(|other| *other != period) {
        return Err("every metric of an alarm must have the same period".into());
    }
    Ok((queries, returned, period))
}

fn metric(values: &Value, stat: &Value) -> Result<Source, String> {
    let text = |value: &Value| value.as_str().filter(|text| !text.is_empty()).map(str::to_owned);
    let name = text(&values["metric_name"]).ok_or("metric_name is missing or unknown")?;
    let namespace = text(&values["namespace"]).ok_or("namespace is missing or unknown")?;
    let stat =
        text(stat).or_else(|| text(&values["extended_statistic"])).ok_or("the statistic is missing or unknown")?;
    let mut dimensions = BTreeMap::new();
    for (dimension, value) in values["dimensions"].as_object().into_iter().flatten() {
        let value = value.as_str().ok_or_else(|| format!("dimension {dimension} is known only after the apply"))?;
        dimensions.insert(dimension.clone(), value.to_owned());
    }
    Ok(Source::Metric {
        metric: MetricKey { namespace, name, dimensions },
        stat: stat.parse().map_err(|error: cloudwatch::stats::UnknownStatistic| error.to_string())?,
        unit: text(&values["unit"]),
    })
}
