//! Who called whom: services as nodes, calls as arrows, as X-Ray's trace map has them.

use std::collections::{BTreeMap, BTreeSet};

use ::waterfall::{Kind, Outcome, Span, Trace};
use maud::html;

use super::{duration_text, mark};
use crate::{
    chart::{SMALL, text},
    picture::{Picture, document},
    scale::{fitted, px},
    theme::Theme,
};

/// A service that took part.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name.
    pub name: String,
    /// What it is: `Lambda`, `SQS`.
    pub kind: String,
    /// How often it was called.
    pub calls: usize,
    /// Of those not well.
    pub failed: usize,
    /// The worst of them; AWS outlines the node in its colour.
    pub outcome: Outcome,
    /// On average.
    pub average_ms: f64,
}

/// Calls from one node to another, by their places in the map.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edge {
    /// The caller.
    pub from: usize,
    /// The callee.
    pub to: usize,
    /// How often.
    pub calls: usize,
    /// Through a queue: what happens then happens later. AWS draws these dashed.
    pub linked: bool,
}

/// A trace map.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Map {
    /// Services.
    pub nodes: Vec<Node>,
    /// Calls.
    pub edges: Vec<Edge>,
}

impl Map {
    /// The map of one trace.
    #[must_use]
    pub fn of(trace: &Trace) -> Self {
        let mut map = Self::default();
        let mut places = BTreeMap::new();
        for root in &trace.roots {
            map.add(root, None, &mut places);
        }
        map
    }

    fn add(&mut self, span: &Span, caller: Option<usize>, places: &mut BTreeMap<(String, String), usize>) {
        // A call that has a segment of its own below it is that segment; a step of a function is none.
        let called = span.kind == Kind::Segment
            || (span.operation.is_some() && !span.children.iter().any(|child| child.kind == Kind::Segment));
        let here = if called { Some(self.call(span, caller, places)) } else { caller };
        for child in &span.children {
            self.add(child, here, places);
        }
    }

    fn call(&mut self, span: &Span, caller: Option<usize>, places: &mut BTreeMap<(String, String), usize>) -> usize {
        let kind = kind(span);
        let name = match (&span.resource, span.kind) {
            (Some(resource), Kind::Subsegment) => resource.rsplit(['/', ':']).next().unwrap_or(resource).to_owned(),
            _ => span.name.clone(),
        };
        // A function is two segments, of the service and of the function: one node.
        let next = self.nodes.len();
        let place = *places.entry((name.clone(), kind.clone())).or_insert(next);
        if place == next {
            self.nodes.push(Node { name, kind, calls: 0, failed: 0, outcome: Outcome::Ok, average_ms: 0.0 });
        }
        let linked = caller.and_then(|caller| self.nodes.get(caller)).is_some_and(|caller| caller.kind == "SQS");
        let same = caller == Some(place);
        if let Some(node) = self.nodes.get_mut(place)
            && !same
        {
            let total = count(node.calls) * node.average_ms + span.duration_ms.unwrap_or(0.0);
            node.calls += 1;
            node.average_ms = total / count(node.calls);
            if !matches!(span.outcome, Outcome::Ok | Outcome::InProgress) {
                node.failed += 1;
                node.outcome = worse(node.outcome, span.outcome);
            }
        }
        if let Some(caller) = caller.filter(|_| !same) {
            match self.edges.iter_mut().find(|edge| edge.from == caller && edge.to == place) {
                Some(edge) => edge.calls += 1,
                None => self.edges.push(Edge { from: caller, to: place, calls: 1, linked }),
            }
        }
        place
    }

    /// The column of each node: one right of all that call it, but for calls that go round.
    fn columns(&self) -> Vec<usize> {
        let mut columns = vec![0; self.nodes.len()];
        for _round in 0..self.nodes.len() {
            let mut moved = false;
            for edge in &self.edges {
                let (Some(from), Some(to)) = (columns.get(edge.from).copied(), columns.get(edge.to).copied()) else {
                    continue;
                };
                if to < from + 1 && from + 1 < self.nodes.len() {
                    columns[edge.to] = from + 1;
                    moved = true;
                }
            }
            if !moved {
                break;
            }
        }
        // Columns that nothing is in are left out.
        let used: BTreeSet<_> = columns.iter().copied().collect();
        columns.into_iter().map(|column| used.iter().position(|used| *used == column).unwrap_or(0)).collect()
    }

    /// The map as a picture.
    #[must_use]
    pub fn draw(&self, title: &str, theme: Theme) -> Picture {
        const CELL: (f64, f64) = (190.0, 118.0);
        const RADIUS: f64 = 27.0;
        let columns = self.columns();
        let mut rows = vec![0usize; self.nodes.len()];
        let mut next: BTreeMap<usize, usize> = BTreeMap::new();
        for (index, column) in columns.iter().enumerate() {
            let row = next.entry(*column).or_default();
            rows[index] = *row;
            *row += 1;
        }
        let deepest = next.values().copied().max().unwrap_or(1);
        let (width, height) = (CELL.0 * count(next.len().max(1)) + 20.0, CELL.1 * count(deepest) + 60.0);
        let at = |index: usize| {
            let (column, row) = (columns.get(index).copied().unwrap_or(0), rows.get(index).copied().unwrap_or(0));
            // A column with few nodes is centred.
            let missing = count(deepest - next.get(&column).copied().unwrap_or(1)) * CELL.1 / 2.0;
            (10.0 + CELL.0 * (count(column) + 0.5), 52.0 + missing + CELL.1 * count(row) + RADIUS + 4.0)
        };
        let described = self
            .edges
            .iter()
            .filter_map(|edge| {
                Some(format!("{} calls {}", self.nodes.get(edge.from)?.name, self.nodes.get(edge.to)?.name))
            })
            .collect::<Vec<_>>()
            .join("; ");
        let content = html! {
            rect width=(px(width)) height=(px(height)) class="v-hollow" {}
            text x="16" y="28" font-size="15" font-weight="600" class="v-ink" { (fitted(title, 15.5, width - 32.0)) }
            @for edge in &self.edges {
                @let ((x0, y0), (x1, y1)) = (at(edge.from), at(edge.to));
                @let length = ((x1 - x0).powi(2) + (y1 - y0).powi(2)).sqrt().max(1.0);
                @let (dx, dy) = ((x1 - x0) / length, (y1 - y0) / length);
                @let (ax, ay) = (x0 + dx * (RADIUS + 3.0), y0 + dy * (RADIUS + 3.0));
                @let (bx, by) = (x1 - dx * (RADIUS + 9.0), y1 - dy * (RADIUS + 9.0));
                g {
                    title { (self.nodes[edge.from].name) " calls " (self.nodes[edge.to].name) ", " (edge.calls) " times" }
                    line x1=(px(ax)) y1=(px(ay)) x2=(px(bx)) y2=(px(by)) class="v-rule" stroke-width="1.4" stroke-dasharray=[edge.linked.then_some("5 4")] {}
                    path d=(format!("M{} {}L{} {}L{} {}Z", px(bx + dx * 7.0), px(by + dy * 7.0), px(bx - dy * 4.0), px(by + dx * 4.0), px(bx + dy * 4.0), px(by - dx * 4.0))) class="v-quiet" {}
                }
            }
            @for (index, node) in self.nodes.iter().enumerate() {
                @let (x, y) = at(index);
                @let class = match node.outcome { Outcome::Ok | Outcome::InProgress => "v-ok-line", Outcome::Error => "v-s1", Outcome::Throttle => "v-s4", Outcome::Fault => "v-alarm-line" };
                g {
                    title { (node.name) ": " (node.calls) " calls, " (node.failed) " not well, " (duration_text(node.average_ms)) " on average" }
                    circle cx=(px(x)) cy=(px(y)) r=(px(RADIUS)) class=(format!("v-hollow {class}")) stroke-width="3" {}
                    (text(x, y - 1.0, SMALL, "middle", "v-ink", &duration_text(node.average_ms)))
                    (text(x, y + 12.0, 9.5, "middle", "v-quiet", &if node.failed > 0 { format!("{} {}/{}", mark(node.outcome).0, node.failed, node.calls) } else { format!("{} {}", mark(Outcome::Ok).0, node.calls) }))
                    (text(x, y + RADIUS + 16.0, 12.0, "middle", "v-ink", &fitted(&node.name, 12.0, CELL.0 - 14.0)))
                    (text(x, y + RADIUS + 30.0, 10.5, "middle", "v-quiet", &node.kind))
                }
            }
        };
        document(title, &described, width, height, theme, &content)
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few nodes")]
fn count(number: usize) -> f64 {
    number as f64
}

fn worse(a: Outcome, b: Outcome) -> Outcome {
    let rank = |outcome| match outcome {
        Outcome::Ok | Outcome::InProgress => 0,
        Outcome::Error => 1,
        Outcome::Throttle => 2,
        Outcome::Fault => 3,
    };
    if rank(b) > rank(a) { b } else { a }
}

/// `AWS::Lambda::Function` is `Lambda`; a call's name is its service.
fn kind(span: &Span) -> String {
    match &span.origin {
        Some(origin) => origin.split("::").nth(1).unwrap_or(origin).to_owned(),
        None if span.operation.is_some() => span.name.clone(),
        None => "Service".into(),
    }
}
