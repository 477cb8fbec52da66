//! GetMetricWidgetImage: the picture of a metric widget, drawn by `views` from what GetMetricData answers.

use ::alarms::service::AlarmService;
use aws_wire::{ApiError, Output};
use axum::{
    body::Body,
    http::{Response, header},
};
use cloudwatch::api::{self, error};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use views::{Answer, Content, Metric, Point, Query, QueryKind, Range, Series, Theme};

pub(super) const OPERATION: &str = "GetMetricWidgetImage";

const WIDTH: u32 = 600;
const HEIGHT: u32 = 400;
/// Of each side.
const MAX_PIXELS: u32 = 2000;
const MAX_METRICS: usize = 100;
const HOURS_BEFORE: &str = "-PT3H";
const VIEWS: [&str; 6] = ["timeSeries", "bar", "pie", "singleValue", "gauge", "table"];

/// The parameter `MetricWidget`, as far as it is not the widget's own: that is the rest.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Frame {
    width: Option<i64>,
    height: Option<i64>,
    theme: Option<String>,
    region: Option<String>,
    metrics: Option<Vec<Value>>,
    view: Option<String>,
    annotations: Option<Value>,
    start: Option<String>,
    end: Option<String>,
}

/// How the picture is handed out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Format {
    /// In the answer's member `MetricWidgetImage`.
    Member,
    /// As the answer's body.
    Body,
}

/// What a call is answered.
#[derive(Debug)]
pub(super) enum Drawn {
    Member(Output),
    Body(Response<Body>),
}

/// What a call asks for, judged.
#[derive(Debug)]
pub(super) struct Request {
    body: views::Body,
    range: Range,
    now: i64,
    width: u32,
    height: u32,
    theme: Theme,
    format: Format,
}

fn refused(message: impl std::fmt::Display) -> ApiError {
    error::validation(format!("The parameter MetricWidget is invalid: {message}"))
}

impl Request {
    pub(super) fn read(region: &str, input: &Value, now: i64) -> Result<Self, ApiError> {
        let format = match input["OutputFormat"].as_str() {
            None | Some("png") => Format::Member,
            Some("image/png") => Format::Body,
            Some(other) => {
                let message =
                    format!("The value {other} for parameter OutputFormat is not supported: png or image/png");
                return Err(error::invalid(message));
            }
        };
        let Some(text) = input["MetricWidget"].as_str() else {
            return Err(error::missing("The parameter MetricWidget is required."));
        };
        let frame: Frame = serde_json::from_str(text).map_err(refused)?;
        frame.check(region)?;
        let theme = if frame.theme.as_deref() == Some("dark") { Theme::Dark } else { Theme::Light };
        let (width, height) = (side(frame.width, WIDTH, "width")?, side(frame.height, HEIGHT, "height")?);
        let mut properties: Map<String, Value> = serde_json::from_str(text).map_err(refused)?;
        for of_the_frame in ["width", "height", "theme", "start", "end"] {
            properties.remove(of_the_frame);
        }
        properties.insert("region".to_owned(), json!(region));
        let body = without_nulls(json!({
            "start": frame.start.as_deref().unwrap_or(HOURS_BEFORE), "end": frame.end, "periodOverride": "inherit",
            "widgets": [{"type": "metric", "x": 0, "y": 0, "width": 24, "height": 12, "properties": properties}]}));
        let body = views::Body::parse(&body.to_string()).map_err(|error| {
            refused(error.to_string().trim_start_matches("widgets[0].").trim_start_matches("properties."))
        })?;
        Ok(Self { range: body.range(now), body, now, width, height, theme, format })
    }

    /// What the widget asks for. Only this needs the service.
    pub(super) fn answer(&self, alarms: &mut AlarmService) -> Result<Answer, ApiError> {
        match self.body.widgets.first().map(|widget| &widget.content) {
            Some(Content::Metric(metric)) => match metric.alarm() {
                Some(arn) => alarm(alarms, arn, self.range, self.now),
                None => {
                    let queries = queries(metric, self.range, self.body.period);
                    Ok(Answer::Metrics(ask(alarms, queries, self.range, self.now)?, None))
                }
            },
            _ => Ok(Answer::Nothing),
        }
    }

    pub(super) fn draw(&self, answer: &Answer) -> Result<Drawn, ApiError> {
        let widget = self.body.widgets.first().ok_or_else(|| refused("it is no widget"))?;
        let drawn = views::draw(widget, answer, self.range, self.body.period, self.now);
        let png = views::png(&views::single(&drawn, self.width, self.height, self.theme), 1.0).map_err(|error| {
            ApiError::new(500, "InternalServiceError", format!("the picture can't be drawn: {error}"))
        })?;
        Ok(match self.format {
            Format::Member => Drawn::Member(Output::Map(vec![("MetricWidgetImage", Output::Blob(png))])),
            Format::Body => {
                let mut response = Response::new(Body::from(png));
                response.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("image/png"));
                Drawn::Body(response)
            }
        })
    }
}

impl Frame {
    fn check(&self, region: &str) -> Result<(), ApiError> {
        if let Some(other) = self.theme.as_deref().filter(|theme| !["light", "dark"].contains(theme)) {
            return Err(refused(format!("theme {other:?} is neither light nor dark")));
        }
        if self.region.as_deref().is_some_and(|named| named != region) {
            return Err(refused(format!("region must be the local Region, {region}")));
        }
        if let Some(other) = self.view.as_deref().filter(|view| !VIEWS.contains(view)) {
            return Err(refused(format!("view {other:?} is none of {}", VIEWS.join(", "))));
        }
        // An alarm's graph is the alarm's metric.
        let has_alarm = self.annotations.as_ref().is_some_and(|annotations| annotations["alarms"].is_array());
        match self.metrics.as_ref().map(Vec::len) {
            _ if has_alarm => Ok(()),
            None => Err(refused("it should have the property metrics")),
            Some(1..=MAX_METRICS) => Ok(()),
            Some(count) => Err(refused(format!("metrics has 1 to {MAX_METRICS} items, not {count}"))),
        }
    }
}

fn without_nulls(mut body: Value) -> Value {
    if let Some(members) = body.as_object_mut() {
        members.retain(|_, member| !member.is_null());
    }
    body
}

fn side(pixels: Option<i64>, default: u32, name: &str) -> Result<u32, ApiError> {
    let Some(pixels) = pixels else { return Ok(default) };
    u32::try_from(pixels)
        .ok()
        .filter(|pixels| (1..=MAX_PIXELS).contains(pixels))
        .ok_or_else(|| refused(format!("{name} is from 1 to {MAX_PIXELS}, not {pixels}")))
}

fn queries(metric: &Metric, range: Range, period: views::Period) -> Vec<Value> {
    metric.queries(range, period).iter().map(data_query).collect()
}

fn data_query(query: &Query) -> Value {
    match &query.kind {
        QueryKind::Expression(expression) => {
            json!({"Id": query.id, "ReturnData": query.visible, "Expression": expression, "Period": query.period})
        }
        QueryKind::Metric { namespace, name, dimensions, stat } => {
            let dimensions: Vec<Value> =
                dimensions.iter().map(|(name, value)| json!({"Name": name, "Value": value})).collect();
            json!({"Id": query.id, "ReturnData": query.visible, "MetricStat": {"Period": query.period, "Stat": stat,
                "Metric": {"Namespace": namespace, "MetricName": name, "Dimensions": dimensions}}})
        }
    }
}

/// As any client asks GetMetricData, page by page.
fn ask(alarms: &mut AlarmService, queries: Vec<Value>, range: Range, now: i64) -> Result<Vec<Series>, ApiError> {
    let mut found: Vec<Series> = Vec::new();
    let mut input = json!({"MetricDataQueries": queries, "StartTime": range.start, "EndTime": range.end, "ScanBy": "TimestampAscending"});
    loop {
        let answer = match api::run(alarms, "GetMetricData", &input, now) {
            Some(answer) => answer?.to_json(),
            None => return Ok(found),
        };
        for result in answer["MetricDataResults"].as_array().into_iter().flatten() {
            let id = result["Id"].as_str().unwrap_or_default();
            let label = result["Label"].as_str().map(str::to_owned);
            let times = result["Timestamps"].as_array().into_iter().flatten().filter_map(Value::as_f64);
            let values = result["Values"].as_array().into_iter().flatten().filter_map(Value::as_f64);
            #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
            let points = times.zip(values).map(|(at, value)| Point(at as i64, value));
            match found.iter_mut().find(|series| series.id == id && series.label == label) {
                Some(series) => series.points.extend(points),
                None => found.push(Series { id: id.to_owned(), label, unit: None, points: points.collect() }),
            }
        }
        match answer["NextToken"].as_str() {
            Some(token) => input["NextToken"] = json!(token),
            None => break,
        }
    }
    for index in 0..found.len() {
        // A line's label is the drawer's; only several lines of one expression need the service's.
        if found.iter().filter(|series| series.id == found[index].id).count() == 1 {
            found[index].label = None;
        }
        found[index].points.sort_by_key(|point| point.0);
    }
    Ok(found)
}

/// The alarm's own graph, with its threshold.
fn alarm(alarms: &mut AlarmService, arn: &str, range: Range, now: i64) -> Result<Answer, ApiError> {
    let name = arn.rsplit(":alarm:").next().unwrap_or(arn);
    let input = json!({"AlarmNames": [name], "AlarmTypes": ["MetricAlarm"]});
    let described = match alarms.run("DescribeAlarms", &input, now) {
        Some(answer) => answer.result?.to_json(),
        None => Value::Null,
    };
    let alarm = &described["MetricAlarms"][0];
    if alarm.is_null() {
        return Err(refused(format!("there is no metric alarm {arn}")));
    }
    let text = |member: &str| alarm[member].as_str().unwrap_or_default().to_owned();
    let seconds = |member: &str| alarm[member].as_i64().unwrap_or_default();
    let queries = match alarm["Metrics"].as_array().filter(|metrics| !metrics.is_empty()) {
        Some(metrics) => metrics.clone(),
        None => {
            let stat = alarm["Statistic"].as_str().or(alarm["ExtendedStatistic"].as_str()).unwrap_or("Average");
            vec![json!({"Id": "m1", "MetricStat": {"Period": alarm["Period"].as_i64().unwrap_or(60), "Stat": stat,
                "Metric": {"Namespace": alarm["Namespace"], "MetricName": alarm["MetricName"], "Dimensions": alarm["Dimensions"]}}})]
        }
    };
    let series = ask(alarms, queries, range, now)?;
    let sign = match text("ComparisonOperator").as_str() {
        "GreaterThanThreshold" => ">",
        "LessThanThreshold" => "<",
        "LessThanOrEqualToThreshold" => "<=",
        _ => ">=",
    };
    let shown = views::Alarm {
        arn: text("AlarmArn"),
        name: text("AlarmName"),
        state: views::AlarmState::parse(&text("StateValue")).unwrap_or(views::AlarmState::InsufficientData),
        state_since: seconds("StateTransitionedTimestamp"),
        updated: seconds("StateUpdatedTimestamp"),
        reason: text("StateReason"),
        threshold: alarm["Threshold"].as_f64().map(|threshold| (threshold, sign.to_owned())),
        series: series.into_iter().map(|series| Series { label: Some(text("AlarmName")), ..series }).collect(),
    };
    Ok(Answer::Metrics(Vec::new(), Some(Box::new(shown))))
}

#[cfg(test)]
mod tests;
