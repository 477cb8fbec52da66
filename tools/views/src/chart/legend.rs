//! Names and colours, below a picture or beside it.

use maud::{Markup, html};

use super::{Area, Item, SMALL, text};
use crate::{
    body::LegendPosition,
    scale::{fitted, px, text_width},
};

const ROW: f64 = 17.0;
const SWATCH: f64 = 16.0;
const BETWEEN: f64 = 14.0;

/// Draws a legend, and says what is left of the area.
pub(crate) fn legend(items: &[Item], position: LegendPosition, area: Area) -> (Markup, Area) {
    match position {
        LegendPosition::Hidden => (html! {}, area),
        _ if items.is_empty() => (html! {}, area),
        LegendPosition::Bottom => bottom(items, area),
        LegendPosition::Right => right(items, area),
    }
}

fn bottom(items: &[Item], area: Area) -> (Markup, Area) {
    let width = |item: &Item| (text_width(&item.label, SMALL) + SWATCH).min(area.width);
    let mut rows: Vec<Vec<(f64, &Item)>> = vec![Vec::new()];
    let mut x = 0.0;
    for item in items {
        let needs = width(item);
        if x > 0.0 && x + needs > area.width {
            rows.push(Vec::new());
            x = 0.0;
        }
        if let Some(row) = rows.last_mut() {
            row.push((x, item));
        }
        x += needs + BETWEEN;
    }
    // Never more than a third: the picture is what one came for.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few rows")]
    let most = ((area.height / 3.0 / ROW) as usize).max(1);
    let hidden: usize = rows.iter().skip(most).map(Vec::len).sum();
    rows.truncate(most);
    #[expect(clippy::cast_precision_loss, reason = "a few rows")]
    let height = rows.len() as f64 * ROW;
    let top = area.y + area.height - height;
    let markup = html! {
        @for (index, row) in rows.iter().enumerate() {
            @let y = top + ROW * index_f(index) + 13.0;
            @for (x, item) in row { (entry(item, area.x + x, y, area.width - x)) }
        }
        @if hidden > 0 { (text(area.x + area.width, top + height - ROW + 13.0, SMALL, "end", "v-quiet", &format!("+{hidden} more"))) }
    };
    (markup, Area { height: area.height - height - 4.0, ..area })
}

fn right(items: &[Item], area: Area) -> (Markup, Area) {
    let widest = items.iter().map(|item| text_width(&item.label, SMALL)).fold(0.0, f64::max) + SWATCH;
    let width = widest.clamp(40.0, area.width * 0.35);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few rows")]
    let most = ((area.height / ROW) as usize).max(1);
    let left = area.x + area.width - width;
    let shown = if items.len() > most { most - 1 } else { items.len() };
    let markup = html! {
        @for (index, item) in items.iter().take(shown).enumerate() {
            (entry(item, left, area.y + ROW * index_f(index) + 13.0, width))
        }
        @if shown < items.len() {
            (text(left, area.y + ROW * index_f(shown) + 13.0, SMALL, "start", "v-quiet", &format!("+{} more", items.len() - shown)))
        }
    };
    (markup, Area { width: area.width - width - 12.0, ..area })
}

fn entry(item: &Item, x: f64, y: f64, width: f64) -> Markup {
    html! {
        rect x=(px(x)) y=(px(y - 8.5)) width="10" height="10" rx="2" class=[item.color.fill_class()] fill=[item.color.own()] {}
        (text(x + SWATCH, y, SMALL, "start", "v-ink", &fitted(&item.label, SMALL, width - SWATCH)))
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few rows")]
fn index_f(index: usize) -> f64 {
    index as f64
}
