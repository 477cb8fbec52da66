//! From a widget and its answer to what is shown.

mod metric;
mod rows;

pub(crate) use metric::items;
use serde_json::Value;

use crate::{
    body::{Alarms, Annotated, Axis, Background, Content, Line, Moment, Period, SortBy, View, Widget},
    chart::{Area, Item, bars::Share},
    data::{Alarm, Answer, Range},
    scale::minute_text,
    table::Table,
};

/// What a widget shows, ready for a page, a picture or a terminal.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// Its title.
    pub title: Option<String>,
    /// In a sentence, for those who can't see it.
    pub description: String,
    /// The same as rows and columns.
    pub twin: Option<Table>,
    pub(crate) shown: Shown,
}

#[derive(Debug, Clone)]
pub(crate) enum Shown {
    Chart(Box<Chart>),
    Text {
        markdown: String,
        transparent: bool,
    },
    /// With the lines that colour its cells.
    Table {
        table: Table,
        lines: Vec<Annotated<Line>>,
        sticky: bool,
    },
    Alarms(Vec<Alarm>),
    /// What a custom widget's function answered.
    Custom(Value),
    /// Not drawn, and why.
    Card(String),
}

#[derive(Debug, Clone)]
pub(crate) enum Chart {
    Time {
        items: Vec<Item>,
        range: Range,
        stacked: bool,
        left: Axis,
        right: Axis,
        lines: Vec<Annotated<Line>>,
        moments: Vec<Annotated<Moment>>,
        legend: crate::body::LegendPosition,
        zone: i64,
    },
    Values {
        items: Vec<Item>,
        range: Range,
        sparkline: bool,
        full: bool,
    },
    Gauge {
        items: Vec<Item>,
        min: f64,
        max: f64,
        lines: Vec<Annotated<Line>>,
        legend: crate::body::LegendPosition,
    },
    Bars {
        shares: Vec<Share>,
    },
    Pie {
        shares: Vec<Share>,
        labels: bool,
        legend: crate::body::LegendPosition,
    },
}

impl Chart {
    pub(crate) fn draw(&self, area: Area) -> maud::Markup {
        use crate::chart::{bars::bars, gauge::Gauge, legend::legend, pie::pie, time::Chart as Time, values::Values};
        match self {
            Self::Time { items, range, stacked, left, right, lines, moments, legend, zone } => Time {
                items,
                range: *range,
                stacked: *stacked,
                left,
                right,
                lines,
                moments,
                legend: *legend,
                zone: *zone,
                marks: &[],
            }
            .draw(area),
            Self::Values { items, range, sparkline, full } => {
                Values { items, range: *range, sparkline: *sparkline, full: *full }.draw(area)
            }
            Self::Gauge { items, min, max, lines, legend } => {
                Gauge { items, min: *min, max: *max, lines, legend: *legend }.draw(area)
            }
            Self::Bars { shares } => bars(shares, area),
            Self::Pie { shares, labels, legend: position } => {
                let items: Vec<_> = shares.iter().map(item).collect();
                let (entries, area) = legend(&items, *position, area);
                maud::html! { (pie(shares, *labels, area)) (entries) }
            }
        }
    }
}

fn item(share: &Share) -> Item {
    Item {
        label: share.label.clone(),
        color: share.color.clone(),
        side: crate::body::Side::Left,
        points: Vec::new(),
        period: 60,
        unit: None,
    }
}

/// Draws a widget. `range` is the dashboard's, `now` in epoch seconds.
#[must_use]
pub fn draw(widget: &Widget, answer: &Answer, range: Range, period: Period, now: i64) -> Drawn {
    let title = widget.title().map(str::to_owned);
    let card = |title: Option<String>, reason: String| Drawn {
        description: format!("Not drawn: {reason}"),
        shown: Shown::Card(reason),
        title,
        twin: None,
    };
    match (&widget.content, answer) {
        (Content::Other { kind, reason, .. }, _) => card(title.or_else(|| Some(kind.clone())), reason.clone()),
        (_, Answer::Failed(reason)) => card(title, reason.clone()),
        (Content::Text(text), _) => Drawn {
            title: None,
            description: "Text".into(),
            twin: None,
            shown: Shown::Text {
                markdown: text.markdown.clone(),
                transparent: text.background == Background::Transparent,
            },
        },
        (Content::Metric(metric), Answer::Metrics(series, alarm)) => {
            metric::draw(metric, series, alarm.as_deref(), metric.range(range, now), period, now)
        }
        (Content::Log(log), Answer::Rows(table)) => rows::draw(log, table, range),
        (Content::Alarm(widget), Answer::Alarms(alarms)) => alarm_list(widget, alarms, now),
        (Content::Custom(custom), Answer::Custom(value)) => Drawn {
            title: custom.title.clone(),
            description: format!("The answer of {}", custom.endpoint),
            twin: None,
            shown: Shown::Custom(value.clone()),
        },
        (Content::Custom(custom), _) => card(title, format!("{} was not asked", custom.endpoint)),
        _ => card(title, "there is no answer to its question".into()),
    }
}

impl Widget {
    /// Its title, where it has one.
    #[must_use]
    pub fn title(&self) -> Option<&str> {
        match &self.content {
            Content::Text(_) => None,
            Content::Log(log) => log.title.as_deref(),
            Content::Alarm(alarms) => alarms.title.as_deref(),
            Content::Metric(metric) => metric.title.as_deref(),
            Content::Custom(custom) => custom.title.as_deref(),
            Content::Other { title, .. } => title.as_deref(),
        }
    }
}

/// The console's default: what is wrong first, then what changed last.
fn alarm_list(widget: &Alarms, alarms: &[Alarm], now: i64) -> Drawn {
    let wanted = |alarm: &&Alarm| widget.states.as_ref().is_none_or(|states| states.contains(&alarm.state));
    let mut alarms: Vec<_> = alarms.iter().filter(wanted).cloned().collect();
    match widget.sort_by {
        SortBy::Default => alarms.sort_by(|a, b| a.state.cmp(&b.state).then_with(|| a.name.cmp(&b.name))),
        SortBy::StateUpdatedTimestamp => {
            alarms.sort_by(|a, b| a.state.cmp(&b.state).then_with(|| b.state_since.cmp(&a.state_since)))
        }
        SortBy::Timestamp => alarms.sort_by(|a, b| b.updated.cmp(&a.updated).then_with(|| a.name.cmp(&b.name))),
    }
    let count = |state| alarms.iter().filter(|alarm| alarm.state == state).count();
    let counts =
        [crate::data::AlarmState::Alarm, crate::data::AlarmState::InsufficientData, crate::data::AlarmState::Ok]
            .map(|state| format!("{} {}", count(state), state.word()))
            .join(", ");
    let mut twin = Table::new(["State", "Alarm", "Since", "Reason"]);
    for alarm in &alarms {
        let since = if alarm.state_since > 0 && alarm.state_since <= now {
            minute_text(alarm.state_since, 0) + " UTC"
        } else {
            "–".into()
        };
        twin.rows.push(vec![alarm.state.word().into(), alarm.name.clone(), since, alarm.reason.clone()]);
    }
    Drawn {
        title: widget.title.clone(),
        description: format!("{} alarms: {counts}", alarms.len()),
        twin: Some(twin),
        shown: Shown::Alarms(alarms),
    }
}

/// Which view a metric widget has: what the terminal goes by.
pub(crate) fn view(widget: &Widget) -> Option<View> {
    match &widget.content {
        Content::Metric(metric) => Some(metric.view),
        _ => None,
    }
}
