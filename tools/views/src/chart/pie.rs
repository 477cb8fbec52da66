//! Parts of a whole.

use std::f64::consts::TAU;

use maud::{Markup, html};

use super::{Area, SMALL, bars::Share, nothing, text};
use crate::scale::{exact_text, px, value_text};

/// Slices clockwise from the top; `labels` writes their percentages on them.
pub(crate) fn pie(shares: &[Share], labels: bool, area: Area) -> Markup {
    let total: f64 = shares.iter().filter_map(|share| share.value).filter(|value| *value > 0.0).sum();
    if total <= 0.0 {
        return nothing(area, "No data in this time range");
    }
    let radius = (area.width.min(area.height) / 2.0 - 4.0).max(10.0);
    let inner = radius * 0.55;
    let (cx, cy) = (area.x + area.width / 2.0, area.y + area.height / 2.0);
    let at = |turn: f64, radius: f64| (cx + radius * (TAU * turn).sin(), cy - radius * (TAU * turn).cos());
    let mut from = 0.0;
    let slices: Vec<_> = shares
        .iter()
        .filter_map(|share| Some((share, share.value.filter(|value| *value > 0.0)?)))
        .map(|(share, value)| {
            let to = from + value / total;
            let slice = (share, value, from, to);
            from = to;
            slice
        })
        .collect();
    html! {
        @for (share, value, from, to) in &slices {
            @let percent = (to - from) * 100.0;
            g {
                title { (share.label) ": " (exact_text(*value, 3)) ", " (exact_text(percent, 1)) " %" }
                path d=(ring(&at, *from, *to, radius, inner)) class=[share.color.fill_class()] fill=[share.color.own()] {}
                @if labels && percent >= 6.0 {
                    @let (x, y) = at((from + to) / 2.0, (radius + inner) / 2.0);
                    text x=(px(x)) y=(px(y + 4.0)) font-size=(px(SMALL)) text-anchor="middle" fill="#ffffff" font-weight="600" { (format!("{percent:.0}%")) }
                }
            }
        }
        (text(cx, cy + 2.0, (inner * 0.5).clamp(11.0, 26.0), "middle", "v-ink", &value_text(total)))
        @if inner > 26.0 { (text(cx, cy + 18.0, SMALL, "middle", "v-quiet", "total")) }
    }
}

fn ring(at: &dyn Fn(f64, f64) -> (f64, f64), from: f64, to: f64, radius: f64, inner: f64) -> String {
    // A whole turn ends where it began, which draws nothing: two halves.
    if to - from > 0.999 {
        let middle = (from + to) / 2.0;
        return ring(at, from, middle, radius, inner) + &ring(at, middle, to, radius, inner);
    }
    let large = i32::from(to - from > 0.5);
    let point = |turn: f64, radius: f64| {
        let (x, y) = at(turn, radius);
        format!("{} {}", px(x), px(y))
    };
    let (outer, hole) = (px(radius), px(inner));
    format!(
        "M{}A{outer} {outer} 0 {large} 1 {}L{}A{hole} {hole} 0 {large} 0 {}Z",
        point(from, radius),
        point(to, radius),
        point(to, inner),
        point(from, inner)
    )
}
