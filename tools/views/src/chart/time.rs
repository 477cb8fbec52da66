//! Lines and areas over time.

use maud::{Markup, html};

use super::{Area, Item, SMALL, legend::legend, nothing, text};
use crate::{
    body::{Annotated, Axis, LegendPosition, Line, LineFill, Moment, MomentFill, Side},
    data::{Point, Range},
    scale::{Scale, exact_text, fitted, px, text_width, tick_text, time_axis, value_axis},
};

#[derive(Debug)]
pub(crate) struct Chart<'a> {
    pub(crate) items: &'a [Item],
    pub(crate) range: Range,
    pub(crate) stacked: bool,
    pub(crate) left: &'a Axis,
    pub(crate) right: &'a Axis,
    pub(crate) lines: &'a [Annotated<Line>],
    pub(crate) moments: &'a [Annotated<Moment>],
    pub(crate) legend: LegendPosition,
    pub(crate) zone: i64,
    /// Points that something is said of.
    pub(crate) marks: &'a [Marked],
}

/// A point that something is said of.
#[derive(Debug, Clone)]
pub(crate) struct Marked {
    pub(crate) at: i64,
    /// Nothing is there: the mark is on the floor.
    pub(crate) value: Option<f64>,
    /// Of a full mark, or a hollow one.
    pub(crate) class: &'static str,
    pub(crate) hollow: bool,
    pub(crate) says: String,
}

const AXIS_HEIGHT: f64 = 20.0;
const LABEL_HEIGHT: f64 = 22.0;
const TICK: f64 = 34.0;

#[expect(clippy::cast_precision_loss, reason = "epoch seconds are far below 2^53")]
fn x_of(at: i64) -> f64 {
    at as f64
}

/// A side with something to show.
struct Sided {
    scale: Scale,
    ticks: Vec<f64>,
    label: String,
}

impl Chart<'_> {
    pub(crate) fn draw(&self, area: Area) -> Markup {
        let (legend, area) = legend(self.items, self.legend, area);
        let left = self.side(Side::Left, self.left, area);
        let right = self.side(Side::Right, self.right, area);
        if left.is_none() && right.is_none() {
            return html! { (nothing(area, "No data in this time range")) (legend) };
        }
        let gutter = |side: &Option<Sided>| {
            side.as_ref().map_or(6.0, |side| {
                let widest = side.ticks.iter().map(|tick| text_width(&tick_text(*tick, &side.ticks), SMALL));
                widest.fold(0.0, f64::max) + 10.0
            })
        };
        let (x0, x1) = (area.x + gutter(&left), area.x + area.width - gutter(&right));
        let (y0, y1) = (area.y + LABEL_HEIGHT, area.y + area.height - AXIS_HEIGHT);
        let x = Scale { domain: (x_of(self.range.start), x_of(self.range.end)), pixels: (x0, x1) };
        let placed =
            |side: Option<Sided>| side.map(|side| Sided { scale: Scale { pixels: (y1, y0), ..side.scale }, ..side });
        let (left, right) = (placed(left), placed(right));
        let on = |side: Side| match side {
            Side::Left => left.as_ref(),
            Side::Right => right.as_ref(),
        };
        // The grid is the left side's; where there is none, the right's.
        let grid = left.as_ref().or(right.as_ref());
        html! {
            @if let Some(grid) = grid { @for tick in &grid.ticks {
                @let y = px(grid.scale.at(*tick));
                line x1=(px(x0)) x2=(px(x1)) y1=(y) y2=(y) class="v-grid" stroke-width="1" {}
            } }
            @for band in self.lines { @if let Some(side) = band.all().next().and_then(|line| on(line.y_axis)) { (fill(band, &side.scale, (x0, x1), (y0, y1))) } }
            @for band in self.moments { (moment_fill(band, &x, (y0, y1))) }
            @for side in [Side::Left, Side::Right] { @if let Some(sided) = on(side) { (self.plots(side, &x, &sided.scale)) } }
            @for band in self.moments { @for moment in band.all().filter(|moment| moment.visible) { (moment_line(moment, &x, (y0, y1))) } }
            @if let Some(grid) = grid { @for mark in self.marks { (marked(mark, &x, &grid.scale, y1)) } }
            (self.horizontal_lines(&on, (x0, x1), y0))
            line x1=(px(x0)) x2=(px(x1)) y1=(px(y1)) y2=(px(y1)) class="v-rule" stroke-width="1" {}
            @if let Some(side) = &left { (ticks(side, x0 - 6.0, "end")) (text(area.x, area.y + 10.0, SMALL, "start", "v-quiet", &fitted(&side.label, SMALL, area.width * 0.6))) }
            @if let Some(side) = &right { (ticks(side, x1 + 6.0, "start")) (text(area.x + area.width, area.y + 10.0, SMALL, "end", "v-quiet", &fitted(&side.label, SMALL, area.width * 0.4))) }
            @for (at, label) in time_axis(self.range.start, self.range.end, ((x1 - x0) / 56.0).max(2.0), self.zone) {
                @let at = x.at(x_of(at));
                @let half = text_width(&label, SMALL) / 2.0;
                line x1=(px(at)) x2=(px(at)) y1=(px(y1)) y2=(px(y1 + 4.0)) class="v-rule" stroke-width="1" {}
                // A label that would stick out over the axis is left out.
                @if at - half >= area.x && at + half <= area.x + area.width { (text(at, y1 + 15.0, SMALL, "middle", "v-quiet", &label)) }
            }
            (legend)
        }
    }

    /// A side's scale: it holds every value and every visible annotation.
    fn side(&self, side: Side, axis: &Axis, area: Area) -> Option<Sided> {
        let items: Vec<_> = self.items.iter().filter(|item| item.side == side && !item.points.is_empty()).collect();
        let lines = self.lines.iter().flat_map(Annotated::all).filter(|line| line.y_axis == side && line.visible);
        let annotated: Vec<_> = lines.map(|line| line.value).collect();
        if items.is_empty() && annotated.is_empty() {
            return None;
        }
        let mut values = if self.stacked && !items.is_empty() {
            tops(&items).concat()
        } else {
            items.iter().flat_map(|item| item.points.iter().copied()).collect()
        };
        if self.stacked {
            values.push(Point(0, 0.0));
        }
        let all = values.iter().map(|point| point.1).chain(annotated);
        let (low, high) =
            all.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)));
        // What is not far from zero is shown from zero: half the height must not look like nothing.
        let low = if low > 0.0 && low < high * 0.4 { 0.0 } else { low };
        let (domain, ticks) =
            value_axis(low, high, (axis.min, axis.max), ((area.height - 36.0) / TICK).clamp(2.0, 8.0));
        let unit = || {
            let mut units: Vec<_> =
                items.iter().filter_map(|item| item.unit.as_deref()).filter(|unit| *unit != "None").collect();
            units.dedup();
            match units.as_slice() {
                [] => String::new(),
                [unit] => (*unit).to_owned(),
                _ => "Various units".to_owned(),
            }
        };
        let label = match &axis.label {
            Some(label) => label.clone(),
            None if axis.show_units.unwrap_or(true) => unit(),
            None => String::new(),
        };
        Some(Sided { scale: Scale { domain, pixels: (0.0, 0.0) }, ticks, label })
    }

    fn plots(&self, side: Side, x: &Scale, y: &Scale) -> Markup {
        let items: Vec<_> = self.items.iter().filter(|item| item.side == side).collect();
        if !self.stacked {
            return html! { @for item in &items { (line(item, &item.points, x, y)) } };
        }
        let tops = tops(&items);
        html! {
            @for (index, item) in items.iter().enumerate() {
                @let floor = if index == 0 { None } else { tops.get(index - 1) };
                @let top = tops.get(index).map_or(&[][..], Vec::as_slice);
                g { title { (said(item)) }
                    @for run in runs(top, item.period) {
                        path d=(area_path(run, floor, x, y)) class=[item.color.fill_class()] fill=[item.color.own()] fill-opacity="0.55" stroke="none" {}
                        path d=(path(run, x, y)) fill="none" class=[item.color.stroke_class()] stroke=[item.color.own()] stroke-width="1.5" {}
                    }
                }
            }
        }
    }

    /// Lines with their labels, none on another.
    fn horizontal_lines<'s>(&self, on: &dyn Fn(Side) -> Option<&'s Sided>, (x0, x1): (f64, f64), top: f64) -> Markup {
        let mut taken: Vec<f64> = Vec::new();
        let mut drawn = Vec::new();
        for line in self.lines.iter().flat_map(Annotated::all).filter(|line| line.visible) {
            let Some(side) = on(line.y_axis) else { continue };
            let y = side.scale.clamped(line.value);
            // Above its line; above the labels that are there already, or below them where the plot ends.
            let is_taken = |at: f64| taken.iter().any(|other| (other - at).abs() < 12.0);
            let mut label_y = y - 5.0;
            while label_y >= top + 8.0 && is_taken(label_y) {
                label_y -= 12.0;
            }
            if label_y < top + 8.0 {
                label_y = y + 13.0;
                while is_taken(label_y) {
                    label_y += 12.0;
                }
            }
            taken.push(label_y);
            let label = line.label.clone().unwrap_or_default();
            let said = if label.is_empty() {
                exact_text(line.value, 3)
            } else {
                format!("{label} ({})", exact_text(line.value, 3))
            };
            drawn.push((line, y, label_y, said));
        }
        html! { @for (line, y, label_y, said) in &drawn {
            @let own = line.color.as_deref().filter(|color| crate::body::is_color(color));
            g {
                title { (said) }
                line x1=(px(x0)) x2=(px(x1)) y1=(px(*y)) y2=(px(*y)) class=[own.is_none().then_some("v-alarm-line")] stroke=[own] stroke-width="1.25" stroke-dasharray="5 3" {}
                (haloed(x1 - 4.0, *label_y, "end", &fitted(said, SMALL - 0.5, x1 - x0 - 8.0)))
            }
        } }
    }
}

fn marked(mark: &Marked, x: &Scale, y: &Scale, floor: f64) -> Markup {
    let (cx, cy) = (px(x.clamped(x_of(mark.at))), px(mark.value.map_or(floor, |value| y.clamped(value))));
    let class = if mark.hollow { format!("v-hollow {}-line", mark.class) } else { mark.class.to_owned() };
    html! { circle cx=(cx) cy=(cy) r="4" class=(class) stroke-width=(if mark.hollow { "1.6" } else { "0" }) { title { (mark.says) } } }
}

fn ticks(side: &Sided, x: f64, anchor: &str) -> Markup {
    html! { @for tick in &side.ticks { (text(x, side.scale.at(*tick) + 4.0, SMALL, anchor, "v-quiet", &tick_text(*tick, &side.ticks))) } }
}

/// What a pointer on a line, or a reader of the page aloud, is told.
fn said(item: &Item) -> String {
    match (item.last(), item.points.iter().map(|point| point.1).max_by(f64::total_cmp)) {
        (Some(last), Some(most)) => {
            format!("{}: newest {}, highest {}", item.label, exact_text(last, 3), exact_text(most, 3))
        }
        _ => format!("{}: no data", item.label),
    }
}

/// What is drawn without a break: nothing joins two points with a missing one between them.
fn runs(points: &[Point], period: i64) -> impl Iterator<Item = &[Point]> {
    points.chunk_by(move |a, b| b.0 - a.0 <= period + period / 2)
}

fn line(item: &Item, points: &[Point], x: &Scale, y: &Scale) -> Markup {
    let thinned = thin(points, x);
    let period = item.period.max(spacing(x));
    html! {
        g {
            title { (said(item)) }
            @for run in runs(&thinned, period) {
                @match run {
                    [alone] => circle cx=(px(x.at(x_of(alone.0)))) cy=(px(y.clamped(alone.1))) r="2.4" class=[item.color.fill_class()] fill=[item.color.own()] {},
                    run => path d=(path(run, x, y)) fill="none" class=[item.color.stroke_class()] stroke=[item.color.own()] stroke-width="1.8" stroke-linejoin="round" stroke-linecap="round" {},
                }
            }
        }
    }
}

/// Seconds of a pixel.
fn spacing(x: &Scale) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "seconds of a range")]
    let seconds = ((x.domain.1 - x.domain.0) / (x.pixels.1 - x.pixels.0).max(1.0)).ceil() as i64;
    seconds * 2
}

/// Of more points than pixels the lowest and highest of each pixel: what sticks out is still there.
fn thin(points: &[Point], x: &Scale) -> Vec<Point> {
    let width = (x.pixels.1 - x.pixels.0).max(1.0);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand points")]
    if (points.len() as f64) <= width * 2.0 {
        return points.to_vec();
    }
    #[expect(clippy::cast_possible_truncation, reason = "a pixel of the picture")]
    let pixel = |point: &Point| x.at(x_of(point.0)) as i64;
    points
        .chunk_by(|a, b| pixel(a) == pixel(b))
        .flat_map(|chunk| {
            let low = chunk.iter().min_by(|a, b| a.1.total_cmp(&b.1));
            let high = chunk.iter().max_by(|a, b| a.1.total_cmp(&b.1));
            let mut kept: Vec<_> = low.into_iter().chain(high).copied().collect();
            kept.sort_by_key(|point| point.0);
            kept.dedup();
            kept
        })
        .collect()
}

fn path(points: &[Point], x: &Scale, y: &Scale) -> String {
    let mut path = String::new();
    for (index, point) in points.iter().enumerate() {
        let letter = if index == 0 { "M" } else { "L" };
        path.push_str(&format!("{letter}{} {}", px(x.at(x_of(point.0))), px(y.clamped(point.1))));
    }
    path
}

fn area_path(points: &[Point], floor: Option<&Vec<Point>>, x: &Scale, y: &Scale) -> String {
    let below = |at: i64| floor.map_or(0.0, |floor| below(floor, at));
    let mut path = path(points, x, y);
    for point in points.iter().rev() {
        path.push_str(&format!("L{} {}", px(x.at(x_of(point.0))), px(y.clamped(below(point.0)))));
    }
    path + "Z"
}

/// Each line on top of those before it: a moment that one lacks is as high as those below.
fn tops(items: &[&Item]) -> Vec<Vec<Point>> {
    let mut sums: std::collections::BTreeMap<i64, f64> = std::collections::BTreeMap::new();
    let mut tops = Vec::with_capacity(items.len());
    for item in items {
        let mut own = Vec::with_capacity(item.points.len());
        for Point(at, value) in &item.points {
            let sum = sums.entry(*at).or_insert(0.0);
            *sum += value;
            own.push(Point(*at, *sum));
        }
        tops.push(own);
    }
    tops
}

fn below(floor: &[Point], at: i64) -> f64 {
    floor
        .binary_search_by_key(&at, |point| point.0)
        .ok()
        .and_then(|index| floor.get(index))
        .map_or(0.0, |point| point.1)
}

fn fill(band: &Annotated<Line>, y: &Scale, (x0, x1): (f64, f64), (top, bottom): (f64, f64)) -> Markup {
    let (from, to, line) = match band {
        Annotated::Band(one, other) if one.visible && other.visible => {
            (y.clamped(one.value), y.clamped(other.value), one)
        }
        Annotated::One(line) if line.visible => match line.fill {
            Some(LineFill::Above) => (top, y.clamped(line.value), line),
            Some(LineFill::Below) => (y.clamped(line.value), bottom, line),
            Some(LineFill::None) | None => return html! {},
        },
        _ => return html! {},
    };
    let own = line.color.as_deref().filter(|color| crate::body::is_color(color));
    html! { rect x=(px(x0)) y=(px(from.min(to))) width=(px(x1 - x0)) height=(px((to - from).abs())) class=[own.is_none().then_some("v-alarm")] fill=[own] fill-opacity="0.12" {} }
}

fn moment_fill(band: &Annotated<Moment>, x: &Scale, (top, bottom): (f64, f64)) -> Markup {
    let at = |moment: &Moment| x.clamped(x_of(moment.at));
    let (from, to, moment) = match band {
        Annotated::Band(one, other) if one.visible && other.visible => (at(one), at(other), one),
        Annotated::One(moment) if moment.visible => match moment.fill {
            Some(MomentFill::Before) => (x.pixels.0, at(moment), moment),
            Some(MomentFill::After) => (at(moment), x.pixels.1, moment),
            Some(MomentFill::None) | None => return html! {},
        },
        _ => return html! {},
    };
    let own = moment.color.as_deref().filter(|color| crate::body::is_color(color));
    html! { rect x=(px(from.min(to))) y=(px(top)) width=(px((to - from).abs())) height=(px(bottom - top)) class=[own.is_none().then_some("v-f4")] fill=[own] fill-opacity="0.12" {} }
}

fn moment_line(moment: &Moment, x: &Scale, (top, bottom): (f64, f64)) -> Markup {
    let inside = (x.domain.0..=x.domain.1).contains(&x_of(moment.at));
    let at = x.clamped(x_of(moment.at));
    let own = moment.color.as_deref().filter(|color| crate::body::is_color(color));
    let label = moment.label.as_deref().unwrap_or_default();
    let (anchor, shift) = if at > (x.pixels.0 + x.pixels.1) / 2.0 { ("end", -4.0) } else { ("start", 4.0) };
    html! { @if inside { g {
        title { (label) " " (crate::scale::minute_text(moment.at, 0)) " UTC" }
        line x1=(px(at)) x2=(px(at)) y1=(px(top)) y2=(px(bottom)) class=[own.is_none().then_some("v-s4")] stroke=[own] stroke-width="1.25" stroke-dasharray="2 2" {}
        (haloed(at + shift, top + 10.0, anchor, label))
    } } }
}

/// A label on a line: what is behind it does not make it unreadable.
fn haloed(x: f64, y: f64, anchor: &str, content: &str) -> Markup {
    html! { text x=(px(x)) y=(px(y)) font-size=(px(SMALL - 0.5)) text-anchor=(anchor) class="v-quiet v-halo" stroke-width="3" stroke-linejoin="round" paint-order="stroke" { (content) } }
}
