//! PutMetricAlarm, in its plain form and with metric math: what CloudWatch refuses is refused, what can't be evaluated is kept and
//! says so.

use aws_wire::{ApiError, Flexible};
use cloudwatch::{
    api::error::{combination, invalid, validation},
    is_unit,
    math::{CompileError, MathError},
};

use super::{
    input::{MetricAlarmInput, MetricInput},
    limits,
    record::key,
};
use crate::{
    catalogue::NotEvaluated,
    evaluate::Put,
    model::{
        Comparison, DefinitionError, LowSamples, MetricAlarm, MetricAlarmSpec, MetricKey, MissingData, Query, Source,
        Window,
    },
};

const BANDS: [&str; 3] =
    ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];

/// Checks an alarm and makes it ready to be evaluated.
pub(super) fn compile(input: &MetricAlarmInput) -> Result<Put, ApiError> {
    limits::common(&input.common)?;
    let not_evaluated = |reason: &str| {
        let alarm = input.common.alarm_name.clone();
        Ok(Put::NotEvaluated(NotEvaluated { alarm, reason: format!("Not evaluated on this machine: {reason}") }))
    };
    if input.evaluation_criteria.is_some() {
        return not_evaluated("PromQL alarms are not supported");
    }
    let operator = input
        .comparison_operator
        .as_deref()
        .ok_or_else(|| validation("The parameter ComparisonOperator is required."))?;
    let band = BANDS.contains(&operator);
    let comparison = Comparison::parse(operator);
    if comparison.is_none() && !band {
        return Err(invalid(format!("The value {operator} for parameter ComparisonOperator is invalid.")));
    }
    let (evaluation_periods, datapoints_to_alarm) = periods(input)?;
    let missing_data = treatment(input)?;
    let low_samples = match input.evaluate_low_sample_count_percentile.as_deref() {
        None | Some("" | "evaluate") => LowSamples::Evaluate,
        Some("ignore") => LowSamples::Ignore,
        Some(other) => {
            let text = format!("The value {other} for parameter EvaluateLowSampleCountPercentile is invalid.");
            return Err(invalid(text));
        }
    };
    if band || input.threshold_metric_id.is_some() {
        return match (band, &input.threshold_metric_id, input.threshold) {
            (true, Some(_), None) => not_evaluated("anomaly detection bands are not known here"),
            _ => Err(combination("an anomaly detection band needs ThresholdMetricId and no Threshold")),
        };
    }
    let threshold =
        input.threshold.ok_or_else(|| combination("exactly one of Threshold and ThresholdMetricId must be there"))?.0;
    if let Some(unknown) = input.metrics.iter().find_map(|metric| metric.account_id.as_ref()) {
        return not_evaluated(&format!("the metrics of account {unknown} are not known here"));
    }
    if input.warm_up_configuration.is_some() {
        return not_evaluated("a warm-up is not supported");
    }
    let (queries, returned, period) = match input.metrics.as_slice() {
        [] => plain(input)?,
        metrics => with_math(input, metrics)?,
    };
    limits::range(period, evaluation_periods)?;
    let window = match input.evaluation_window.as_ref().and_then(|window| window.get("WallClockWindow")) {
        Some(clock) => Window::wall_clock(clock["Timezone"].as_str().unwrap_or("UTC")).map_err(invalid)?,
        None => Window::Sliding,
    };
    let comparison = comparison.ok_or_else(|| invalid("ComparisonOperator"))?;
    let common = &input.common;
    let spec = MetricAlarmSpec {
        name: common.alarm_name.clone(),
        key: common.alarm_name.clone(),
        about: common.about(),
        actions: common.actions(),
        comparison,
        threshold,
        follows: None,
        period,
        evaluation_periods,
        datapoints_to_alarm,
        missing_data,
        low_samples,
        window,
        queries,
        returned,
    };
    match MetricAlarm::new(spec) {
        Ok(alarm) => Ok(Put::Metric(Box::new(alarm))),
        Err(DefinitionError::Math(CompileError::Math { error: MathError::NotSupported(what), .. })) => {
            if what.contains("SEARCH") {
                return Err(validation("SEARCH is not supported on Metric Alarms."));
            }
            not_evaluated(&format!("{what} is not supported"))
        }
        Err(error) => Err(validation(error.to_string())),
    }
}

/// N and M.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "checked to be small and whole")]
fn periods(input: &MetricAlarmInput) -> Result<(u32, u32), ApiError> {
    let whole = |name: &str, number: Flexible| match number.0 {
        value if value.fract() == 0.0 && (1.0..=100_000.0).contains(&value) => Ok(value as u32),
        value => Err(invalid(format!("The value {value} for parameter {name} is invalid: a whole number from 1."))),
    };
    let given = input.evaluation_periods.ok_or_else(|| validation("The parameter EvaluationPeriods is required."))?;
    let n = whole("EvaluationPeriods", given)?;
    let m = input.datapoints_to_alarm.map(|m| whole("DatapointsToAlarm", m)).transpose()?.unwrap_or(n);
    if m > n {
        return Err(validation("DatapointsToAlarm must be less than or equal to EvaluationPeriods."));
    }
    Ok((n, m))
}

fn treatment(input: &MetricAlarmInput) -> Result<Option<MissingData>, ApiError> {
    let text = input.treat_missing_data.as_deref();
    text.map(|text| {
        let treatment = MissingData::parse(text);
        treatment.ok_or_else(|| invalid(format!("The value {text} for parameter TreatMissingData is invalid.")))
    })
    .transpose()
}

fn unit(text: Option<&String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if !is_unit(text) => Err(invalid(format!("The value {text} for parameter Unit is invalid."))),
        text => Ok(text.cloned()),
    }
}

fn plain(input: &MetricAlarmInput) -> Result<(Vec<Query>, usize, i64), ApiError> {
    let (Some(_), Some(_)) = (&input.namespace, &input.metric_name) else {
        return Err(combination("MetricName and Namespace, or Metrics, must be there"));
    };
    cloudwatch::api::dimensions(input.dimensions.clone())?;
    let stat = match (&input.statistic, &input.extended_statistic) {
        (Some(stat), None) if ["SampleCount", "Average", "Sum", "Minimum", "Maximum"].contains(&stat.as_str()) => stat,
        (None, Some(stat)) => stat,
        (Some(stat), None) => return Err(invalid(format!("The value {stat} for parameter Statistic is invalid."))),
        _ => return Err(combination("exactly one of Statistic and ExtendedStatistic must be there")),
    };
    let stat = stat.parse().map_err(|error: cloudwatch::stats::UnknownStatistic| invalid(error.to_string()))?;
    let period = limits::period(input.period.ok_or_else(|| validation("The parameter Period is required."))?)?;
    let source = Source::Metric { metric: key(input), stat, unit: unit(input.unit.as_ref())? };
    Ok((vec![Query { id: "m1".into(), label: None, source }], 0, period))
}

fn with_math(input: &MetricAlarmInput, metrics: &[MetricInput]) -> Result<(Vec<Query>, usize, i64), ApiError> {
    let plain = [&input.metric_name, &input.namespace, &input.statistic, &input.extended_statistic, &input.unit];
    if plain.iter().any(|member| member.is_some()) || input.period.is_some() || !input.dimensions.is_empty() {
        return Err(combination("Metrics can't be there together with MetricName and its like"));
    }
    let (mut queries, mut returned, mut periods) = (Vec::new(), Vec::new(), Vec::new());
    for (index, metric) in metrics.iter().enumerate() {
        if metric.return_data.is_none_or(|flag| flag.0) {
            returned.push(index);
        }
        let source = match (&metric.metric_stat, &metric.expression) {
            (Some(stat), None) => {
                periods.push(limits::period(stat.period)?);
                let name = &metric.id;
                Source::Metric {
                    metric: MetricKey {
                        namespace: stat.metric.namespace.clone(),
                        name: stat.metric.metric_name.clone(),
                        dimensions: cloudwatch::api::dimensions(stat.metric.dimensions.clone())?,
                    },
                    stat: stat.stat.parse().map_err(|error| invalid(format!("metric `{name}`: {error}")))?,
                    unit: unit(stat.unit.as_ref())?,
                }
            }
            (None, Some(expression)) => Source::Expression(expression.clone()),
            _ => return Err(combination("an entry of Metrics has either a MetricStat or an Expression")),
        };
        periods.extend(metric.period.map(limits::period).transpose()?);
        queries.push(Query { id: metric.id.clone(), label: metric.label.clone(), source });
    }
    let [returned] = returned[..] else {
        return Err(validation("Exactly one element of the metrics list should return data."));
    };
    let period = *periods.first().ok_or_else(|| validation("an expression without a metric needs a Period"))?;
    if periods.iter().any(|other| *other != period) {
        return Err(validation("Period must be consistent across all metrics of an alarm."));
    }
    Ok((queries, returned, period))
}
