//! Small pictures within a page: a line without axes, and how values are spread.

use maud::{Markup, html};

use crate::{
    chart::{SMALL, text},
    data::{Point, Range},
    scale::{Scale, px},
};

#[expect(clippy::cast_precision_loss, reason = "epoch seconds and a few bars are far below 2^53")]
fn float(number: i64) -> f64 {
    number as f64
}

/// A line as small as a word, for a page that has this crate's classes. `class` is one of the palette's: 0 to 7.
#[must_use]
pub fn spark(says: &str, points: &[Point], range: Range, class: usize) -> Markup {
    const SIZE: (f64, f64) = (200.0, 36.0);
    let highest = points.iter().map(|point| point.1).fold(0.0f64, f64::max);
    let x = Scale { domain: (float(range.start), float(range.end)), pixels: (1.0, SIZE.0 - 1.0) };
    let y = Scale { domain: (0.0, if highest > 0.0 { highest } else { 1.0 }), pixels: (SIZE.1 - 2.0, 2.0) };
    let step = points.windows(2).map(|pair| pair[1].0 - pair[0].0).min().unwrap_or(60);
    html! {
        svg.spark viewBox=(format!("0 0 {} {}", SIZE.0, SIZE.1)) role="img" preserveAspectRatio="none" {
            title { (says) }
            line x1="0" x2=(px(SIZE.0)) y1=(px(SIZE.1 - 1.5)) y2=(px(SIZE.1 - 1.5)) class="v-grid" stroke-width="1" {}
            @for run in points.chunk_by(|a, b| b.0 - a.0 <= step * 2) {
                @match run {
                    [alone] => circle cx=(px(x.clamped(float(alone.0)))) cy=(px(y.clamped(alone.1))) r="1.8" class=(format!("v-f{class}")) {},
                    run => {
                        @let line: String = run.iter().enumerate().map(|(index, point)| format!("{}{} {}", if index == 0 { "M" } else { "L" }, px(x.clamped(float(point.0))), px(y.clamped(point.1)))).collect();
                        path d=(line) fill="none" class=(format!("v-s{class}")) stroke-width="1.6" stroke-linejoin="round" vector-effect="non-scaling-stroke" {}
                    }
                }
            }
        }
    }
}

/// A bar of a histogram.
#[derive(Debug, Clone, PartialEq)]
pub struct Bin {
    /// Where it begins, in words: `10 ms`.
    pub from: String,
    /// How many.
    pub count: usize,
    /// Where a click leads.
    pub href: String,
}

/// Bars that lead to what is in them.
#[must_use]
pub fn histogram(says: &str, bins: &[Bin]) -> Markup {
    const HEIGHT: f64 = 96.0;
    const BAR: f64 = 46.0;
    let most = bins.iter().map(|bin| bin.count).max().unwrap_or(1).max(1);
    let width = BAR * float(i64::try_from(bins.len()).unwrap_or(i64::MAX)) + 20.0;
    html! {
        svg.histogram viewBox=(format!("0 0 {} {}", px(width), px(HEIGHT + 36.0))) role="group" aria-label=(says) {
            @for (index, bin) in (0i64..).zip(bins) {
                @let x = 10.0 + BAR * float(index);
                @let tall = HEIGHT * float(i64::try_from(bin.count).unwrap_or(i64::MAX)) / float(i64::try_from(most).unwrap_or(i64::MAX));
                a href=(bin.href) {
                    rect x=(px(x + 3.0)) y=(px(16.0 + HEIGHT - tall)) width=(px(BAR - 6.0)) height=(px(tall.max(1.0))) rx="2" class="v-f0" {}
                    @if bin.count > 0 { (text(x + BAR / 2.0, 12.0 + HEIGHT - tall, SMALL, "middle", "v-quiet", &bin.count.to_string())) }
                    (text(x + 3.0, HEIGHT + 31.0, SMALL - 1.0, "start", "v-quiet", &bin.from))
                }
            }
        }
    }
}
