//! How often an alarm would have fired over recorded data.

use crate::catalogue::Catalogue;
use crate::evaluate::{Evaluator, Options};
use crate::model::{EpochSeconds, MetricAlarm, Source, State};
use cloudwatch::Sample;
use serde::Serialize;
use std::collections::BTreeMap;

/// Recorded values by query id, in any order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording(pub BTreeMap<String, Vec<(EpochSeconds, f64)>>);

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// JSON that is not the answer of GetMetricData.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// A line of the CSV form.
    #[error("line {line}: {reason}")]
    Line {
        /// Counted from 1.
        line: usize,
        /// Why.
        reason: String,
    },
    /// It does not fit the alarm.
    #[error("{0}")]
    Fit(String),
}

/// What one threshold would have done.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Backtest {
    /// The threshold.
    pub threshold: f64,
    /// Evaluations made.
    pub evaluations: usize,
    /// Each time in `ALARM`.
    pub episodes: Vec<Episode>,
    /// Seconds in `ALARM`.
    pub seconds_in_alarm: i64,
}

/// One time in `ALARM`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Episode {
    /// When it fired.
    pub from: EpochSeconds,
    /// When it ended; `None` when the recording ended first.
    pub to: Option<EpochSeconds>,
    /// Why it fired.
    pub reason: String,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    metric_data_results: Vec<AnswerSeries>,
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "PascalCase")]
struct AnswerSeries {
    id: String,
    timestamps: Vec<String>,
    values: Vec<f64>,
}

impl Recording {
    /// Reads the answer of `aws cloudwatch get-metric-data`, or CSV lines `time,value` (for alarms on one
    /// metric) or `time,id,value`. Times are RFC 3339 or epoch seconds.
    pub fn read(text: &str, alarm: &MetricAlarm) -> Result<Self, RecordingError> {
        let mut recording = Recording::default();
        if text.trim_start().starts_with('{') {
            let answer: Answer = serde_json::from_str(text)?;
            for series in answer.metric_data_results {
                if series.timestamps.len() != series.values.len() {
                    let id = series.id;
                    return Err(RecordingError::Fit(format!("`{id}`: as many values as timestamps are needed")));
                }
                for (time, value) in series.timestamps.iter().zip(series.values) {
                    let at = moment(time).map_err(RecordingError::Fit)?;
                    recording.0.entry(series.id.clone()).or_default().push((at, value));
                }
            }
        } else {
            recording.read_lines(text, alarm)?;
        }
        recording.check(alarm)?;
        Ok(recording)
    }

    fn read_lines(&mut self, text: &str, alarm: &MetricAlarm) -> Result<(), RecordingError> {
        let only = alarm.metrics().next().map(|(query, ..)| query.id.clone()).unwrap_or_default();
        for (index, line) in text.lines().enumerate() {
            let wrong = |reason: String| RecordingError::Line { line: index + 1, reason };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') || (index == 0 && line.starts_with("time")) {
                continue;
            }
            let fields: Vec<&str> = line.split(',').map(str::trim).collect();
            let (time, id, value) = match fields[..] {
                [time, value] => (time, only.as_str(), value),
                [time, id, value] => (time, id, value),
                _ => return Err(wrong("`time,value` or `time,id,value` was expected".into())),
            };
            let at = moment(time).map_err(wrong)?;
            let value = value.parse().map_err(|_| wrong(format!("`{value}` is not a number")))?;
            self.0.entry(id.to_owned()).or_default().push((at, value));
        }
        Ok(())
    }

    fn check(&self, alarm: &MetricAlarm) -> Result<(), RecordingError> {
        let needed: Vec<&str> = alarm.metrics().map(|(query, ..)| query.id.as_str()).collect();
        if let Some(id) = self.0.keys().find(|id| !needed.contains(&id.as_str())) {
            return Err(RecordingError::Fit(format!(
                "the recording has `{id}`; the alarm's metrics are {}",
                needed.join(", ")
            )));
        }
        if self.0.values().all(Vec::is_empty) {
            return Err(RecordingError::Fit("the recording has no datapoint".into()));
        }
        Ok(())
    }
}

fn moment(text: &str) -> Result<EpochSeconds, String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    let parsed = text.parse::<jiff::Timestamp>().map_err(|error| format!("`{text}`: {error}"))?;
    Ok(parsed.as_second())
}

/// Replays a recording through one alarm with another threshold.
pub fn backtest(
    alarm: &MetricAlarm,
    threshold: f64,
    recording: &Recording,
    options: &Options,
) -> Result<Backtest, RecordingError> {
    let mut spec = alarm.spec.clone();
    spec.threshold = threshold;
    let name = spec.name.clone();
    let alarm = MetricAlarm::new(spec).map_err(|error| RecordingError::Fit(error.to_string()))?;
    let step = if alarm.spec.period < 60 { 10 } else { 60 };
    let catalogue = Catalogue { metric_alarms: vec![alarm.clone()], ..Catalogue::default() };
    let mut evaluator = Evaluator::with_options(catalogue, options.clone());
    let (mut first, mut last) = (i64::MAX, i64::MIN);
    for query in &alarm.spec.queries {
        let Source::Metric { metric, unit, .. } = &query.source else {
            continue;
        };
        for (at, value) in recording.0.get(&query.id).into_iter().flatten() {
            let sample = Sample::value(*value).map_err(|error| RecordingError::Fit(error.to_string()))?;
            evaluator.push(metric, unit.as_deref(), *at, &sample);
            (first, last) = (first.min(*at), last.max(*at));
        }
    }
    let mut episodes: Vec<Episode> = Vec::new();
    let mut evaluations = 0;
    let mut at = first.div_euclid(step) * step;
    let end = last + step;
    while at <= end {
        evaluations += 1;
        for transition in evaluator.tick(at).into_iter().filter(|t| t.alarm == name) {
            if transition.to == State::Alarm {
                episodes.push(Episode { from: transition.at, to: None, reason: transition.reason });
            } else if let Some(open) = episodes.last_mut().filter(|episode| episode.to.is_none()) {
                open.to = Some(transition.at);
            }
        }
        at += step;
    }
    let seconds_in_alarm = episodes.iter().map(|e| e.to.unwrap_or(end) - e.from).sum();
    Ok(Backtest { threshold, evaluations, episodes, seconds_in_alarm })
}

#[cfg(test)]
mod tests {
    use super::*;
    use suite::Placeholders;

    fn alarm() -> MetricAlarm {
        let text = "alarms: { a: { summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 5, \
                    period: 60, evaluation_periods: 2, missing_data: notBreaching, \
                    metrics: [{ id: m, namespace: n, metric: x, stat: Maximum }] } }";
        Catalogue::from_yaml(text, &Placeholders::none()).unwrap().metric_alarms.remove(0)
    }

    #[test]
    fn a_higher_threshold_fires_less_often() {
        let csv = "time,value\n0,1\n60,9\n120,9\n180,1\n240,6\n300,6\n360,1\n";
        let recording = Recording::read(csv, &alarm()).unwrap();
        let run = |threshold| backtest(&alarm(), threshold, &recording, &Options::default()).unwrap();
        let (low, high) = (run(5.0), run(7.0));
        assert_eq!(low.episodes.len(), 2);
        assert_eq!(high.episodes.len(), 1);
        assert_eq!((high.episodes[0].from, high.episodes[0].to), (180, Some(240)));
        assert_eq!(high.seconds_in_alarm, 60);
    }

    #[test]
    fn the_answer_of_get_metric_data_is_read() {
        let json = r#"{"MetricDataResults":[{"Id":"m","Label":"x","Timestamps":["2026-01-01T00:01:00+00:00"],"Values":[9.0]}]}"#;
        let recording = Recording::read(json, &alarm()).unwrap();
        assert_eq!(recording.0["m"], [(1_767_225_660, 9.0)]);
    }

    #[test]
    fn what_does_not_fit_is_said() {
        let error = |text: &str| Recording::read(text, &alarm()).unwrap_err().to_string();
        assert_eq!(error("0,other,1"), "the recording has `other`; the alarm's metrics are m");
        assert_eq!(error("0,x"), "line 1: `x` is not a number");
        assert_eq!(error(""), "the recording has no datapoint");
    }
}
