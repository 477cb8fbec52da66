//! One number a line, as large as it fits.

use maud::{Markup, html};

use super::{Area, Item, nothing, text};
use crate::{
    data::{Point, Range},
    scale::{Scale, exact_text, fitted, px, text_width, value_text},
};

#[derive(Debug)]
pub(crate) struct Values<'a> {
    pub(crate) items: &'a [Item],
    pub(crate) range: Range,
    pub(crate) sparkline: bool,
    /// All digits, instead of `1.2k`.
    pub(crate) full: bool,
}

impl Values<'_> {
    pub(crate) fn draw(&self, area: Area) -> Markup {
        if self.items.is_empty() {
            return nothing(area, "No data in this time range");
        }
        let count = self.items.len();
        // As near to a square of tiles as the area is to one.
        let best = (1..=count).max_by(|a, b| tile(*a, count, area).total_cmp(&tile(*b, count, area))).unwrap_or(1);
        let rows = count.div_ceil(best);
        let (width, height) = (area.width / float(best), area.height / float(rows));
        html! { @for (index, item) in self.items.iter().enumerate() {
            @let place = Area { x: area.x + width * float(index % best), y: area.y + height * float(index / best), width: width - 8.0, height: height - 6.0 };
            (self.one(item, place))
        } }
    }

    fn one(&self, item: &Item, area: Area) -> Markup {
        let value =
            item.last().map_or("–".into(), |value| if self.full { format!("{value}") } else { value_text(value) });
        let label_size = 12.0;
        let room = area.height - label_size - 8.0;
        let size = (room * if self.sparkline { 0.5 } else { 0.62 }).clamp(12.0, 52.0);
        let size = size * (area.width / text_width(&value, size).max(1.0)).min(1.0);
        let unit = item.unit.as_deref().filter(|unit| *unit != "None").unwrap_or_default();
        let beside = area.x + text_width(&value, size) * 0.98 + 6.0;
        let baseline = if self.sparkline {
            area.y + label_size + 6.0 + size * 0.85
        } else {
            area.y + label_size + (room + size * 0.7) / 2.0
        };
        html! { g {
            title { (item.label) ": " (item.last().map_or("no data".into(), |value| exact_text(value, 3))) " " (unit) }
            circle cx=(px(area.x + 5.0)) cy=(px(area.y + label_size - 3.5)) r="4" class=[item.color.fill_class()] fill=[item.color.own()] {}
            (text(area.x + 15.0, area.y + label_size, label_size, "start", "v-quiet", &fitted(&item.label, label_size, area.width - 15.0)))
            text x=(px(area.x)) y=(px(baseline)) font-size=(px(size)) font-weight="600" class="v-ink" { (value) }
            @if beside + text_width(unit, 12.0) < area.x + area.width { (text(beside, baseline, 12.0, "start", "v-quiet", unit)) }
            @if self.sparkline {
                @let top = baseline + 8.0;
                (spark(item, self.range, Area { x: area.x, y: top, width: area.width, height: (area.y + area.height - top).max(4.0) }))
            }
        } }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few tiles")]
fn float(count: usize) -> f64 {
    count as f64
}

/// How large the number in a tile can be.
fn tile(columns: usize, count: usize, area: Area) -> f64 {
    let (width, height) = (area.width / float(columns), area.height / float(count.div_ceil(columns)));
    (width / 4.0).min(height)
}

fn spark(item: &Item, range: Range, area: Area) -> Markup {
    let values = item.points.iter().map(|point| point.1);
    let (low, high) =
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
    #[expect(clippy::cast_precision_loss, reason = "epoch seconds are far below 2^53")]
    let x = Scale { domain: (range.start as f64, range.end as f64), pixels: (area.x, area.x + area.width) };
    let y = Scale {
        domain: (low.min(0.0), if high > low { high } else { low + 1.0 }),
        pixels: (area.y + area.height, area.y),
    };
    #[expect(clippy::cast_precision_loss, reason = "epoch seconds are far below 2^53")]
    let at = |point: &Point| (px(x.clamped(point.0 as f64)), px(y.clamped(point.1)));
    html! { @for run in item.points.chunk_by(|a, b| b.0 - a.0 <= item.period + item.period / 2) {
        @let line: String = run.iter().enumerate().map(|(index, point)| { let (x, y) = at(point); format!("{}{x} {y}", if index == 0 { "M" } else { "L" }) }).collect();
        @if let ([first, .., last], bottom) = (run, px(area.y + area.height)) {
            path d=(format!("{line}L{} {bottom}L{} {bottom}Z", at(last).0, at(first).0)) class=[item.color.fill_class()] fill=[item.color.own()] fill-opacity="0.15" {}
        }
        path d=(line) fill="none" class=[item.color.stroke_class()] stroke=[item.color.own()] stroke-width="1.5" stroke-linecap="round" {}
    } }
}
