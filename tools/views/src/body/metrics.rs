//! The rows of a metric widget: shorthand, what they inherit, and the questions they ask.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use super::{BodyError, Metric, Period, View, read};
use crate::data::Range;

/// A line of a widget.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) query: Query,
    pub(crate) label: Option<String>,
    pub(crate) color: Option<String>,
    pub(crate) side: Side,
    pub(crate) visible: bool,
}

/// Which axis a line belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Side {
    #[default]
    Left,
    Right,
}

/// What GetMetricData is asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Of the widget's rows.
    pub id: String,
    /// A metric or an expression.
    pub kind: QueryKind,
    /// In seconds.
    pub period: i64,
    /// Where it is; the caller's own if none.
    pub region: Option<String>,
    /// Whose it is; the caller's own if none.
    pub account: Option<String>,
    /// Whether it is drawn, or only used by expressions.
    pub visible: bool,
}

/// A metric or an expression.
#[derive(Debug, Clone, PartialEq)]
pub enum QueryKind {
    /// A metric and its statistic.
    Metric {
        /// `AWS/SQS`.
        namespace: String,
        /// Its name.
        name: String,
        /// Its dimensions, as written.
        dimensions: Vec<(String, String)>,
        /// `Sum`, `p99`.
        stat: String,
    },
    /// Metric math over the other rows' ids.
    Expression(String),
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Render {
    color: Option<String>,
    label: Option<String>,
    period: Option<i64>,
    stat: Option<String>,
    visible: Option<bool>,
    #[serde(default)]
    y_axis: Side,
    id: Option<String>,
    region: Option<String>,
    account_id: Option<String>,
    expression: Option<String>,
}

/// AWS's default.
const PERIOD: i64 = 300;
/// More points than that no screen shows.
const MAX_POINTS: i64 = 1440;
const LONGER: [i64; 7] = [60, 300, 900, 3600, 21_600, 86_400, 604_800];

pub(super) fn is_period(period: i64) -> bool {
    matches!(period, 1 | 5 | 10 | 20 | 30) || (period > 0 && period % 60 == 0)
}

pub(super) fn rows(
    metric: &Metric,
    raw: &[Vec<Value>],
    path: &str,
    unknown: &mut Vec<String>,
) -> Result<Vec<Row>, BodyError> {
    let mut before: Vec<String> = Vec::new();
    let mut rows = Vec::with_capacity(raw.len());
    let given: BTreeSet<&str> = raw.iter().filter_map(|row| row.last()?.get("id")?.as_str()).collect();
    let mut ids = BTreeSet::new();
    for (index, row) in raw.iter().enumerate() {
        let at = format!("{path}[{index}]");
        let (names, render) = match row.split_last() {
            Some((last, names)) if last.is_object() => {
                (names, read::<Render>(last, &format!("{at}[{}]", names.len()), unknown)?)
            }
            Some(_) => (row.as_slice(), Render::default()),
            None => return Err(BodyError::new(at, "a row has a namespace and a metric, or an expression")),
        };
        let wrong =
            |inner: &str, message: String| Err(BodyError::new(format!("{at}[{}].{inner}", names.len()), message));
        let period = render.period.or(metric.period).unwrap_or(PERIOD);
        if !is_period(period) {
            return wrong("period", "a period is 1, 5, 10, 20, 30 or a multiple of 60 seconds".into());
        }
        let id = match render.id {
            Some(id) if !is_id(&id) => {
                return wrong("id", format!("{id:?} is no id: a lowercase letter, then letters, digits and _"));
            }
            Some(id) => id,
            None => free_id(index, &given),
        };
        if !ids.insert(id.clone()) {
            return wrong("id", format!("{id} is another row's id already"));
        }
        if let Some(color) = &render.color
            && !is_color(color)
        {
            return wrong("color", format!("{color:?} is no colour such as #1f77b4"));
        }
        let kind = match render.expression {
            Some(expression) if names.is_empty() => QueryKind::Expression(expression),
            Some(_) => return Err(BodyError::new(at, "a row is a metric or an expression, not both")),
            None => {
                let names = expand(names, &before, &at)?;
                before.clone_from(&names);
                metric_of(&names, render.stat.as_deref().or(metric.stat.as_deref()).unwrap_or("Average"), &at)?
            }
        };
        rows.push(Row {
            query: Query {
                id,
                kind,
                period,
                region: render.region.or_else(|| metric.region.clone()),
                account: render.account_id.or_else(|| metric.account_id.clone()),
                visible: render.visible.unwrap_or(true),
            },
            label: render.label,
            color: render.color,
            side: render.y_axis,
            visible: render.visible.unwrap_or(true),
        });
    }
    Ok(rows)
}

/// `.` is what the row before has in the same place, `...` all that it has from there on.
fn expand(names: &[Value], before: &[String], at: &str) -> Result<Vec<String>, BodyError> {
    let mut expanded: Vec<String> = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let place = || format!("{at}[{index}]");
        let text = name.as_str().ok_or_else(|| BodyError::new(place(), "a name is expected"))?;
        match text {
            "." => {
                let inherited = before.get(expanded.len());
                expanded
                    .push(inherited.ok_or_else(|| BodyError::new(place(), "the row before has nothing here"))?.clone());
            }
            "..." => {
                // What comes after it is given, so the row before fills up to there.
                let given = names.len() - index - 1;
                let end = before.len().checked_sub(given).filter(|end| *end >= expanded.len());
                let inherited = end.and_then(|end| before.get(expanded.len()..end));
                expanded.extend_from_slice(
                    inherited.ok_or_else(|| BodyError::new(place(), "the row before has too little"))?,
                );
            }
            text => expanded.push(text.to_owned()),
        }
    }
    Ok(expanded)
}

fn metric_of(names: &[String], stat: &str, at: &str) -> Result<QueryKind, BodyError> {
    let [namespace, name, dimensions @ ..] = names else {
        return Err(BodyError::new(at, "a row has a namespace and a metric, or an expression"));
    };
    if dimensions.len() % 2 != 0 {
        return Err(BodyError::new(
            at,
            format!("the dimension {:?} has no value", dimensions.last().map_or("", |d| d)),
        ));
    }
    let pair = |pair: &[String]| Some((pair.first()?.clone(), pair.get(1)?.clone()));
    Ok(QueryKind::Metric {
        namespace: namespace.clone(),
        name: name.clone(),
        dimensions: dimensions.chunks(2).filter_map(pair).collect(),
        stat: stat.to_owned(),
    })
}

fn is_id(id: &str) -> bool {
    id.starts_with(|c: char| c.is_ascii_lowercase()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn free_id(index: usize, given: &BTreeSet<&str>) -> String {
    let mut id = format!("m{}", index + 1);
    while given.contains(id.as_str()) {
        id.push('x');
    }
    id
}

/// Hex digits only: it goes into markup as it is.
pub(crate) fn is_color(text: &str) -> bool {
    let digits = text.strip_prefix('#').unwrap_or("");
    matches!(digits.len(), 3 | 6 | 8) && digits.bytes().all(|byte| byte.is_ascii_hexdigit())
}

impl Metric {
    /// What the widget asks GetMetricData for a range. A period that is longer than a graph has points for is lengthened, and a
    /// widget that shows one value of the whole range asks for that.
    #[must_use]
    pub fn queries(&self, range: Range, period: Period) -> Vec<Query> {
        let span = (range.end - range.start).max(60);
        let whole = self.set_period_to_time_range && self.view != View::TimeSeries;
        let lengthened = |query: &Query| match () {
            () if whole => (span + 59) / 60 * 60,
            () if period == Period::Inherit || span / query.period <= MAX_POINTS => query.period,
            () => LONGER
                .into_iter()
                .find(|longer| *longer > query.period && longer % query.period == 0 && span / longer <= MAX_POINTS)
                .unwrap_or(query.period),
        };
        self.rows.iter().map(|row| Query { period: lengthened(&row.query), ..row.query.clone() }).collect()
    }

    /// The alarm that the widget shows.
    #[must_use]
    pub fn alarm(&self) -> Option<&str> {
        self.annotations.alarms.first().map(String::as_str)
    }

    /// The widget's own range of time, or the dashboard's.
    #[must_use]
    pub fn range(&self, dashboard: Range, now: i64) -> Range {
        if self.start.is_none() && self.end.is_none() {
            return dashboard;
        }
        super::time::range(self.start.as_deref(), self.end.as_deref(), now)
    }
}
