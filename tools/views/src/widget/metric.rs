//! Metric widgets, in all of their views.

use std::collections::BTreeMap;

use super::{Chart, Drawn, Shown};
use crate::{
    body::{Annotated, LegendPosition, Line, Metric, Period, Side, Summary, TableLayout, View, zone},
    chart::{Color, Item, bars::Share},
    data::{Alarm, Point, Range, Series},
    label::label,
    scale::{exact_text, minute_text, value_text},
    table::Table,
};

/// The visible lines of a widget with their names and colours.
pub(crate) fn items(metric: &Metric, series: &[Series], range: Range, period: Period, now: i64) -> Vec<Item> {
    let zone = metric.timezone.as_deref().and_then(zone).unwrap_or(0);
    let mut items: Vec<Item> = Vec::new();
    for (row, query) in metric.rows.iter().zip(metric.queries(range, period)) {
        let answers: Vec<_> = series.iter().filter(|series| series.id == query.id).collect();
        for answer in &answers {
            if !row.visible {
                continue;
            }
            // A running period is shown only to those who asked for live data: a minute after its end it is complete.
            let complete = |point: &&Point| metric.live_data || point.0 + query.period + 60 <= now;
            let points: Vec<_> = answer.points.iter().filter(complete).copied().collect();
            let known = Series { points, ..(*answer).clone() };
            items.push(Item {
                label: label(row, &query, &known, answers.len() > 1, now, zone),
                color: Color::of(row.color.as_deref(), items.len()),
                side: row.side,
                points: known.points,
                period: query.period,
                unit: answer.unit.clone(),
            });
        }
        if answers.is_empty() && row.visible {
            let nothing = Series { id: query.id.clone(), ..Series::default() };
            let label = label(row, &query, &nothing, false, now, zone);
            let color = Color::of(row.color.as_deref(), items.len());
            items.push(Item { label, color, side: row.side, points: Vec::new(), period: query.period, unit: None });
        }
    }
    items
}

pub(super) fn draw(
    metric: &Metric,
    series: &[Series],
    alarm: Option<&Alarm>,
    range: Range,
    period: Period,
    now: i64,
) -> Drawn {
    let zone = metric.timezone.as_deref().and_then(zone).unwrap_or(0);
    let mut items = items(metric, series, range, period, now);
    let mut lines = metric.annotations.lines.clone();
    let mut title = metric.title.clone();
    if let Some(alarm) = alarm {
        show_alarm(alarm, &mut items, &mut lines);
        title = title.or_else(|| Some(alarm.name.clone()));
    }
    let legend = metric.legend.position.unwrap_or(LegendPosition::Bottom);
    let shares = || -> Vec<Share> {
        let share = |item: &Item| Share { label: item.label.clone(), color: item.color.clone(), value: item.last() };
        items.iter().map(share).collect()
    };
    let shown = match metric.view {
        View::TimeSeries => Shown::Chart(Box::new(Chart::Time {
            items: items.clone(),
            range,
            stacked: metric.stacked,
            left: metric.y_axis.left.clone(),
            right: metric.y_axis.right.clone(),
            lines: lines.clone(),
            moments: metric.annotations.moments.clone(),
            legend,
            zone,
        })),
        View::SingleValue => Shown::Chart(Box::new(Chart::Values {
            items: items.clone(),
            range,
            sparkline: metric.sparkline,
            full: metric.single_value_full_precision,
        })),
        View::Gauge => Shown::Chart(Box::new(Chart::Gauge {
            items: items.clone(),
            min: metric.y_axis.left.min.unwrap_or(0.0),
            max: metric.y_axis.left.max.unwrap_or(100.0),
            lines: lines.clone(),
            legend,
        })),
        View::Bar => Shown::Chart(Box::new(Chart::Bars { shares: shares() })),
        View::Pie => Shown::Chart(Box::new(Chart::Pie {
            shares: shares(),
            labels: metric.labels.visible.unwrap_or(true),
            legend,
        })),
        View::Table => Shown::Table {
            table: table(metric, &items, zone),
            lines: lines.clone(),
            sticky: metric.table.sticky_summary,
        },
    };
    Drawn { title, description: describe(&items, &lines, range), twin: Some(twin(&items, zone)), shown }
}

/// What an alarm looks at, and the line that it must not cross.
fn show_alarm(alarm: &Alarm, items: &mut Vec<Item>, lines: &mut Vec<Annotated<Line>>) {
    for series in &alarm.series {
        items.push(Item {
            label: series.label.clone().unwrap_or_else(|| alarm.name.clone()),
            color: Color::of(None, items.len()),
            side: Side::Left,
            points: series.points.clone(),
            period: 60.max(series.points.windows(2).map(|pair| pair[1].0 - pair[0].0).min().unwrap_or(60)),
            unit: series.unit.clone(),
        });
    }
    if let Some((value, comparison)) = &alarm.threshold {
        lines.push(Annotated::One(Line {
            value: *value,
            label: Some(format!("{} {comparison}: {}", alarm.name, alarm.state.word())),
            color: None,
            fill: None,
            y_axis: Side::Left,
            visible: true,
        }));
    }
}

fn describe(items: &[Item], lines: &[Annotated<Line>], range: Range) -> String {
    let mut parts = vec![format!("{} to {} UTC", minute_text(range.start, 0), minute_text(range.end, 0))];
    for item in items.iter().take(8) {
        parts.push(match item.last() {
            Some(last) => format!("{} is {}", item.label, value_text(last)),
            None => format!("{} has no data", item.label),
        });
    }
    if items.len() > 8 {
        parts.push(format!("and {} more", items.len() - 8));
    }
    for line in lines.iter().flat_map(Annotated::all).filter(|line| line.visible) {
        parts.push(format!("{} at {}", line.label.as_deref().unwrap_or("a line"), exact_text(line.value, 3)));
    }
    parts.join("; ")
}

/// Every moment and every line: the numbers of the picture.
fn twin(items: &[Item], zone: i64) -> Table {
    let mut rows: BTreeMap<i64, Vec<String>> = BTreeMap::new();
    for (index, item) in items.iter().enumerate() {
        for Point(at, value) in &item.points {
            let row = rows.entry(*at).or_insert_with(|| vec![String::new(); items.len()]);
            if let Some(cell) = row.get_mut(index) {
                *cell = exact_text(*value, 3);
            }
        }
    }
    let mut table = Table::new(std::iter::once("Time".to_owned()).chain(items.iter().map(|item| item.label.clone())));
    // The newest first: that is what one looks for.
    table.rows =
        rows.into_iter().rev().map(|(at, row)| std::iter::once(minute_text(at, zone)).chain(row).collect()).collect();
    table
}

const SUMMARIES: [Summary; 4] = [Summary::Min, Summary::Max, Summary::Sum, Summary::Avg];
/// Moments that a table has columns for; the newest.
const MAX_MOMENTS: usize = 50;

fn table(metric: &Metric, items: &[Item], zone: i64) -> Table {
    let options = &metric.table;
    let summaries = options.summary_columns.as_deref().unwrap_or(&SUMMARIES);
    let mut moments: Vec<i64> = items.iter().flat_map(|item| item.points.iter().map(|point| point.0)).collect();
    moments.sort_unstable();
    moments.dedup();
    moments.reverse();
    moments.truncate(if options.show_time_series_data.unwrap_or(true) { MAX_MOMENTS } else { 0 });
    let names = summaries.iter().map(|summary| name(*summary).to_owned());
    let mut table = Table::new(
        std::iter::once("Label".to_owned()).chain(names).chain(moments.iter().map(|at| minute_text(*at, zone))),
    );
    for item in items {
        let values: BTreeMap<i64, f64> = item.points.iter().map(|point| (point.0, point.1)).collect();
        let cell = |value: Option<f64>| value.map_or(String::new(), |value| exact_text(value, 3));
        let summary = |summary: &Summary| cell(summarised(*summary, &item.points));
        let row = std::iter::once(item.label.clone()).chain(summaries.iter().map(summary));
        table.rows.push(row.chain(moments.iter().map(|at| cell(values.get(at).copied()))).collect());
    }
    if options.layout == TableLayout::Vertical { transposed(&table) } else { table }
}

fn name(summary: Summary) -> &'static str {
    match summary {
        Summary::Min => "Min",
        Summary::Max => "Max",
        Summary::Sum => "Sum",
        Summary::Avg => "Avg",
    }
}

fn summarised(summary: Summary, points: &[Point]) -> Option<f64> {
    let values = || points.iter().map(|point| point.1);
    #[expect(clippy::cast_precision_loss, reason = "no line has 2^53 points")]
    let count = points.len() as f64;
    match summary {
        _ if points.is_empty() => None,
        Summary::Min => values().min_by(f64::total_cmp),
        Summary::Max => values().max_by(f64::total_cmp),
        Summary::Sum => Some(values().sum()),
        Summary::Avg => Some(values().sum::<f64>() / count),
    }
}

fn transposed(table: &Table) -> Table {
    let cell = |row: &[String], index: usize| row.get(index).cloned().unwrap_or_default();
    let mut turned =
        Table::new(std::iter::once(cell(&table.columns, 0)).chain(table.rows.iter().map(|row| cell(row, 0))));
    for index in 1..table.columns.len() {
        turned.rows.push(
            std::iter::once(cell(&table.columns, index)).chain(table.rows.iter().map(|row| cell(row, index))).collect(),
        );
    }
    turned
}
