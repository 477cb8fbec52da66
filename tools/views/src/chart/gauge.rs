//! A value on a half circle.

use std::f64::consts::PI;

use maud::{Markup, html};

use super::{Area, Item, legend::legend, nothing, text};
use crate::{
    body::{Annotated, LegendPosition, Line, LineFill},
    scale::{exact_text, px, value_text},
};

#[derive(Debug)]
pub(crate) struct Gauge<'a> {
    pub(crate) items: &'a [Item],
    pub(crate) min: f64,
    pub(crate) max: f64,
    pub(crate) lines: &'a [Annotated<Line>],
    pub(crate) legend: LegendPosition,
}

impl Gauge<'_> {
    pub(crate) fn draw(&self, area: Area) -> Markup {
        let (legend, area) = legend(self.items, self.legend, area);
        if self.items.is_empty() || self.max <= self.min {
            return html! { (nothing(area, "No data in this time range")) (legend) };
        }
        #[expect(clippy::cast_precision_loss, reason = "a few gauges")]
        let width = area.width / self.items.len() as f64;
        html! {
            @for (index, item) in self.items.iter().enumerate() {
                @let x = area.x + width * { #[expect(clippy::cast_precision_loss, reason = "a few gauges")] { index as f64 } };
                (self.one(item, Area { x, width, ..area }))
            }
            (legend)
        }
    }

    fn one(&self, item: &Item, area: Area) -> Markup {
        let radius = (area.width / 2.0 - 12.0).min(area.height - 34.0).max(20.0);
        let thickness = (radius * 0.22).clamp(8.0, 26.0);
        let (cx, cy) = (area.x + area.width / 2.0, area.y + (area.height + radius) / 2.0 - 6.0);
        let share = |value: f64| ((value - self.min) / (self.max - self.min)).clamp(0.0, 1.0);
        let arc = |from: f64, to: f64, radius: f64| {
            let at = |share: f64| (px(cx - radius * (PI * share).cos()), px(cy - radius * (PI * share).sin()));
            let ((x0, y0), (x1, y1), radius) = (at(from), at(to), px(radius));
            format!("M{x0} {y0}A{radius} {radius} 0 0 1 {x1} {y1}")
        };
        let value = item.last();
        let bands = self.lines.iter().filter_map(|line| match line {
            Annotated::One(line) if line.visible => match line.fill {
                Some(LineFill::Above) => Some((share(line.value), 1.0, line)),
                Some(LineFill::Below) => Some((0.0, share(line.value), line)),
                _ => Some((share(line.value) - 0.006, share(line.value) + 0.006, line)),
            },
            Annotated::Band(one, other) if one.visible && other.visible => {
                let (a, b) = (share(one.value), share(other.value));
                Some((a.min(b), a.max(b), one))
            }
            _ => None,
        });
        let size = (radius * 0.42).clamp(14.0, 44.0);
        html! { g {
            title { (item.label) ": " (value.map_or("no data".into(), |value| exact_text(value, 3))) " of " (exact_text(self.min, 3)) " to " (exact_text(self.max, 3)) }
            path d=(arc(0.0, 1.0, radius - thickness / 2.0)) fill="none" stroke-width=(px(thickness)) stroke-opacity="1" class="v-grid" {}
            @if let Some(value) = value.filter(|value| share(*value) > 0.0) {
                path d=(arc(0.0, share(value), radius - thickness / 2.0)) fill="none" stroke-width=(px(thickness)) class=[item.color.stroke_class()] stroke=[item.color.own()] {}
            }
            @for (from, to, line) in bands {
                @let own = line.color.as_deref().filter(|color| crate::body::is_color(color));
                path d=(arc(from.clamp(0.0, 1.0), to.clamp(0.0, 1.0), radius + 4.0)) fill="none" stroke-width="4" class=[own.is_none().then_some("v-alarm-line")] stroke=[own] { title { (line.label.as_deref().unwrap_or_default()) " " (exact_text(line.value, 3)) } }
            }
            text x=(px(cx)) y=(px(cy - 4.0)) font-size=(px(size)) font-weight="600" text-anchor="middle" class="v-ink" { (value.map_or("–".into(), value_text)) }
            (text(cx - radius + thickness / 2.0, cy + 14.0, 11.0, "middle", "v-quiet", &value_text(self.min)))
            (text(cx + radius - thickness / 2.0, cy + 14.0, 11.0, "middle", "v-quiet", &value_text(self.max)))
        } }
    }
}
