//! Spans under each other, on one axis of time.

use ::waterfall::{Kind, Outcome, Span, Trace};
use maud::html;

use super::{duration_text, mark};
use crate::{
    chart::{SMALL, text},
    picture::{Picture, document},
    scale::{Scale, fitted, minute_text, px, text_width, value_axis},
    table::Table,
    theme::Theme,
};

const ROW: f64 = 24.0;
const HEAD: f64 = 78.0;
const MARGIN: f64 = 16.0;
const INDENT: f64 = 14.0;

struct Placed<'a> {
    span: &'a Span,
    depth: usize,
}

fn placed<'a>(spans: &'a [Span], depth: usize, all: &mut Vec<Placed<'a>>) {
    for span in spans {
        all.push(Placed { span, depth });
        placed(&span.children, depth + 1, all);
    }
}

/// The waterfall of a trace, as wide as asked.
#[must_use]
pub fn waterfall(trace: &Trace, width: u32, theme: Theme) -> Picture {
    let mut spans = Vec::new();
    placed(&trace.roots, 0, &mut spans);
    let width = f64::from(width.max(480));
    let names = (width * 0.36).min(420.0);
    let (x0, x1) = (MARGIN + names, width - MARGIN - 62.0);
    #[expect(clippy::cast_precision_loss, reason = "a few spans")]
    let height = HEAD + spans.len() as f64 * ROW + MARGIN;
    let duration = trace.duration_ms.max(0.001);
    let x = Scale { domain: (0.0, duration), pixels: (x0, x1) };
    let (_, ticks) = value_axis(0.0, duration, (Some(0.0), Some(duration)), ((x1 - x0) / 90.0).max(2.0));
    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds")]
    let began = minute_text(trace.start_time as i64, 0);
    let title = format!("Trace {}", trace.trace_id);
    let (symbol, class) = mark(trace.outcome);
    let failed: Vec<_> = spans
        .iter()
        .filter(|placed| !matches!(placed.span.outcome, Outcome::Ok | Outcome::InProgress))
        .map(|placed| placed.span.name.as_str())
        .collect();
    let described = format!(
        "{} spans in {}, {}{}",
        spans.len(),
        duration_text(trace.duration_ms),
        trace.outcome.word(),
        if failed.is_empty() { String::new() } else { format!("; not well: {}", failed.join(", ")) }
    );
    let content = html! {
        rect width=(px(width)) height=(px(height)) class="v-hollow" {}
        text x=(px(MARGIN)) y="28" font-size="16" font-weight="600" class="v-ink" { (fitted(&title, 16.5, width - MARGIN * 2.0)) }
        text x=(px(MARGIN)) y="48" font-size="12" class=(format!("v-{class}")) font-weight="700" { (symbol) " " (trace.outcome.word()) }
        (text(MARGIN + 90.0, 48.0, 12.0, "start", "v-quiet", &format!("{} · {} spans · {began} UTC", duration_text(trace.duration_ms), spans.len())))
        @for tick in &ticks {
            @let at = x.at(*tick);
            line x1=(px(at)) x2=(px(at)) y1=(px(HEAD - 8.0)) y2=(px(height - MARGIN)) class="v-grid" stroke-width="1" {}
            (text(at, HEAD - 12.0, SMALL, if *tick == 0.0 { "start" } else { "middle" }, "v-quiet", &if *tick == 0.0 { "0".into() } else { duration_text(*tick) }))
        }
        @for (index, placed) in spans.iter().enumerate() {
            @let y = HEAD + ROW * { #[expect(clippy::cast_precision_loss, reason = "a few spans")] { index as f64 } };
            (row(placed, &x, y, names, width))
        }
    };
    document(&title, &described, width, height, theme, &content)
}

fn row(placed: &Placed<'_>, x: &Scale, y: f64, names: f64, width: f64) -> maud::Markup {
    let Placed { span, depth } = placed;
    let (symbol, class) = mark(span.outcome);
    let length = span.duration_ms.unwrap_or(x.domain.1 - span.start_ms);
    let (from, to) = (x.clamped(span.start_ms), x.clamped(span.start_ms + length));
    let to = to.max(from + 2.0);
    #[expect(clippy::cast_precision_loss, reason = "a few levels")]
    let left = MARGIN + 16.0 + (*depth as f64 * INDENT).min(names * 0.5);
    let detail = detail(span);
    let segment = span.kind == Kind::Segment;
    // Bold letters are wider.
    let name_width = text_width(&span.name, 12.0) * if segment { 1.12 } else { 1.0 };
    let fill = match span.outcome {
        Outcome::Ok => if segment { "v-f0" } else { "v-f2" }.to_owned(),
        _ => format!("v-{class}"),
    };
    let took = span.duration_ms.map_or("running".into(), duration_text);
    // The time stands behind its bar, or before it where there is no room behind.
    let (took_x, anchor) =
        if to + text_width(&took, SMALL) + 8.0 < width { (to + 6.0, "start") } else { (from - 6.0, "end") };
    html! { g {
        title { (span.name) ": " (span.outcome.word()) ", " (took) " from " (duration_text(span.start_ms)) @if !detail.is_empty() { ". " (detail) } }
        text x=(px(MARGIN)) y=(px(y + 16.0)) font-size="12" font-weight="700" class=(format!("v-{class}")) { (symbol) }
        text x=(px(left)) y=(px(y + 16.0)) font-size="12" font-weight=[segment.then_some("600")] class="v-ink" { (fitted(&span.name, 12.5, MARGIN + names - left - 8.0)) }
        @let room = MARGIN + names - left - name_width - 22.0;
        @if room > 30.0 && !detail.is_empty() { (text(left + name_width + 10.0, y + 16.0, 10.5, "start", "v-quiet", &fitted(&detail, 10.5, room))) }
        rect x=(px(from)) y=(px(y + 5.0)) width=(px(to - from)) height=(px(ROW - 10.0)) rx="2.5" class=(fill) fill-opacity=[(!segment && span.outcome == Outcome::Ok).then_some("0.75")] {}
        @for log in span.logs.iter().filter(|log| log.level != "INFO") {
            @if let Some(offset) = log.offset_ms { circle cx=(px(x.clamped(offset))) cy=(px(y + ROW / 2.0)) r="3.5" class="v-hollow v-alarm-line" stroke-width="1.5" { title { (log.level) ": " (log.message) } } }
        }
        (text(took_x, y + 16.0, SMALL, anchor, "v-quiet", &took))
    } }
}

/// What a reader wants to know besides its name.
fn detail(span: &Span) -> String {
    let mut parts = Vec::new();
    if let Some(attempt) = span.attempt {
        parts.push(format!("attempt {} of {}", attempt.number, attempt.of));
    }
    if span.dead_letter {
        parts.push("to the dead-letter queue".into());
    }
    parts.extend(span.operation.clone());
    parts.extend(
        span.resource.as_ref().map(|resource| resource.rsplit(['/', ':']).next().unwrap_or(resource).to_owned()),
    );
    parts.extend(span.http_status.map(|status| status.to_string()));
    parts.extend(span.causes.iter().cloned());
    parts.join(" · ")
}

/// The same as rows: the waterfall's twin.
#[must_use]
pub fn table(trace: &Trace) -> Table {
    let mut spans = Vec::new();
    placed(&trace.roots, 0, &mut spans);
    let mut table = Table::new(["Span", "Outcome", "Start", "Duration", "Detail"]);
    for Placed { span, depth } in spans {
        table.rows.push(vec![
            format!("{}{}", "\u{a0}\u{a0}".repeat(depth), span.name),
            span.outcome.word().into(),
            duration_text(span.start_ms),
            span.duration_ms.map_or("running".into(), duration_text),
            detail(span),
        ]);
    }
    table
}
