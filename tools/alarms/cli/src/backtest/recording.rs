//! Recorded values, in the forms in which AWS hands them out.

use std::collections::BTreeMap;

use alarms::model::{EpochSeconds, MetricAlarm};
use jiff::civil;
use serde_json::Value;

/// Recorded values by query id, in any order of time.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recording(pub BTreeMap<String, Vec<(EpochSeconds, f64)>>);

/// Why a recording cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RecordingError {
    /// JSON that is neither the answer of GetMetricData nor that of GetMetricStatistics.
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

const STATISTICS: [&str; 5] = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"];

impl Recording {
    /// Reads the answer of `aws cloudwatch get-metric-data` or `get-metric-statistics`, the CSV that CloudWatch's console downloads, or
    /// lines `time,value` (for alarms on one metric) or `time,id,value`. Times are RFC 3339, `2026/01/05 10:00:00` in UTC, or epoch
    /// seconds.
    ///
    /// # Errors
    /// When it is none of these, or lacks a metric of the alarm.
    pub fn read(text: &str, alarm: &MetricAlarm) -> Result<Self, RecordingError> {
        let mut recording = Recording::default();
        if text.trim_start().starts_with('{') {
            let answer: Value = serde_json::from_str(text)?;
            if answer["MetricDataResults"].is_array() {
                recording.read_data(&answer)?;
            } else if answer["Datapoints"].is_array() {
                recording.read_statistics(&answer, alarm)?;
            } else {
                return Err(RecordingError::Fit(
                    "it is JSON with neither MetricDataResults (get-metric-data) nor Datapoints (get-metric-statistics)".into(),
                ));
            }
        } else {
            recording.read_lines(text, alarm)?;
        }
        recording.check(alarm)?;
        Ok(recording)
    }

    fn push(&mut self, id: &str, at: EpochSeconds, value: f64) {
        self.0.entry(id.to_owned()).or_default().push((at, value));
    }

    fn read_data(&mut self, answer: &Value) -> Result<(), RecordingError> {
        for series in answer["MetricDataResults"].as_array().into_iter().flatten() {
            let id = series["Id"].as_str().unwrap_or_default();
            let list = |key: &str| series[key].as_array().map_or(&[][..], Vec::as_slice);
            let (times, values) = (list("Timestamps"), list("Values"));
            if times.len() != values.len() {
                return Err(RecordingError::Fit(format!("`{id}`: as many values as timestamps are needed")));
            }
            self.0.entry(id.to_owned()).or_default();
            for (time, value) in times.iter().zip(values) {
                let at = moment_of(time).map_err(RecordingError::Fit)?;
                let value =
                    value.as_f64().ok_or_else(|| RecordingError::Fit(format!("`{id}`: {value} is not a number")))?;
                self.push(id, at, value);
            }
        }
        Ok(())
    }

    fn read_statistics(&mut self, answer: &Value, alarm: &MetricAlarm) -> Result<(), RecordingError> {
        let Some((query, _, stat)) = alarm.metrics().next().filter(|_| alarm.metrics().count() == 1) else {
            let reason =
                "get-metric-statistics answers about one metric, and the alarm has several: use get-metric-data";
            return Err(RecordingError::Fit(reason.into()));
        };
        let (id, wanted) = (query.id.clone(), stat.to_string());
        for point in answer["Datapoints"].as_array().into_iter().flatten() {
            let at = moment_of(&point["Timestamp"]).map_err(RecordingError::Fit)?;
            let value =
                point[wanted.as_str()].as_f64().or_else(|| point["ExtendedStatistics"][wanted.as_str()].as_f64());
            let Some(value) = value else {
                let has: Vec<&str> = STATISTICS.into_iter().filter(|name| point[*name].is_number()).collect();
                return Err(RecordingError::Fit(format!(
                    "the alarm watches {wanted}, and the answer has {}",
                    has.join(", ")
                )));
            };
            self.push(&id, at, value);
        }
        Ok(())
    }

    fn read_lines(&mut self, text: &str, alarm: &MetricAlarm) -> Result<(), RecordingError> {
        let only = alarm.metrics().next().map(|(query, ..)| query.id.clone()).unwrap_or_default();
        // The console's rows before the first time: one of them names the ids of the columns.
        let mut columns: Vec<String> = Vec::new();
        let mut has_data = false;
        for (index, line) in text.lines().enumerate() {
            let wrong = |reason: String| RecordingError::Line { line: index + 1, reason };
            let line = line.trim().trim_start_matches('\u{feff}');
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let fields = fields(line);
            let Some(time) = fields.first() else { continue };
            let at = match moment(time) {
                Ok(at) => at,
                Err(_) if !has_data && index < 20 && !time.starts_with(|c: char| c.is_ascii_digit()) => {
                    let names = fields[1..].iter().map(|name| name.trim().to_owned());
                    if columns.is_empty() || time.eq_ignore_ascii_case("id") {
                        columns = names.collect();
                    }
                    continue;
                }
                Err(reason) => return Err(wrong(reason)),
            };
            has_data = true;
            let known = |name: &str| alarm.metrics().any(|(query, ..)| query.id == name);
            let value_of = |text: &str| {
                text.parse::<f64>()
                    .ok()
                    .filter(|value| value.is_finite())
                    .ok_or_else(|| wrong(format!("`{text}` is not a number")))
            };
            match &fields[1..] {
                [value] => self.push(&only, at, value_of(value)?),
                [id, value] if id.parse::<f64>().is_err() && !id.is_empty() => self.push(id, at, value_of(value)?),
                [] => return Err(wrong("`time,value` or `time,id,value` was expected".into())),
                values => {
                    for (column, value) in values.iter().enumerate().filter(|(_, value)| !value.is_empty()) {
                        let id = columns.get(column).filter(|name| known(name));
                        let id = id.ok_or_else(|| {
                            wrong(format!("column {} has no id of the alarm's in a row `Id`", column + 2))
                        })?;
                        self.push(&id.clone(), at, value_of(value)?);
                    }
                }
            }
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
        if let Some(id) = needed.iter().find(|id| !self.0.contains_key(**id)) {
            return Err(RecordingError::Fit(format!(
                "the recording lacks `{id}`; the alarm's metrics are {}",
                needed.join(", ")
            )));
        }
        Ok(())
    }
}

/// The fields of a line, their quotes taken off.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut quoted = false;
    for c in line.chars() {
        match c {
            '"' => quoted = !quoted,
            ',' if !quoted => fields.push(String::new()),
            c => fields.last_mut().into_iter().for_each(|field| field.push(c)),
        }
    }
    fields.into_iter().map(|field| field.trim().to_owned()).collect()
}

fn moment_of(value: &Value) -> Result<EpochSeconds, String> {
    match value {
        Value::String(text) => moment(text),
        #[expect(clippy::cast_possible_truncation, reason = "seconds")]
        Value::Number(number) => {
            number.as_f64().map(|seconds| seconds as i64).ok_or_else(|| format!("`{number}` is no time"))
        }
        other => Err(format!("`{other}` is no time")),
    }
}

fn moment(text: &str) -> Result<EpochSeconds, String> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Ok(seconds);
    }
    if let Ok(moment) = text.parse::<jiff::Timestamp>() {
        return Ok(moment.as_second());
    }
    // The console's own: 2026/01/05 10:00:00.
    let plain = text.replace('/', "-");
    let civil = plain.parse::<civil::DateTime>().map_err(|error| format!("`{text}` is no time: {error}"))?;
    let zoned = civil.to_zoned(jiff::tz::TimeZone::UTC).map_err(|error| format!("`{text}` is no time: {error}"))?;
    Ok(zoned.timestamp().as_second())
}
