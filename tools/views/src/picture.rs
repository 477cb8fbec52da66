//! A dashboard, or one widget of it, as one SVG.

use maud::{Markup, PreEscaped, html};

use crate::{
    body::Annotated,
    chart::{Area, SMALL, text},
    data::{Alarm, Range},
    markdown::{Plain, plain},
    scale::{fitted, minute_text, px, text_width},
    table::Table,
    theme::{FONT, Theme},
    widget::{Drawn, Shown},
};

/// A column and a row of the grid, in pixels.
const COLUMN: f64 = 56.0;
const ROW: f64 = 50.0;
const GAP: f64 = 8.0;
const MARGIN: f64 = 16.0;
const HEAD: f64 = 44.0;
const PADDING: f64 = 12.0;

/// An SVG document and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The document.
    pub svg: String,
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
}

impl Picture {
    /// For a page whose style sheet has this crate's classes ([`Theme::page_css`]): without a style of its own, as wide as there is room.
    #[must_use]
    pub fn inline(&self) -> Markup {
        let (head, rest) = self.svg.split_once("<style>").unwrap_or(("", &self.svg));
        let (_, tail) = rest.split_once("</style>").unwrap_or(("", rest));
        let sized = format!(r#" width="{}" height="{}""#, self.width, self.height);
        PreEscaped(format!("{}{}", head.replacen(&sized, "", 1), tail.trim_end()))
    }
}

/// Where a widget is on its dashboard's grid: column, row, width, height.
pub(crate) type Place = (u32, u32, u32, u32);

/// A whole dashboard.
#[must_use]
pub fn dashboard(name: &str, range: Range, widgets: &[(Place, Drawn)], theme: Theme) -> Picture {
    let bottom = widgets.iter().map(|((_, y, _, height), _)| y + height).max().unwrap_or(1);
    let (width, height) = (COLUMN * 24.0 + MARGIN * 2.0 - GAP, HEAD + f64::from(bottom) * ROW + MARGIN);
    let count = widgets.len();
    let described = format!("{count} widgets, {}", said(range));
    let content = html! {
        rect width=(px(width)) height=(px(height)) class="v-page" {}
        text x=(px(MARGIN)) y="30" font-size="18" font-weight="600" class="v-ink" { (name) }
        (text(width - MARGIN, 30.0, 12.0, "end", "v-quiet", &said(range)))
        @for ((x, y, width, height), drawn) in widgets {
            @let area = Area { x: MARGIN + f64::from(*x) * COLUMN, y: HEAD + f64::from(*y) * ROW, width: f64::from(*width) * COLUMN - GAP, height: f64::from(*height) * ROW - GAP };
            (widget(drawn, area))
        }
    };
    document(name, &described, width, height, theme, &content)
}

/// One widget, as GetMetricWidgetImage draws it.
#[must_use]
pub fn single(drawn: &Drawn, width: u32, height: u32, theme: Theme) -> Picture {
    let (w, h) = (f64::from(width), f64::from(height));
    let content = html! { rect width=(px(w)) height=(px(h)) class="v-hollow" {} (inside(drawn, Area { x: PADDING, y: 8.0, width: w - PADDING * 2.0, height: h - 16.0 })) };
    document(drawn.title.as_deref().unwrap_or("Metrics"), &drawn.description, w, h, theme, &content)
}

pub(crate) fn document(
    title: &str,
    description: &str,
    width: f64,
    height: f64,
    theme: Theme,
    content: &Markup,
) -> Picture {
    let (w, h) = (px(width), px(height));
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" width=(w) height=(h) viewBox=(format!("0 0 {w} {h}")) role="img" font-family=(FONT) {
            title { (title) }
            desc { (description) }
            style { (PreEscaped(theme.picture_css())) }
            (content)
        }
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a picture's size")]
    Picture { svg: svg.into_string() + "\n", width: width.ceil() as u32, height: height.ceil() as u32 }
}

fn said(range: Range) -> String {
    format!("{} to {} UTC", minute_text(range.start, 0), minute_text(range.end, 0))
}

fn widget(drawn: &Drawn, area: Area) -> Markup {
    let bare = matches!(&drawn.shown, Shown::Text { transparent: true, .. });
    let inner =
        Area { x: area.x + PADDING, y: area.y + 6.0, width: area.width - PADDING * 2.0, height: area.height - 14.0 };
    html! { g {
        title { (drawn.title.as_deref().unwrap_or("Text")) ". " (drawn.description) }
        @if !bare { rect x=(px(area.x)) y=(px(area.y)) width=(px(area.width)) height=(px(area.height)) rx="8" class="v-card" stroke-width="1" {} }
        (inside(drawn, inner))
    } }
}

fn inside(drawn: &Drawn, area: Area) -> Markup {
    let (head, area) = match &drawn.title {
        Some(title) => (
            html! { text x=(px(area.x)) y=(px(area.y + 16.0)) font-size="13.5" font-weight="600" class="v-ink" { (fitted(title, 14.5, area.width)) } },
            Area { y: area.y + 26.0, height: area.height - 26.0, ..area },
        ),
        None => (html! {}, area),
    };
    html! { (head) @match &drawn.shown {
        Shown::Chart(chart) => (chart.draw(area)),
        Shown::Text { markdown, .. } => (lines(&plain(markdown), area)),
        Shown::Table { table: rows, lines, .. } => (table(rows, lines, area)),
        Shown::Alarms(list) => (alarms(list, area)),
        Shown::Custom(_) => (lines(&[Plain { size: 12.0, bold: false, text: "The page shows what its function answered".into() }], area)),
        Shown::Card(reason) => (lines(&[Plain { size: 12.0, bold: false, text: format!("Not drawn: {reason}") }], area)),
    } }
}

/// Text that is wrapped where it would stick out; what is too much ends with dots.
fn lines(text: &[Plain], area: Area) -> Markup {
    let mut y = area.y;
    let mut drawn = Vec::new();
    'all: for line in text {
        let wide = if line.bold { line.size * 1.06 } else { line.size };
        let mut rest = line.text.as_str();
        while !rest.is_empty() {
            let cut = wrap(rest, wide, area.width);
            let (part, after) = rest.split_at(cut);
            y += line.size * 1.4;
            let room_for_more = y + line.size * 1.4 <= area.y + area.height + 4.0;
            if !room_for_more && !after.trim().is_empty() {
                drawn.push((y, line, fitted(rest.trim(), wide, area.width - wide)));
                break 'all;
            }
            drawn.push((y, line, part.trim().to_owned()));
            rest = after.trim_start();
            if !room_for_more {
                break 'all;
            }
        }
    }
    html! { @for (y, line, content) in drawn {
        text x=(px(area.x)) y=(px(y)) font-size=(px(line.size)) font-weight=[line.bold.then_some("600")] class="v-ink" { (content) }
    } }
}

/// Where a text is broken: behind the last word that fits.
fn wrap(text: &str, size: f64, width: f64) -> usize {
    let mut fits = 0;
    let ends = text.match_indices(' ').map(|(at, _)| at + 1).chain([text.len()]);
    for end in ends {
        if text_width(text.get(..end).unwrap_or_default().trim_end(), size) > width {
            break;
        }
        fits = end;
    }
    if fits > 0 {
        return fits;
    }
    // A word that is wider than the line is broken inside.
    text.char_indices()
        .map(|(at, c)| at + c.len_utf8())
        .take_while(|end| text_width(text.get(..*end).unwrap_or_default(), size) <= width)
        .last()
        .unwrap_or_else(|| text.chars().next().map_or(text.len(), char::len_utf8))
}

const CELL: f64 = 20.0;

fn table(table: &Table, thresholds: &[Annotated<crate::body::Line>], area: Area) -> Markup {
    if table.rows.is_empty() {
        return crate::chart::nothing(area, "No rows in this time range");
    }
    let over = |cell: &str| cell.parse().is_ok_and(|value: f64| marks(thresholds, value).is_some());
    let wish = |column: usize| {
        let cells = table.rows.iter().take(40).filter_map(|row| row.get(column)).chain(table.columns.get(column));
        (cells.map(|cell| text_width(cell, SMALL)).fold(0.0, f64::max) + 14.0).min(area.width * 0.5)
    };
    let wishes: Vec<_> = (0..table.columns.len()).map(wish).collect();
    let total: f64 = wishes.iter().sum();
    // Too wide together: those that ask for much give more.
    let fair = area.width / {
        #[expect(clippy::cast_precision_loss, reason = "a few columns")]
        {
            wishes.len().max(1) as f64
        }
    };
    let widths: Vec<f64> = if total <= area.width {
        wishes.iter().map(|wish| wish * area.width / total).collect()
    } else {
        let narrow: f64 = wishes.iter().filter(|wish| **wish <= fair).sum();
        let wide: f64 = total - narrow;
        wishes.iter().map(|wish| if *wish <= fair { *wish } else { wish * ((area.width - narrow) / wide) }).collect()
    };
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few rows")]
    let fits = ((area.height / CELL) as usize).saturating_sub(1).max(1);
    let shown = if table.rows.len() > fits { fits - 1 } else { table.rows.len() };
    let numeric: Vec<_> = (0..table.columns.len()).map(|column| table.is_numeric(column)).collect();
    let row = |cells: &[String], y: f64, class: &str, weight: Option<&str>| {
        let mut x = area.x;
        html! { @for (index, cell) in cells.iter().enumerate() {
            @let width = widths.get(index).copied().unwrap_or(0.0);
            @let at = { let at = x; x += width; at };
            @let right = numeric.get(index) == Some(&true);
            @let content = fitted(cell, SMALL, width - 8.0);
            @if class == "v-ink" && over(cell) { rect x=(px(at)) y=(px(y - 14.0)) width=(px(width)) height=(px(CELL)) class="v-alarm-soft" {} }
            text x=(px(if right { at + width - 8.0 } else { at })) y=(px(y)) font-size=(px(SMALL)) text-anchor=(if right { "end" } else { "start" }) class=(class) font-weight=[weight] { (content) }
        } }
    };
    html! {
        (row(&table.columns, area.y + 14.0, "v-quiet", Some("600")))
        line x1=(px(area.x)) x2=(px(area.x + area.width)) y1=(px(area.y + CELL)) y2=(px(area.y + CELL)) class="v-axis" stroke-width="1" {}
        @for (index, cells) in table.rows.iter().take(shown).enumerate() {
            @let y = area.y + CELL * { #[expect(clippy::cast_precision_loss, reason = "a few rows")] { index as f64 + 1.0 } };
            (row(cells, y + 14.0, "v-ink", None))
            line x1=(px(area.x)) x2=(px(area.x + area.width)) y1=(px(y + CELL)) y2=(px(y + CELL)) class="v-grid" stroke-width="1" {}
        }
        @if shown < table.rows.len() { (text(area.x, area.y + area.height - 2.0, SMALL, "start", "v-quiet", &format!("+{} more rows", table.rows.len() - shown))) }
    }
}

/// The line that a value is on the marked side of: above it, unless it says below.
pub(crate) fn marks(lines: &[Annotated<crate::body::Line>], value: f64) -> Option<&crate::body::Line> {
    use crate::body::LineFill;
    lines.iter().find_map(|line| match line {
        Annotated::One(line) if line.visible => {
            let marked = match line.fill {
                Some(LineFill::Below) => value < line.value,
                _ => value >= line.value,
            };
            marked.then_some(line)
        }
        Annotated::Band(one, other) if one.visible && other.visible => {
            let (low, high) = (one.value.min(other.value), one.value.max(other.value));
            (low..=high).contains(&value).then_some(one)
        }
        _ => None,
    })
}

fn alarms(list: &[Alarm], area: Area) -> Markup {
    if list.is_empty() {
        return crate::chart::nothing(area, "No alarm in these states");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few tiles")]
    let columns = ((area.width / 200.0) as usize).max(1);
    let rows = list.len().div_ceil(columns);
    #[expect(clippy::cast_precision_loss, reason = "a few tiles")]
    let (width, height) = (area.width / columns as f64, (area.height / rows as f64).clamp(15.0, 32.0));
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few tiles")]
    let fits = ((area.height + 1.0) / height) as usize * columns;
    let shown = if list.len() > fits { fits.saturating_sub(1) } else { list.len() };
    html! {
        @for (index, alarm) in list.iter().take(shown).enumerate() {
            @let (x, y) = place(index, columns, width, height, area);
            @let class = alarm.state.class();
            g {
                title { (alarm.name) ": " (alarm.state.word()) ". " (alarm.reason) }
                rect x=(px(x)) y=(px(y)) width=(px(width - 6.0)) height=(px(height - 3.0)) rx="3" class=(format!("v-{class}-soft")) {}
                rect x=(px(x)) y=(px(y)) width="3" height=(px(height - 3.0)) class=(format!("v-{class}")) {}
                text x=(px(x + 10.0)) y=(px(y + height / 2.0 + 2.5)) font-size="11" font-weight="700" class=(format!("v-{class}")) { (alarm.state.symbol()) }
                text x=(px(x + 24.0)) y=(px(y + height / 2.0 + 2.5)) font-size="11" class="v-ink" { (fitted(&alarm.name, 11.0, width - 36.0)) }
            }
        }
        @if shown < list.len() {
            @let (x, y) = place(shown, columns, width, height, area);
            (text(x + 10.0, y + height / 2.0 + 2.5, SMALL, "start", "v-quiet", &format!("+{} more", list.len() - shown)))
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "a few tiles")]
fn place(index: usize, columns: usize, width: f64, height: f64, area: Area) -> (f64, f64) {
    (area.x + width * (index % columns) as f64, area.y + height * (index / columns) as f64)
}

/// A chart alone, for a page that has its own style sheet.
pub(crate) fn embedded(drawn: &Drawn, width: f64, height: f64) -> Option<Markup> {
    let Shown::Chart(chart) = &drawn.shown else { return None };
    let (w, h) = (px(width), px(height));
    Some(html! {
        svg viewBox=(format!("0 0 {w} {h}")) role="img" font-family=(FONT) {
            title { (drawn.title.as_deref().unwrap_or("Metrics")) }
            desc { (drawn.description) }
            (chart.draw(Area { x: 0.0, y: 0.0, width, height }))
        }
    })
}

/// How large a widget's chart is on a page.
pub(crate) fn chart_size(width: u32, height: u32, has_title: bool) -> (f64, f64) {
    let head = if has_title { 30.0 } else { 4.0 };
    (f64::from(width) * COLUMN - GAP - 26.0, (f64::from(height) * (ROW + GAP) - GAP - head - 50.0).max(60.0))
}
