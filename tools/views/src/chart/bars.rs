//! Categories compared: a bar each, its name beside it.

use maud::{Markup, html};

use super::{Area, Color, SMALL, nothing, text};
use crate::scale::{Scale, exact_text, fitted, px, text_width, value_axis, value_text};

/// A bar or a slice.
#[derive(Debug, Clone)]
pub(crate) struct Share {
    pub(crate) label: String,
    pub(crate) color: Color,
    pub(crate) value: Option<f64>,
}

/// Bars that fit; the console shows at most a hundred.
const LEAST: f64 = 15.0;

pub(crate) fn bars(shares: &[Share], area: Area) -> Markup {
    if shares.iter().all(|share| share.value.is_none()) {
        return nothing(area, "No data in this time range");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few bars")]
    let fits = ((area.height / LEAST) as usize).clamp(1, 100);
    let shown = if shares.len() > fits { fits - 1 } else { shares.len() };
    #[expect(clippy::cast_precision_loss, reason = "a few bars")]
    let row = (area.height / shares.len().min(fits) as f64).min(42.0);
    let names = shares
        .iter()
        .take(shown)
        .map(|share| text_width(&share.label, SMALL))
        .fold(0.0, f64::max)
        .min(area.width * 0.35)
        + 8.0;
    let values = shares.iter().filter_map(|share| share.value);
    let (low, high) = values.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    let (domain, _) = value_axis(low, high, (None, None), 4.0);
    let x = Scale { domain, pixels: (area.x + names, area.x + area.width - 46.0) };
    let zero = x.at(0.0);
    html! {
        @for (index, share) in shares.iter().take(shown).enumerate() {
            @let y = area.y + row * { #[expect(clippy::cast_precision_loss, reason = "a few bars")] { index as f64 } };
            @let end = share.value.map_or(zero, |value| x.at(value));
            g {
                title { (share.label) ": " (share.value.map_or("no data".into(), |value| exact_text(value, 3))) }
                (text(area.x + names - 8.0, y + row / 2.0 + 4.0, SMALL, "end", "v-ink", &fitted(&share.label, SMALL, names - 8.0)))
                rect x=(px(zero.min(end))) y=(px(y + row * 0.15)) width=(px((end - zero).abs())) height=(px(row * 0.7)) rx="2" class=[share.color.fill_class()] fill=[share.color.own()] {}
                (text(zero.max(end) + 6.0, y + row / 2.0 + 4.0, SMALL, "start", "v-quiet", &share.value.map_or("–".into(), value_text)))
            }
        }
        @if shown < shares.len() { (text(area.x + names, area.y + area.height - 3.0, SMALL, "start", "v-quiet", &format!("+{} more in the table", shares.len() - shown))) }
        line x1=(px(zero)) x2=(px(zero)) y1=(px(area.y)) y2=(px(area.y + area.height)) class="v-rule" stroke-width="1" {}
    }
}
