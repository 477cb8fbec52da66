//! A dashboard's body, as PutDashboard takes it.

mod metrics;
mod place;
mod time;
mod variables;

pub use metrics::{Query, QueryKind};
pub(crate) use metrics::{Row, Side, is_color};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;
pub(crate) use time::{instant, zone};
pub(crate) use variables::InputType;
pub use variables::Variable;

/// What is wrong with a body, and where in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{path}: {message}")]
pub struct BodyError {
    /// `widgets[3].properties.period`.
    pub path: String,
    /// What is wrong.
    pub message: String,
}

impl BodyError {
    pub(crate) fn new(path: impl Into<String>, message: impl Into<String>) -> Self {
        Self { path: path.into(), message: message.into() }
    }
}

const MAX_WIDGETS: usize = 500;
const MAX_VARIABLES: usize = 25;
const MAX_METRICS: usize = 500;
const MAX_ALARMS: usize = 100;
/// Columns of the grid.
pub(crate) const COLUMNS: u32 = 24;

/// A dashboard.
#[derive(Debug, Clone)]
pub struct Body {
    /// Its widgets, all with a place.
    pub widgets: Vec<Widget>,
    /// What the reader may choose.
    pub variables: Vec<Variable>,
    /// Fields that no part of CloudWatch's documentation names; they are left alone.
    pub unknown: Vec<String>,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    /// Whether graphs keep their periods.
    pub period: Period,
}

/// Whether graphs keep the periods that the body gives them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Period {
    /// A long range makes them longer: no graph has more points than a screen has pixels.
    #[default]
    Auto,
    /// They do.
    Inherit,
}

/// A widget and its place on the grid.
#[derive(Debug, Clone)]
pub struct Widget {
    /// Column, from 0.
    pub x: u32,
    /// Row, from 0.
    pub y: u32,
    /// In columns.
    pub width: u32,
    /// In rows.
    pub height: u32,
    /// What it shows.
    pub content: Content,
}

/// What a widget shows.
#[derive(Debug, Clone)]
pub enum Content {
    /// Markdown.
    Text(Text),
    /// A query on logs.
    Log(Log),
    /// States of alarms.
    Alarm(Alarms),
    /// Metrics.
    Metric(Box<Metric>),
    /// What a function of the owner's answers.
    Custom(Custom),
    /// What is not drawn, and why.
    Other {
        /// `explorer`, `chart`.
        kind: String,
        /// Its title, if it has one.
        title: Option<String>,
        /// Why.
        reason: String,
    },
}

/// Markdown.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Text {
    pub(crate) markdown: String,
    #[serde(default)]
    pub(crate) background: Background,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Background {
    #[default]
    Solid,
    Transparent,
}

/// A query on logs.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Log {
    /// Whose logs; the caller's own if none.
    pub account_id: Option<String>,
    /// Where they are; the caller's own if none.
    pub region: Option<String>,
    pub(crate) title: Option<String>,
    /// With its sources: `SOURCE 'group' | …`.
    pub query: String,
    #[serde(default)]
    pub(crate) view: LogView,
    pub(crate) stacked: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum LogView {
    #[default]
    Table,
    TimeSeries,
    Bar,
    Pie,
}

/// States of alarms.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Alarms {
    /// Their ARNs.
    pub alarms: Vec<String>,
    #[serde(default)]
    pub(crate) sort_by: SortBy,
    pub(crate) states: Option<Vec<crate::data::AlarmState>>,
    pub(crate) title: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum SortBy {
    #[default]
    Default,
    StateUpdatedTimestamp,
    Timestamp,
}

/// What a function of the owner's answers.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Custom {
    /// The function's ARN.
    pub endpoint: String,
    /// What it is called with.
    #[serde(default)]
    pub params: Value,
    pub(crate) title: Option<String>,
    /// When it is asked again.
    #[serde(default)]
    pub update_on: Value,
}

/// Metrics, and how they are drawn.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    #[serde(default)]
    metrics: Vec<Vec<Value>>,
    #[serde(skip)]
    pub(crate) rows: Vec<Row>,
    pub(crate) region: Option<String>,
    pub(crate) account_id: Option<String>,
    pub(crate) title: Option<String>,
    #[serde(default)]
    pub(crate) view: View,
    #[serde(default)]
    pub(crate) stacked: bool,
    pub(crate) stat: Option<String>,
    pub(crate) period: Option<i64>,
    #[serde(default)]
    pub(crate) legend: Legend,
    #[serde(default)]
    pub(crate) live_data: bool,
    #[serde(default)]
    pub(crate) sparkline: bool,
    #[serde(default)]
    pub(crate) set_period_to_time_range: bool,
    #[serde(default)]
    pub(crate) single_value_full_precision: bool,
    #[serde(default)]
    pub(crate) labels: Labels,
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) timezone: Option<String>,
    #[serde(default)]
    pub(crate) y_axis: Axes,
    #[serde(default)]
    pub(crate) table: TableOptions,
    #[serde(default)]
    pub(crate) annotations: Annotations,
    /// Of pictures only; a dashboard's grid decides there.
    pub(crate) width: Option<u32>,
    /// Of pictures only.
    pub(crate) height: Option<u32>,
    /// Of pictures only.
    pub(crate) theme: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) enum View {
    #[default]
    TimeSeries,
    SingleValue,
    Gauge,
    Bar,
    Pie,
    Table,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Legend {
    pub(crate) position: Option<LegendPosition>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LegendPosition {
    Right,
    Bottom,
    Hidden,
}

#[derive(Debug, Clone, Copy, Default, Deserialize)]
pub(crate) struct Labels {
    pub(crate) visible: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Axes {
    #[serde(default)]
    pub(crate) left: Axis,
    #[serde(default)]
    pub(crate) right: Axis,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Axis {
    pub(crate) min: Option<f64>,
    pub(crate) max: Option<f64>,
    pub(crate) label: Option<String>,
    pub(crate) show_units: Option<bool>,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct TableOptions {
    #[serde(default)]
    pub(crate) layout: TableLayout,
    #[serde(default)]
    pub(crate) sticky_summary: bool,
    pub(crate) show_time_series_data: Option<bool>,
    pub(crate) summary_columns: Option<Vec<Summary>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum TableLayout {
    #[default]
    Horizontal,
    Vertical,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Summary {
    Min,
    Max,
    Sum,
    Avg,
}

#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct Annotations {
    #[serde(default)]
    horizontal: Vec<Value>,
    #[serde(default)]
    vertical: Vec<Value>,
    #[serde(default)]
    pub(crate) alarms: Vec<String>,
    #[serde(skip)]
    pub(crate) lines: Vec<Annotated<Line>>,
    #[serde(skip)]
    pub(crate) moments: Vec<Annotated<Moment>>,
}

/// One, or a band between two.
#[derive(Debug, Clone)]
pub(crate) enum Annotated<T> {
    One(T),
    Band(T, T),
}

impl<T> Annotated<T> {
    pub(crate) fn all(&self) -> impl Iterator<Item = &T> {
        let (first, second) = match self {
            Self::One(one) => (one, None),
            Self::Band(one, other) => (one, Some(other)),
        };
        std::iter::once(first).chain(second)
    }
}

#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Line {
    pub(crate) value: f64,
    pub(crate) label: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) fill: Option<LineFill>,
    #[serde(default)]
    pub(crate) y_axis: Side,
    #[serde(default = "yes")]
    pub(crate) visible: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum LineFill {
    Above,
    Below,
    None,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Moment {
    value: String,
    #[serde(skip)]
    pub(crate) at: i64,
    pub(crate) label: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) fill: Option<MomentFill>,
    #[serde(default = "yes")]
    pub(crate) visible: bool,
}

impl Moment {
    /// One that no body has.
    pub(crate) fn new(at: i64, label: &str, color: &str) -> Self {
        let (label, color) = (Some(label.to_owned()), Some(color.to_owned()));
        Self { value: String::new(), at, label, color, fill: None, visible: true }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum MomentFill {
    Before,
    After,
    None,
}

fn yes() -> bool {
    true
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawBody {
    widgets: Vec<RawWidget>,
    #[serde(default)]
    variables: Vec<Variable>,
    start: Option<String>,
    end: Option<String>,
    #[serde(default)]
    period_override: Period,
}

#[derive(Debug, Deserialize)]
struct RawWidget {
    #[serde(rename = "type")]
    kind: String,
    x: Option<u32>,
    y: Option<u32>,
    #[serde(default = "six")]
    width: u32,
    #[serde(default = "six")]
    height: u32,
    #[serde(default)]
    properties: Value,
}

fn six() -> u32 {
    6
}

/// Reads a part of the body; what is wrong is told with its place, what is unknown is noted.
pub(crate) fn read<T: DeserializeOwned>(value: &Value, path: &str, unknown: &mut Vec<String>) -> Result<T, BodyError> {
    let join = |inner: &str| match (path, inner) {
        (path, "." | "") => path.to_owned(),
        ("", inner) => inner.to_owned(),
        (path, inner) if inner.starts_with('[') => format!("{path}{inner}"),
        (path, inner) => format!("{path}.{inner}"),
    };
    let mut track = serde_path_to_error::Track::new();
    let tracked = serde_path_to_error::Deserializer::new(value, &mut track);
    let result = serde_ignored::deserialize(tracked, |ignored| unknown.push(join(&ignored.to_string())));
    result.map_err(|error| {
        let at = join(&track.path().to_string());
        BodyError::new(if at.is_empty() { "body".into() } else { at }, error.to_string())
    })
}

impl Body {
    /// Reads a body and chooses what its variables choose first.
    ///
    /// # Errors
    /// If CloudWatch would refuse it, with the place.
    pub fn parse(text: &str) -> Result<Self, BodyError> {
        Self::parse_with(text, &[])
    }

    /// Reads a body with the reader's choice of variables: ids and values.
    ///
    /// # Errors
    /// If CloudWatch would refuse it, or there is no such variable.
    pub fn parse_with(text: &str, chosen: &[(String, String)]) -> Result<Self, BodyError> {
        let value: Value = serde_json::from_str(text).map_err(|error| BodyError::new("body", error.to_string()))?;
        let mut unknown = Vec::new();
        let before: RawBody = read(&value, "", &mut Vec::new())?;
        let (value, variables) = variables::apply(value, before.variables, chosen)?;
        let raw: RawBody = read(&value, "", &mut unknown)?;
        for (what, count, most) in
            [("widgets", raw.widgets.len(), MAX_WIDGETS), ("variables", variables.len(), MAX_VARIABLES)]
        {
            if count > most {
                return Err(BodyError::new(what, format!("a body has at most {most} {what}, not {count}")));
            }
        }
        if raw.end.is_some() && raw.start.is_none() {
            return Err(BodyError::new("end", "end needs start"));
        }
        for (name, text) in [("start", &raw.start), ("end", &raw.end)] {
            time::check(text.as_deref(), name)?;
        }
        let mut widgets = Vec::with_capacity(raw.widgets.len());
        let mut places = place::Places::default();
        for (index, widget) in raw.widgets.into_iter().enumerate() {
            let path = format!("widgets[{index}]");
            let (x, y) = places.take(&widget, &path)?;
            let content = content(&widget, &path, &mut unknown)?;
            widgets.push(Widget { x, y, width: widget.width, height: widget.height, content });
        }
        Ok(Self { widgets, variables, unknown, start: raw.start, end: raw.end, period: raw.period_override })
    }

    /// The body's own range of time; three hours if it has none.
    #[must_use]
    pub fn range(&self, now: i64) -> crate::data::Range {
        time::range(self.start.as_deref(), self.end.as_deref(), now)
    }
}

fn content(widget: &RawWidget, path: &str, unknown: &mut Vec<String>) -> Result<Content, BodyError> {
    let at = format!("{path}.properties");
    let title = || widget.properties["title"].as_str().map(str::to_owned);
    Ok(match widget.kind.as_str() {
        "text" => Content::Text(read(&widget.properties, &at, unknown)?),
        "log" => Content::Log(read(&widget.properties, &at, unknown)?),
        "alarm" => {
            let alarms: Alarms = read(&widget.properties, &at, unknown)?;
            if !(1..=MAX_ALARMS).contains(&alarms.alarms.len()) {
                return Err(BodyError::new(
                    format!("{at}.alarms"),
                    format!("an alarm widget has 1 to {MAX_ALARMS} alarms"),
                ));
            }
            Content::Alarm(alarms)
        }
        "metric" => Content::Metric(Box::new(Metric::parse(&widget.properties, &at, unknown)?)),
        "custom" => Content::Custom(read(&widget.properties, &at, unknown)?),
        "explorer" => Content::Other {
            kind: "explorer".into(),
            title: title(),
            reason: "explorer widgets choose resources by their tags, which only the account knows".into(),
        },
        "chart" => {
            let language = widget.properties["data"]["queries"][0]["language"].as_str().unwrap_or("PromQL");
            Content::Other { kind: "chart".into(), title: title(), reason: format!("{language} is not evaluated here") }
        }
        other => return Err(BodyError::new(format!("{path}.type"), format!("{other:?} is no type of widget"))),
    })
}

impl Metric {
    /// Reads the properties of a metric widget, as GetMetricWidgetImage takes them too.
    ///
    /// # Errors
    /// With the place of what is wrong.
    pub fn parse(properties: &Value, path: &str, unknown: &mut Vec<String>) -> Result<Self, BodyError> {
        let mut metric: Self = read(properties, path, unknown)?;
        let wrong = |inner: &str, message: String| Err(BodyError::new(format!("{path}.{inner}"), message));
        if metric.metrics.len() > MAX_METRICS {
            return wrong("metrics", format!("a widget has at most {MAX_METRICS} metrics"));
        }
        if let Some(period) = metric.period
            && !metrics::is_period(period)
        {
            return wrong("period", "a period is 1, 5, 10, 20, 30 or a multiple of 60 seconds".into());
        }
        if metric.sparkline && metric.set_period_to_time_range {
            return wrong("sparkline", "a sparkline and setPeriodToTimeRange exclude each other".into());
        }
        if metric.view == View::Gauge && (metric.y_axis.left.min.is_none() || metric.y_axis.left.max.is_none()) {
            return wrong("yAxis.left", "a gauge needs min and max".into());
        }
        for (name, text) in [("start", &metric.start), ("end", &metric.end)] {
            time::check(text.as_deref(), &format!("{path}.{name}"))?;
        }
        if let Some(zone) = &metric.timezone
            && time::zone(zone).is_none()
        {
            return wrong("timezone", format!("{zone:?} is no offset such as +0130"));
        }
        let annotations = &mut metric.annotations;
        let at = format!("{path}.annotations");
        if !annotations.alarms.is_empty() {
            if annotations.alarms.len() > 1 {
                return wrong("annotations.alarms", "a widget shows at most one alarm".into());
            }
            if !(metric.metrics.is_empty() && annotations.horizontal.is_empty() && annotations.vertical.is_empty()) {
                return wrong(
                    "annotations.alarms",
                    "a widget that shows an alarm has no metrics and no other annotations".into(),
                );
            }
        }
        annotations.lines = annotated(&annotations.horizontal, &format!("{at}.horizontal"), unknown)?;
        annotations.moments = annotated(&annotations.vertical, &format!("{at}.vertical"), unknown)?;
        for (index, annotated) in annotations.moments.iter_mut().enumerate() {
            let moments = match annotated {
                Annotated::One(one) => vec![one],
                Annotated::Band(one, other) => vec![one, other],
            };
            for moment in moments {
                let at = format!("{at}.vertical[{index}].value");
                moment.at = instant(&moment.value).ok_or_else(|| {
                    BodyError::new(at, format!("{:?} is no moment such as 2024-08-15T13:45:00Z", moment.value))
                })?;
            }
        }
        metric.rows = metrics::rows(&metric, &metric.metrics, &format!("{path}.metrics"), unknown)?;
        Ok(metric)
    }

    /// Width, height and theme, which GetMetricWidgetImage takes among the properties.
    #[must_use]
    pub fn picture(&self) -> (u32, u32, crate::theme::Theme) {
        let theme =
            if self.theme.as_deref() == Some("dark") { crate::theme::Theme::Dark } else { crate::theme::Theme::Light };
        (self.width.unwrap_or(600), self.height.unwrap_or(400), theme)
    }
}

fn annotated<T: DeserializeOwned>(
    values: &[Value],
    path: &str,
    unknown: &mut Vec<String>,
) -> Result<Vec<Annotated<T>>, BodyError> {
    let mut found = Vec::new();
    for (index, value) in values.iter().enumerate() {
        let at = format!("{path}[{index}]");
        found.push(match value.as_array().map(Vec::as_slice) {
            None => Annotated::One(read(value, &at, unknown)?),
            Some([one, other]) => {
                Annotated::Band(read(one, &format!("{at}[0]"), unknown)?, read(other, &format!("{at}[1]"), unknown)?)
            }
            Some(_) => return Err(BodyError::new(at, "a band has two annotations")),
        });
    }
    Ok(found)
}

#[cfg(test)]
mod tests;
