//! A body and its series out of files: the same math as the local stack's, and no service.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result, bail};
use cloudwatch::{Datapoint, Limits, MetricKey, NO_UNIT, Store, api};
use serde::Deserialize;
use serde_json::{Value, json};
use suite::Names;
use views::{Answer, Body, Content, Point, QueryKind, Range, Series};

use super::{Answered, DashboardArgs, keep_wanted, now};

/// What `--series` holds.
#[derive(Debug, Deserialize)]
struct Recorded {
    start: jiff::Timestamp,
    #[serde(default = "minute")]
    step: i64,
    series: Vec<RecordedSeries>,
}

#[derive(Debug, Deserialize)]
struct RecordedSeries {
    namespace: String,
    metric: String,
    #[serde(default)]
    dimensions: BTreeMap<String, String>,
    unit: Option<String>,
    points: Points,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Points {
    /// As scenarios write them: `0x10 5+1x3 _x5`.
    Notation(String),
    Values(Vec<Option<f64>>),
}

fn minute() -> i64 {
    60
}

const REGION: &str = "us-east-1";
const PROJECT: &str = "order-processing";

pub(super) fn answer(args: &DashboardArgs, path: &Path, environment: &str) -> Result<Answered> {
    let names = Names::new(
        std::env::var("PROJECT_NAME").unwrap_or_else(|_| PROJECT.into()),
        environment,
        std::env::var("AWS_REGION").unwrap_or_else(|_| REGION.into()),
    );
    let text = fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    // The suite's own bodies are templates; in others' a ${…} is a dynamic label.
    let filled = names.placeholders().fill(&text).unwrap_or(text);
    let mut body = Body::parse_with(&filled, &args.set).with_context(|| path.display().to_string())?;
    let wanted = args.wanted();
    keep_wanted(&wanted, &mut body)?;
    let (store, end) = match &args.series {
        Some(series) => recorded(series, args.scenario.as_deref(), &names)?,
        None => (Store::new(Limits::default()), now()),
    };
    let range = super::range(&wanted, &body, end);
    let mut store = store;
    let answers =
        body.widgets.iter().map(|widget| ask(&mut store, &widget.content, &body, range, end)).collect::<Result<_>>()?;
    let name = path.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    // An hour later every period is complete.
    Ok(Answered { name, body, range, now: end + 3600, answers, states: Vec::new() })
}

fn ask(store: &mut Store, content: &Content, body: &Body, dashboard: Range, now: i64) -> Result<Answer> {
    let Content::Metric(metric) = content else {
        return Ok(match content {
            Content::Text(_) | Content::Other { .. } => Answer::Nothing,
            Content::Log(_) => Answer::Failed("a file of series has no log lines".into()),
            Content::Alarm(_) => {
                Answer::Failed("a file of series has no alarm states: `alarms test` knows them".into())
            }
            _ => Answer::Failed("nobody is asked: this is drawn from files".into()),
        });
    };
    if metric.alarm().is_some() {
        return Ok(Answer::Failed("a file of series has no alarms".into()));
    }
    let range = metric.range(dashboard, now);
    let queries = metric.queries(range, body.period);
    let query = |query: &views::Query| match &query.kind {
        QueryKind::Expression(expression) => {
            json!({"Id": query.id, "Expression": expression, "Period": query.period, "ReturnData": query.visible})
        }
        QueryKind::Metric { namespace, name, dimensions, stat } => {
            let dimensions: Vec<_> =
                dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
            json!({"Id": query.id, "ReturnData": query.visible, "MetricStat": {"Period": query.period, "Stat": stat,
                "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}}})
        }
    };
    if queries.is_empty() {
        return Ok(Answer::Metrics(Vec::new(), None));
    }
    let input = json!({"StartTime": range.start, "EndTime": range.end, "ScanBy": "TimestampAscending", "MetricDataQueries": queries.iter().map(query).collect::<Vec<_>>()});
    let answer = api::run(store, "GetMetricData", &input, now).context("GetMetricData is not known")?;
    Ok(match answer {
        Ok(output) => Answer::Metrics(series(&output.to_json()), None),
        Err(error) => Answer::Failed(error.message),
    })
}

fn series(answer: &Value) -> Vec<Series> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let one = |result: Value| {
        #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
        let at = |time: &Value| time.as_f64().unwrap_or_default() as i64;
        let points = list(&result["Timestamps"])
            .iter()
            .zip(list(&result["Values"]))
            .filter_map(|(time, value)| Some(Point(at(time), value.as_f64()?)))
            .collect();
        Series { id: result["Id"].as_str().unwrap_or_default().into(), label: None, unit: None, points }
    };
    list(&answer["MetricDataResults"]).into_iter().map(one).collect()
}

/// The series of a file, and the moment they end.
fn recorded(path: &Path, scenario: Option<&str>, names: &Names) -> Result<(Store, i64)> {
    let text = fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let is_yaml = path.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
    if !is_yaml {
        let recorded: Recorded = serde_json::from_str(&text).with_context(|| path.display().to_string())?;
        return keep(
            recorded.start.as_second(),
            recorded.series.into_iter().map(|series| {
                let key = series
                    .dimensions
                    .into_iter()
                    .fold(MetricKey::new(series.namespace, series.metric), |key, (name, value)| key.with(name, value));
                let points = match series.points {
                    Points::Notation(text) => alarms_cli::scenario::parse_series(&text)?,
                    Points::Values(values) => values
                        .into_iter()
                        .map(|value| value.map(cloudwatch::Sample::value).transpose())
                        .collect::<Result<_, _>>()?,
                };
                Ok((key, series.unit, recorded.step, points))
            }),
        );
    }
    let mut scenarios =
        alarms_cli::scenario::read(&names.placeholders().fill(&text)?).with_context(|| path.display().to_string())?;
    let there_are = || scenarios.iter().map(|scenario| scenario.name.as_str()).collect::<Vec<_>>().join("; ");
    let found = match scenario {
        Some(name) => scenarios
            .iter()
            .position(|scenario| scenario.name == name)
            .with_context(|| format!("no scenario is called {name:?}. There are: {}", there_are()))?,
        None if scenarios.len() == 1 => 0,
        None => bail!("which scenario? Say --scenario NAME. There are: {}", there_are()),
    };
    let scenario = scenarios.swap_remove(found);
    keep(
        scenario.start,
        scenario.series.into_iter().filter_map(|series| {
            let key = series.metric().cloned()?;
            Some(Ok((key, series.unit, series.step, series.points)))
        }),
    )
}

type Line = (MetricKey, Option<String>, i64, Vec<Option<cloudwatch::Sample>>);

fn keep(start: i64, lines: impl Iterator<Item = Result<Line>>) -> Result<(Store, i64)> {
    let mut store = Store::new(Limits::default());
    let lines: Vec<Line> = lines.collect::<Result<_>>()?;
    let length = |line: &Line| line.2.saturating_mul(i64::try_from(line.3.len()).unwrap_or(i64::MAX));
    let end = start + lines.iter().map(length).max().unwrap_or(0);
    for (key, unit, step, points) in lines {
        for (index, sample) in (0..).zip(points) {
            let Some(sample) = sample else { continue };
            let point = Datapoint::new(key.clone(), unit.as_deref().unwrap_or(NO_UNIT), start + index * step, sample);
            if let Err(refused) = store.push(&point, end) {
                bail!("{key}: a point at {} is refused: {refused:?}", point.at);
            }
        }
    }
    Ok((store, end))
}
