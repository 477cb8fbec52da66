//! Asking: events through the commands, one after the other.

mod aggregate;
mod eval;

use std::{
    cmp::Ordering,
    collections::{HashMap, HashSet},
};

use serde::Serialize;

use crate::{
    event::{Event, Window},
    fields::{self, Fields},
    query::{
        Query,
        ast::{Column, Command, Expr, Extract, Key},
    },
    value::{Value, natural},
};

/// What a query returns that has no `limit`.
const DEFAULT_LIMIT: usize = 10_000;

/// A field of a result row. What an event doesn't have is not in its row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cell {
    /// The name.
    pub field: String,
    /// As text, like all of Insights' results.
    pub value: String,
}

/// The answer to a query.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Results {
    /// The names of the columns, in their order.
    pub columns: Vec<String>,
    /// Rows, in their order.
    pub rows: Vec<Vec<Cell>>,
    /// Events that all `filter`s let through.
    pub records_matched: usize,
    /// Events that were looked at.
    pub records_scanned: usize,
    /// Their messages' size.
    pub bytes_scanned: usize,
}

#[derive(Debug, Clone)]
pub(crate) struct Row {
    fields: Fields,
    /// Its place among all: where `sort` finds no difference, this one decides.
    sequence: usize,
    /// The moment of the event: `latest` goes by it.
    at: i64,
}

impl Query {
    /// Asks these events, which may come in any order; those outside the window are not looked at. `limit` is the caller's, and
    /// counts if the query has none.
    #[must_use]
    pub fn run<'a>(
        &self,
        events: impl IntoIterator<Item = Event<'a>>,
        window: Window,
        limit: Option<usize>,
    ) -> Results {
        let within = |event: &Event<'_>| (window.start..=window.end).contains(&event.timestamp);
        let mut events: Vec<_> = events.into_iter().filter(within).collect();
        events.sort_by_key(|event| event.timestamp);
        let mut run = Run {
            window,
            rows: Vec::with_capacity(events.len()),
            shown: Vec::new(),
            displayed: false,
            matched: 0,
            aggregated: false,
        };
        let bytes_scanned = events.iter().map(|event| event.message.len()).sum();
        let records_scanned = events.len();
        // The newest first, unless the query sorts.
        run.rows.extend(events.iter().enumerate().rev().map(|(sequence, event)| Row {
            fields: fields::discover(event),
            sequence,
            at: event.timestamp,
        }));
        drop(events);
        run.matched = run.rows.len();
        for command in &self.commands {
            run.apply(command);
        }
        if !self.has_limit() {
            run.rows.truncate(limit.unwrap_or(DEFAULT_LIMIT));
        }
        let (columns, rows) = run.results();
        Results { columns, rows, records_matched: run.matched, records_scanned, bytes_scanned }
    }
}

#[derive(Debug)]
struct Run {
    window: Window,
    rows: Vec<Row>,
    shown: Vec<String>,
    displayed: bool,
    /// After the first `stats`: rows are groups then.
    aggregated: bool,
    matched: usize,
}

impl Run {
    fn apply(&mut self, command: &Command) {
        match command {
            Command::Fields(columns) => {
                self.compute(columns);
                if !self.displayed {
                    self.show(columns);
                }
            }
            Command::Display(columns) => {
                self.compute(columns);
                self.shown.clear();
                self.displayed = true;
                self.show(columns);
            }
            Command::Filter(condition) => {
                let window = self.window;
                self.rows.retain(|row| row.eval(condition, window).is_true());
                if !self.aggregated {
                    self.matched = self.rows.len();
                }
            }
            Command::Stats { aggregates, by } => self.stats(aggregates, by),
            Command::Sort(keys) => self.sort(keys),
            Command::Limit(limit) => self.rows.truncate(*limit),
            Command::Dedup(fields) => self.dedup(fields),
            Command::Parse { from, extract, into } => {
                for row in &mut self.rows {
                    row.parse(from, extract, into, self.window);
                }
            }
            Command::Unnest { list, into } => self.unnest(list, into),
        }
    }

    fn compute(&mut self, columns: &[Column]) {
        for column in columns {
            if matches!(&column.expr, Expr::Field(name, _) if *name == column.name) {
                continue;
            }
            for row in &mut self.rows {
                let value = row.eval(&column.expr, self.window);
                row.set(&column.name, value);
            }
        }
    }

    fn show(&mut self, columns: &[Column]) {
        for column in columns {
            if !self.shown.contains(&column.name) {
                self.shown.push(column.name.clone());
            }
        }
    }

    fn stats(&mut self, aggregates: &[Column], by: &[Column]) {
        let mut places: HashMap<Vec<Option<String>>, usize> = HashMap::new();
        let mut groups: Vec<(Vec<Value>, Vec<&Row>)> = Vec::new();
        for row in &self.rows {
            let values: Vec<_> = by.iter().map(|column| row.eval(&column.expr, self.window)).collect();
            let key = values.iter().map(Value::shown).collect();
            let place = *places.entry(key).or_insert_with(|| {
                groups.push((values, Vec::new()));
                groups.len() - 1
            });
            groups[place].1.push(row);
        }
        // Without groups there is one row, even of nothing.
        if by.is_empty() && groups.is_empty() {
            groups.push((Vec::new(), Vec::new()));
        }
        let window = self.window;
        let rows = groups.into_iter().rev().enumerate().map(|(sequence, (values, members))| {
            let mut row =
                Row { fields: Fields::new(), sequence, at: members.iter().map(|row| row.at).max().unwrap_or(0) };
            for (column, value) in by.iter().zip(values) {
                row.set(&column.name, value);
            }
            for column in aggregates {
                let value = aggregate::column(&column.expr, &members, &row, window);
                row.set(&column.name, value);
            }
            row
        });
        let mut rows: Vec<_> = rows.collect();
        rows.reverse();
        self.rows = rows;
        self.aggregated = true;
        self.displayed = false;
        self.shown.clear();
        self.show(by);
        self.show(aggregates);
    }

    fn sort(&mut self, keys: &[Key]) {
        let window = self.window;
        let mut keyed: Vec<_> = std::mem::take(&mut self.rows)
            .into_iter()
            .map(|row| (keys.iter().map(|key| row.eval(&key.expr, window)).collect::<Vec<_>>(), row))
            .collect();
        let directed = |order: Ordering, descending: bool| if descending { order.reverse() } else { order };
        keyed.sort_by(|(left, left_row), (right, right_row)| {
            let by_keys = keys
                .iter()
                .zip(left.iter().zip(right))
                .map(|(key, (left, right))| directed(natural(left, right), key.descending))
                .find(|order| order.is_ne());
            // Events of one millisecond stay in the order they were written in, seen from the same end.
            let descending = keys.first().is_some_and(|key| key.descending);
            by_keys.unwrap_or_else(|| directed(left_row.sequence.cmp(&right_row.sequence), descending))
        });
        self.rows = keyed.into_iter().map(|(_, row)| row).collect();
    }

    fn dedup(&mut self, fields: &[Expr]) {
        let (window, mut seen) = (self.window, HashSet::new());
        self.rows.retain(|row| {
            let values: Option<Vec<_>> = fields.iter().map(|field| row.eval(field, window).shown()).collect();
            // What is missing repeats nothing.
            values.is_none_or(|values| seen.insert(values))
        });
    }

    fn unnest(&mut self, list: &Expr, into: &str) {
        let window = self.window;
        let mut rows = Vec::with_capacity(self.rows.len());
        for row in std::mem::take(&mut self.rows) {
            let value = row.eval(list, window);
            let items = match &value {
                Value::Structure(structure) => match structure.as_array() {
                    Some(items) => items.iter().map(Value::of_json).collect(),
                    None => vec![value.clone()],
                },
                _ => vec![value],
            };
            for item in items {
                let mut one = row.clone();
                one.set(into, item);
                rows.push(one);
            }
        }
        self.rows = rows;
    }

    fn results(&mut self) -> (Vec<String>, Vec<Vec<Cell>>) {
        if self.shown.is_empty() {
            self.shown = ["@timestamp", "@message"].map(String::from).to_vec();
        }
        // Every event can be looked up; a group can't.
        if !self.aggregated && !self.shown.iter().any(|name| name == "@ptr") {
            self.shown.push("@ptr".into());
        }
        let cell = |row: &Row, name: &String| Some(Cell { field: name.clone(), value: row.get(name).shown()? });
        let rows = self.rows.iter().map(|row| self.shown.iter().filter_map(|name| cell(row, name)).collect());
        (self.shown.clone(), rows.collect())
    }
}

impl Row {
    fn set(&mut self, name: &str, value: Value) {
        if value.is_null() {
            self.fields.remove(name);
        } else {
            self.fields.insert(name.to_owned(), value);
        }
    }

    fn parse(&mut self, from: &Expr, extract: &Extract, into: &[String], window: Window) {
        let Some(text) = self.eval(from, window).as_text() else { return };
        let Some(found) = extract.regex.captures(&text) else { return };
        let values: Vec<_> = into
            .iter()
            .enumerate()
            .map(|(index, name)| if extract.by_name { found.name(name) } else { found.get(index + 1) })
            .map(|group| group.map_or(Value::Null, |group| Value::text(group.as_str())))
            .collect();
        for (name, value) in into.iter().zip(values) {
            self.set(name, value);
        }
    }
}

#[cfg(test)]
mod tests;
