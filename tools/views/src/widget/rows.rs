//! Log widgets: what a query answered, as a table or a picture.

use std::collections::BTreeMap;

use super::{Chart, Drawn, Shown};
use crate::{
    body::{Axis, LegendPosition, Log, LogView, Side},
    chart::{Color, Item, bars::Share},
    data::{Point, Range},
    table::Table,
};

pub(super) fn draw(log: &Log, table: &Table, range: Range) -> Drawn {
    let drawn = |shown: Shown| Drawn {
        title: log.title.clone(),
        description: format!("{} rows: {}", table.rows.len(), table.columns.join(", ")),
        twin: Some(table.clone()),
        shown,
    };
    let shown = match log.view {
        LogView::Table => Ok(Shown::Table { table: table.clone(), lines: Vec::new(), sticky: false }),
        LogView::TimeSeries => time(log, table, range),
        LogView::Bar => shares(table).map(|shares| Shown::Chart(Box::new(Chart::Bars { shares }))),
        LogView::Pie => shares(table)
            .map(|shares| Shown::Chart(Box::new(Chart::Pie { shares, labels: true, legend: LegendPosition::Bottom }))),
    };
    drawn(shown.unwrap_or_else(|reason| Shown::Card(reason.into())))
}

/// `2024-08-15 13:45:00.000`, as Insights writes moments.
fn moment(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(' ')?;
    crate::body::instant(&format!("{date}T{time}Z"))
}

/// The columns that are moments, names and numbers.
fn kinds(table: &Table) -> (Option<usize>, Vec<usize>, Vec<usize>) {
    let cells =
        |column: usize| table.rows.iter().filter_map(move |row| row.get(column)).filter(|cell| !cell.is_empty());
    let time = (0..table.columns.len()).find(|column| {
        let mut cells = cells(*column).peekable();
        cells.peek().is_some() && cells.all(|cell| moment(cell).is_some())
    });
    let (numbers, names) =
        (0..table.columns.len()).filter(|column| Some(*column) != time).partition(|column| table.is_numeric(*column));
    (time, names, numbers)
}

fn time(log: &Log, table: &Table, range: Range) -> Result<Shown, &'static str> {
    let (Some(time), names, numbers) = kinds(table) else {
        if table.rows.is_empty() {
            return Ok(empty(range));
        }
        return Err("its query groups by no time: stats … by bin(5m) does");
    };
    let mut lines: BTreeMap<(String, usize), Vec<Point>> = BTreeMap::new();
    for row in &table.rows {
        let Some(at) = row.get(time).and_then(|cell| moment(cell)) else { continue };
        let name = names.iter().filter_map(|column| row.get(*column)).cloned().collect::<Vec<_>>().join(" ");
        for column in &numbers {
            if let Some(value) = row.get(*column).and_then(|cell| cell.parse().ok()) {
                lines.entry((name.clone(), *column)).or_default().push(Point(at, value));
            }
        }
    }
    let items: Vec<Item> = lines
        .into_iter()
        .enumerate()
        .map(|(index, ((name, column), mut points))| {
            points.sort_by_key(|point| point.0);
            let own = table.columns.get(column).cloned().unwrap_or_default();
            let label = match (name.is_empty(), numbers.len()) {
                (true, _) => own,
                (false, 1) => name,
                (false, _) => format!("{name} {own}"),
            };
            let period = points.windows(2).map(|pair| pair[1].0 - pair[0].0).min().unwrap_or(60);
            Item { label, color: Color::of(None, index), side: Side::Left, points, period, unit: None }
        })
        .collect();
    Ok(Shown::Chart(Box::new(Chart::Time {
        items,
        range,
        stacked: log.stacked.unwrap_or(false),
        left: Axis { min: Some(0.0), ..Axis::default() },
        right: Axis::default(),
        lines: Vec::new(),
        moments: Vec::new(),
        legend: LegendPosition::Bottom,
        zone: 0,
    })))
}

fn empty(range: Range) -> Shown {
    let (left, right) = (Axis::default(), Axis::default());
    let legend = LegendPosition::Hidden;
    Shown::Chart(Box::new(Chart::Time {
        items: Vec::new(),
        range,
        stacked: false,
        left,
        right,
        lines: Vec::new(),
        moments: Vec::new(),
        legend,
        zone: 0,
    }))
}

/// A bar for each number of each row.
fn shares(table: &Table) -> Result<Vec<Share>, &'static str> {
    let (time, names, numbers) = kinds(table);
    if numbers.is_empty() && !table.rows.is_empty() {
        return Err("its query answers with no number");
    }
    let mut shares = Vec::new();
    for row in &table.rows {
        let name: Vec<_> = time.iter().chain(&names).filter_map(|column| row.get(*column)).cloned().collect();
        for column in &numbers {
            let own = table.columns.get(*column).cloned().unwrap_or_default();
            let label = match (name.is_empty(), numbers.len()) {
                (true, _) => own,
                (false, 1) => name.join(" "),
                (false, _) => format!("{} {own}", name.join(" ")),
            };
            let value = row.get(*column).and_then(|cell| cell.parse().ok());
            shares.push(Share { label, color: Color::of(None, shares.len()), value });
        }
    }
    Ok(shares)
}
