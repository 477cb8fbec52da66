//! Answers to any widget's question: the same each time, by the row's place.

use serde_json::json;
use views::{Alarm, AlarmState, Answer, Content, Point, Range, Series, Table};

pub(crate) const NOW: i64 = 1_723_737_600;

pub(crate) fn range() -> Range {
    Range { start: NOW - 3 * 3600, end: NOW }
}

/// A value for each period that depends on the row's place only; some are missing.
fn series(id: &str, index: usize, period: i64) -> Series {
    let range = range();
    let count = (range.end - range.start) / period;
    let points = (0..count)
        .filter(|n| !(40..52).contains(&(n * period / 180)) || index != 1)
        .map(|place| {
            #[expect(clippy::cast_precision_loss, reason = "small")]
            let (n, shift) = ((place * period) as f64 / 60.0, index as f64);
            Point(
                range.start + place * period,
                ((n / 17.0 + shift).sin() * 20.0 + 30.0 + shift * 12.0 + (n * 7.0) % 11.0).round(),
            )
        })
        .collect();
    Series { id: id.into(), label: None, unit: Some("Count".into()), points }
}

fn alarm(name: &str, state: AlarmState, since: i64) -> Alarm {
    Alarm {
        arn: format!("arn:aws:cloudwatch:eu-west-1:123456789012:alarm:{name}"),
        name: name.into(),
        state,
        state_since: NOW - since,
        updated: NOW - since,
        reason: "Threshold crossed <3 datapoints>".into(),
        threshold: Some((50.0, ">= 50".into())),
        series: vec![series("m1", 0, 60)],
    }
}

pub(crate) fn answer(content: &Content) -> Answer {
    match content {
        Content::Metric(metric) if metric.alarm().is_some() => {
            Answer::Metrics(Vec::new(), Some(Box::new(alarm("shown", AlarmState::Alarm, 600))))
        }
        Content::Metric(metric) => {
            let queries = metric.queries(range(), views::Period::Auto);
            let answer = |(index, query): (usize, &views::Query)| {
                let mut series = series(&query.id, index, query.period);
                if matches!(&query.kind, views::QueryKind::Metric { name, .. } if name == "large") {
                    series.points.iter_mut().for_each(|point| point.1 *= 12_345.678);
                }
                series
            };
            Answer::Metrics(queries.iter().enumerate().map(answer).collect(), None)
        }
        Content::Log(log) => {
            let row = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
            let columns = ["bin(1h)", "step", "failures", "lastError"].map(str::to_owned).to_vec();
            let rows = vec![
                row(["2024-08-15 14:00:00.000", "store", "12", "<b>throttled</b>"]),
                row(["2024-08-15 15:00:00.000", "store", "4", "conflict & more"]),
                row(["2024-08-15 15:00:00.000", "enqueue", "1", "timeout"]),
            ];
            if log.query.contains("nothing") {
                Answer::Rows(Table { columns, rows: Vec::new() })
            } else {
                Answer::Rows(Table { columns, rows })
            }
        }
        Content::Alarm(widget) => Answer::Alarms(
            [
                alarm("api-errors", AlarmState::Alarm, 7200),
                alarm("dlq-depth", AlarmState::Alarm, 300),
                alarm("api-latency", AlarmState::InsufficientData, 60),
            ]
            .into_iter()
            .take(widget.alarms.len())
            .collect(),
        ),
        Content::Custom(custom) => {
            let said = html_of(&custom.endpoint, &custom.params);
            Answer::Custom(json!(said))
        }
        Content::Text(_) | Content::Other { .. } => Answer::Nothing,
    }
}

/// What a function answers that is no friend.
fn html_of(endpoint: &str, params: &serde_json::Value) -> String {
    format!(
        "<h3 onclick=alert(1)>Found</h3><script>alert(1)</script><p>{endpoint} {params}</p><a class=btn>More</a><cwdb-action display=popup>Told</cwdb-action>"
    )
}
