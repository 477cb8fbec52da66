//! An alarm in the API's form (`MetricAlarm` and `CompositeAlarm` of DescribeAlarms, which templates share) to one that can be
//! evaluated. Every reader brings what it reads into this form first.

use std::collections::BTreeMap;

use alarms::{
    composite::parse,
    model::{
        About, Actions, Comparison, CompositeAlarm, LowSamples, MetricAlarm, MetricAlarmSpec, MetricKey, MissingData,
        MuteRule, Query, Schedule, Source, Suppressor, Window,
    },
};
use cloudwatch::{is_unit, stats::Statistic};
use jiff::{SignedDuration, Span, Timestamp, tz::TimeZone};
use serde_json::Value;

use super::open::{Need, OpenAlarm, given};

/// How an unknown value of a plan begins.
const KNOWN: &str = "(known after apply";

/// A metric alarm as it was read.
pub(super) enum Read {
    /// It can be evaluated.
    Alarm(MetricAlarm),
    /// It can, once a scenario gives what only AWS knows.
    Open(OpenAlarm),
}

pub(super) fn text<'a>(value: &'a Value, key: &str) -> Option<&'a str> {
    value[key].as_str().filter(|text| !text.is_empty())
}

/// A number, also in quotes: providers and templates write both.
pub(super) fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.trim().parse().ok()).filter(|number: &f64| number.is_finite())
}

fn needed<'a>(value: &'a Value, key: &str) -> Result<&'a str, String> {
    text(value, key).ok_or_else(|| match &value[key] {
        Value::Null => format!("{key} is missing"),
        other => format!("{key} is `{other}`, and a text was expected"),
    })
}

/// A whole number; what is there and is none is an error.
fn whole(value: &Value, key: &str) -> Result<Option<i64>, String> {
    match &value[key] {
        Value::Null => Ok(None),
        found => match number(found) {
            #[expect(clippy::cast_possible_truncation, reason = "whole, and within the range that is exact")]
            Some(number) if number.fract() == 0.0 && number.abs() < 9e15 => Ok(Some(number as i64)),
            _ => Err(format!("{key} is `{}`, and a whole number was expected", bare(found))),
        },
    }
}

fn bare(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn count(value: &Value, key: &str) -> Result<Option<u32>, String> {
    whole(value, key)?
        .map(|number| u32::try_from(number).map_err(|_| format!("{key} is {number}, and can't be")))
        .transpose()
}

pub(super) fn actions(value: &Value) -> Actions {
    let list = |key: &str| -> Vec<String> {
        let items = value[key].as_array().into_iter().flatten();
        items.filter(|item| !item.is_null()).map(bare).collect()
    };
    Actions {
        enabled: match &value["ActionsEnabled"] {
            Value::Bool(enabled) => *enabled,
            Value::String(text) => !text.eq_ignore_ascii_case("false"),
            _ => true,
        },
        alarm: list("AlarmActions"),
        ok: list("OKActions"),
        insufficient_data: list("InsufficientDataActions"),
    }
}

fn about(value: &Value) -> About {
    About { summary: text(value, "AlarmDescription").unwrap_or_default().to_owned(), ..About::default() }
}

const BANDS: [&str; 3] =
    ["LessThanLowerOrGreaterThanUpperThreshold", "LessThanLowerThreshold", "GreaterThanUpperThreshold"];

pub(super) fn metric(value: &Value, name: &str, key: &str) -> Result<Read, String> {
    if !value["EvaluationCriteria"].is_null() {
        return Err("not supported: PromQL (EvaluationCriteria)".into());
    }
    let operator = needed(value, "ComparisonOperator")?;
    let band = text(value, "ThresholdMetricId");
    if band.is_none() && BANDS.contains(&operator) {
        return Err(format!("{operator} needs a ThresholdMetricId"));
    }
    let comparison = match band {
        Some(_) if BANDS.contains(&operator) => Comparison::GreaterThanThreshold,
        Some(_) => return Err(format!("a ThresholdMetricId needs a comparison with a band, not {operator}")),
        None => Comparison::parse(operator).ok_or_else(|| format!("ComparisonOperator `{operator}` is none"))?,
    };
    let threshold = match (&value["Threshold"], band) {
        (_, Some(_)) => 0.0,
        (Value::Null, _) => return Err("Threshold is missing".into()),
        (found, _) => {
            number(found).ok_or_else(|| format!("Threshold is `{}`, and a number was expected", bare(found)))?
        }
    };
    let evaluation_periods = count(value, "EvaluationPeriods")?.ok_or("EvaluationPeriods is missing")?;
    let missing_data = text(value, "TreatMissingData")
        .map(|text| MissingData::parse(text).ok_or_else(|| format!("TreatMissingData `{text}` is none")))
        .transpose()?;
    let low_samples = match text(value, "EvaluateLowSampleCountPercentile") {
        None | Some("evaluate") => LowSamples::Evaluate,
        Some("ignore") => LowSamples::Ignore,
        Some(other) => {
            return Err(format!("EvaluateLowSampleCountPercentile `{other}` is neither evaluate nor ignore"));
        }
    };
    let entries = value["Metrics"].as_array().filter(|list| !list.is_empty());
    let Entries { mut queries, mut returned, period, mut needs } = match entries {
        Some(entries) => from_entries(entries, name, band)?,
        None => simple(value)?,
    };
    if let Some(band) = band {
        returned = with_band(&mut queries, returned, band, operator, name)?;
        needs.push(Need::Band { id: band.to_owned() });
    }
    let spec = MetricAlarmSpec {
        name: name.to_owned(),
        key: key.to_owned(),
        about: about(value),
        actions: actions(value),
        comparison,
        threshold,
        follows: None,
        period,
        evaluation_periods,
        // 0 is how the Terraform provider writes "not set".
        datapoints_to_alarm: count(value, "DatapointsToAlarm")?.filter(|m| *m > 0).unwrap_or(evaluation_periods),
        missing_data,
        low_samples,
        window: window(&value["EvaluationWindow"])?,
        queries,
        returned,
    };
    let alarm = MetricAlarm::new(spec).map_err(|error| error.to_string())?;
    Ok(if needs.is_empty() { Read::Alarm(alarm) } else { Read::Open(OpenAlarm { alarm, needs }) })
}

fn window(value: &Value) -> Result<Window, String> {
    let clock = &value["WallClockWindow"];
    match clock {
        Value::Null => Ok(Window::Sliding),
        clock => Window::wall_clock(text(clock, "Timezone").unwrap_or("UTC")),
    }
}

struct Entries {
    queries: Vec<Query>,
    returned: usize,
    period: i64,
    needs: Vec<Need>,
}

/// The plain form: one metric.
fn simple(value: &Value) -> Result<Entries, String> {
    let (plain, extended) = (text(value, "Statistic"), text(value, "ExtendedStatistic"));
    let stat = match (plain, extended) {
        (Some(plain), None) => {
            if !["SampleCount", "Average", "Sum", "Minimum", "Maximum"].contains(&plain) {
                let what =
                    if plain.parse::<Statistic>().is_ok() { "belongs into ExtendedStatistic" } else { "is none" };
                return Err(format!("Statistic `{plain}` {what}"));
            }
            plain
        }
        (None, Some(extended)) => extended,
        (Some(_), Some(_)) => return Err("Statistic and ExtendedStatistic exclude each other".into()),
        (None, None) => return Err("Statistic is missing".into()),
    };
    let source = metric_source(value, stat, text(value, "Unit"))?;
    let period = whole(value, "Period")?.ok_or("Period is missing")?;
    let query = Query { id: "m1".into(), label: None, source };
    Ok(Entries { queries: vec![query], returned: 0, period, needs: Vec::new() })
}

/// The `Metrics` form.
fn from_entries(entries: &[Value], name: &str, band: Option<&str>) -> Result<Entries, String> {
    let (mut queries, mut returned, mut periods, mut needs) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let id = text(entry, "Id").ok_or("an entry of Metrics has no Id")?.to_owned();
        let is_band = band == Some(id.as_str());
        let of = |reason: String| format!("metric `{id}`: {reason}");
        let source = match (&entry["MetricStat"], text(entry, "Expression")) {
            (stat @ Value::Object(_), None) => {
                periods.extend(whole(stat, "Period").map_err(of)?);
                let statistic = needed(stat, "Stat").map_err(of)?;
                let mut source = metric_source(&stat["Metric"], statistic, text(stat, "Unit")).map_err(of)?;
                if let (Some(account), Source::Metric { metric, .. }) = (text(entry, "AccountId"), &mut source) {
                    metric.dimensions.insert("(account)".to_owned(), account.to_owned());
                }
                source
            }
            (Value::Null, Some(_)) if is_band => given(name, &id),
            (Value::Null, Some(expression)) if asks_aws(expression) => {
                needs.push(Need::Result { id: id.clone() });
                given(name, &id)
            }
            (Value::Null, Some(expression)) => Source::Expression(expression.to_owned()),
            _ => return Err(of("it needs a MetricStat or an Expression".into())),
        };
        periods.extend(whole(entry, "Period")?.filter(|period| *period > 0));
        // CloudWatch's default is true; of a band, the metric it is about is the one that is watched.
        let returns = match &entry["ReturnData"] {
            Value::Bool(returns) => *returns,
            Value::String(text) => text.eq_ignore_ascii_case("true"),
            _ => entries.len() == 1 || !entries.iter().any(|other| other["ReturnData"] == Value::Bool(true)),
        };
        if returns && !is_band {
            returned.push(queries.len());
        }
        queries.push(Query { id, label: text(entry, "Label").map(str::to_owned), source });
    }
    let [returned] = returned[..] else {
        return Err(format!("exactly one entry of Metrics must return data, not {}", returned.len()));
    };
    let period = *periods.first().ok_or("no entry of Metrics has a Period")?;
    if periods.iter().any(|other| *other != period) {
        return Err("every metric of an alarm must have the same period".into());
    }
    Ok(Entries { queries, returned, period, needs })
}

/// What only AWS can answer: a scenario gives its result.
fn asks_aws(expression: &str) -> bool {
    let upper = expression.to_ascii_uppercase();
    let calls = |function: &str| {
        upper.match_indices(function).any(|(at, _)| {
            let before = upper[..at].chars().next_back();
            let is_whole = before.is_none_or(|c| !c.is_ascii_alphanumeric() && c != '_');
            is_whole && upper[at + function.len()..].trim_start().starts_with('(')
        })
    };
    upper.trim_start().starts_with("SELECT")
        || ["SEARCH", "INSIGHT_RULE_METRIC", "SERVICE_QUOTA", "DB_PERF_INSIGHTS", "LAMBDA", "ANOMALY_DETECTION_BAND"]
            .iter()
            .any(|function| calls(function))
}

/// Adds the band's two lines, and what is watched instead of the metric: whether it lies outside.
fn with_band(
    queries: &mut Vec<Query>,
    watched: usize,
    band: &str,
    operator: &str,
    name: &str,
) -> Result<usize, String> {
    let at = queries.iter().position(|query| query.id == band);
    let at = at.ok_or_else(|| format!("ThresholdMetricId `{band}` is no entry of Metrics"))?;
    let id = queries[watched].id.clone();
    let (low, high) = ("band_low".to_owned(), "band_high".to_owned());
    queries[at] = Query { id: low.clone(), label: None, source: given(name, &low) };
    queries.push(Query { id: high.clone(), label: None, source: given(name, &high) });
    let outside = match operator {
        "LessThanLowerThreshold" => format!("{id} < {low}"),
        "GreaterThanUpperThreshold" => format!("{id} > {high}"),
        _ => format!("{id} < {low} OR {id} > {high}"),
    };
    // Where the metric has no point there is nothing to compare.
    let expression = format!("IF({id} * 0 + 1, {outside})");
    queries.push(Query { id: format!("{id}_outside"), label: None, source: Source::Expression(expression) });
    Ok(queries.len() - 1)
}

fn metric_source(value: &Value, stat: &str, unit: Option<&str>) -> Result<Source, String> {
    let stat = stat.parse().map_err(|error: cloudwatch::stats::UnknownStatistic| error.to_string())?;
    let unit = unit.map(str::to_owned);
    if let Some(unit) = unit.as_deref().filter(|unit| !is_unit(unit)) {
        return Err(format!("Unit `{unit}` is none"));
    }
    Ok(Source::Metric { metric: metric_key(value)?, stat, unit })
}

pub(super) fn metric_key(value: &Value) -> Result<MetricKey, String> {
    let mut key = MetricKey::new(needed(value, "Namespace")?, needed(value, "MetricName")?);
    key.dimensions = dimensions(&value["Dimensions"])?;
    Ok(key)
}

/// A list of names and values, or a map.
fn dimensions(value: &Value) -> Result<BTreeMap<String, String>, String> {
    let scalar = |name: &str, value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Number(_) | Value::Bool(_) => Ok(value.to_string()),
        other => Err(format!("dimension {name} is `{other}`, and a text was expected")),
    };
    match value {
        Value::Null => Ok(BTreeMap::new()),
        Value::Object(map) => map.iter().map(|(name, value)| Ok((name.clone(), scalar(name, value)?))).collect(),
        Value::Array(list) => {
            let mut dimensions = BTreeMap::new();
            for item in list {
                let name =
                    text(item, "Name").ok_or_else(|| format!("a dimension is `{item}`, and needs Name and Value"))?;
                if dimensions.insert(name.to_owned(), scalar(name, &item["Value"])?).is_some() {
                    return Err(format!("the dimension {name} is there twice"));
                }
            }
            Ok(dimensions)
        }
        other => Err(format!("Dimensions is `{other}`, and a list was expected")),
    }
}

pub(super) fn composite(value: &Value, name: &str, key: &str) -> Result<CompositeAlarm, String> {
    let rule_text = needed(value, "AlarmRule")?.to_owned();
    if rule_text.starts_with(KNOWN) {
        return Err("AlarmRule is known only after the apply; write the rule with alarm names rather than ARNs".into());
    }
    let rule = parse(&rule_text).map_err(|error| format!("AlarmRule: {error}"))?;
    let suppressor = text(value, "ActionsSuppressor")
        .map(|alarm| {
            let seconds = |key: &str| {
                whole(value, key)?.filter(|seconds| *seconds >= 0).ok_or_else(|| format!("{key} is missing"))
            };
            Ok::<_, String>(Suppressor {
                alarm: alarm.to_owned(),
                wait_s: seconds("ActionsSuppressorWaitPeriod")?,
                extension_s: seconds("ActionsSuppressorExtensionPeriod")?,
            })
        })
        .transpose()?;
    Ok(CompositeAlarm {
        name: name.to_owned(),
        key: key.to_owned(),
        about: about(value),
        actions: actions(value),
        rule_text,
        rule,
        suppressor,
    })
}

/// `Name`, `Rule.Schedule`, `MuteTargets.AlarmNames`, `StartDate`, `ExpireDate`.
pub(super) fn mute_rule(value: &Value, name: &str) -> Result<MuteRule, String> {
    let schedule = &value["Rule"]["Schedule"];
    let zone = match text(schedule, "Timezone") {
        None => TimeZone::UTC,
        Some(zone) => TimeZone::get(zone).map_err(|error| format!("Timezone: {error}"))?,
    };
    let moment = |key: &str| {
        let text = text(value, key);
        let read = |text: &str| text.parse::<Timestamp>().map(Timestamp::as_second);
        text.map(|text| read(text).map_err(|error| format!("{key}: {error}"))).transpose()
    };
    let targets = value["MuteTargets"]["AlarmNames"].as_array().into_iter().flatten();
    Ok(MuteRule {
        name: name.to_owned(),
        targets: targets.filter_map(Value::as_str).map(str::to_owned).collect(),
        schedule: Schedule::parse(needed(schedule, "Expression")?)?,
        zone,
        duration_s: iso_duration(needed(schedule, "Duration")?)?,
        from: moment("StartDate")?,
        until: moment("ExpireDate")?,
    })
}

/// `PT4H`, `P1DT30M`, in seconds.
fn iso_duration(text: &str) -> Result<i64, String> {
    let wrong = |error: jiff::Error| format!("Duration `{text}`: {error}");
    let span: Span = text.parse().map_err(wrong)?;
    let days = jiff::SpanRelativeTo::days_are_24_hours();
    let duration: SignedDuration = span.to_duration(days).map_err(wrong)?;
    Ok(duration.as_secs())
}
