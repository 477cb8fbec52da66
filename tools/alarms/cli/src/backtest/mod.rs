//! How often an alarm would have fired over recorded data.

mod recording;

use alarms::{
    Catalogue,
    evaluate::{Evaluator, Options},
    model::{EpochSeconds, MetricAlarm, Source, State},
};
use cloudwatch::Sample;
pub use recording::{Recording, RecordingError};
use serde::Serialize;

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
    use crate::sources::catalogue;

    fn alarm() -> MetricAlarm {
        let text = "alarms: { a: { summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 5, \
                    period: 60, evaluation_periods: 2, missing_data: notBreaching, \
                    metrics: [{ id: m, namespace: n, metric: x, stat: Maximum }] } }";
        catalogue::read(text, None).unwrap().metric_alarms.remove(0)
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

    #[test]
    fn the_answer_of_get_metric_statistics_is_read() {
        let json =
            r#"{"Label":"x","Datapoints":[{"Timestamp":"2026-01-01T00:01:00+00:00","Maximum":9.0,"Unit":"Count"}]}"#;
        let recording = Recording::read(json, &alarm()).unwrap();
        assert_eq!(recording.0["m"], [(1_767_225_660, 9.0)]);
        let error = Recording::read(&json.replace("Maximum", "Average"), &alarm()).unwrap_err().to_string();
        assert_eq!(error, "the alarm watches Maximum, and the answer has Average");
    }

    #[test]
    fn the_csv_of_the_console_is_read() {
        let csv = "\u{feff}\"Full label\",\"my metric\"\n\"Id\",\"m\"\n\"2026/01/01 00:01:00\",\"9\"\n";
        assert_eq!(Recording::read(csv, &alarm()).unwrap().0["m"], [(1_767_225_660, 9.0)]);
    }

    #[test]
    fn a_recording_without_one_of_the_metrics_is_refused() {
        let text = "alarms: { a: { summary: s, severity: page, comparison: GreaterThanThreshold, threshold: 5, period: 60, \
                    evaluation_periods: 2, metrics: [{ id: m, namespace: n, metric: x, stat: Sum }, { id: o, namespace: n, metric: y, \
                    stat: Sum }, { id: e, expression: m / o }] } }";
        let two = catalogue::read(text, None).unwrap().metric_alarms.remove(0);
        let error = Recording::read("0,m,1\n", &two).unwrap_err().to_string();
        assert_eq!(error, "the recording lacks `o`; the alarm's metrics are m, o");
        let console = "Id,m,o\n2026/01/01 00:01:00,9,3\n";
        assert_eq!(Recording::read(console, &two).unwrap().0["o"], [(1_767_225_660, 3.0)]);
    }
}
