//! Draws the tree as lines of text.

mod names;
mod text;

use std::fmt::Write as _;

use cli::{
    colour::Paint,
    text::{clean, count, fit, pad_left, shorten, width, wrap},
    time::took,
};

use self::text::{offset, outcome};
use crate::model::{LogLine, Outcome, Span, Trace};

/// How to draw.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With ANSI colours: only for a terminal.
    pub colour: Paint,
    /// Columns; at least 60 are used.
    pub width: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self { colour: Paint::NEVER, width: 80 }
    }
}

const MIN_WIDTH: usize = 60;
const OUTCOME: usize = 8;
const TIME: usize = 7;
/// Room that a name keeps, however deep it hangs.
const MIN_NAME: usize = 10;

impl Trace {
    /// Draws the waterfall; every line ends with a line feed and fits the width.
    pub fn render(&self, style: &Style) -> String {
        let width = style.width.max(MIN_WIDTH);
        let bar = (width / 4 - 2).clamp(12, 60);
        let mut canvas = Canvas {
            out: String::new(),
            paint: style.colour,
            width,
            bar,
            label: width - bar - OUTCOME - 2 * TIME - 4,
            total_ms: self.duration_ms,
            prefix: names::common_prefix(self),
        };
        canvas.heading(self);
        for root in &self.roots {
            canvas.span(root, "", "", "");
        }
        canvas.rest(self);
        canvas.unplaced(&self.logs);
        canvas.legend(self);
        canvas.out
    }
}

struct Canvas {
    out: String,
    paint: Paint,
    width: usize,
    bar: usize,
    label: usize,
    total_ms: f64,
    /// Left out of every name.
    prefix: String,
}

impl Canvas {
    fn line(&mut self, text: &str) {
        self.out.push_str(text.trim_end());
        self.out.push('\n');
    }

    fn heading(&mut self, trace: &Trace) {
        let spans = trace.spans().count();
        let mut text = format!(
            "trace {}  root {}  {}  {spans} span{}",
            clean(&trace.trace_id),
            trace.outcome.word(),
            took(trace.duration_ms),
            if spans == 1 { "" } else { "s" },
        );
        let count = |has: fn(&Span) -> bool| trace.spans().filter(|span| has(span)).count();
        let failed = count(|s| !matches!(s.outcome, Outcome::Ok | Outcome::InProgress) && !s.inferred);
        let retries = count(|s| s.attempt.is_some_and(|attempt| attempt.number > 1));
        let dead = count(|s| s.dead_letter);
        for (number, what) in [(failed, "failed"), (retries, "retried"), (dead, "to the DLQ")] {
            if number > 0 {
                // Cannot fail: a String takes all.
                let _ = write!(text, ", {number} {what}");
            }
        }
        for part in wrap(&text, self.width) {
            self.line(&part);
        }
        if !self.prefix.is_empty() {
            let text = format!("(prefix {} omitted)", self.prefix);
            let text = self.paint.dim(&shorten(&text, self.width));
            self.line(&text);
        }
        let total = took(self.total_ms);
        let scale = format!("0{}", pad_left(&total, self.bar - 1));
        let head = format!(
            "{} {} {} {} {scale}",
            fit("", self.label),
            fit("outcome", OUTCOME),
            pad_left("start", TIME),
            pad_left("took", TIME),
        );
        let head = self.paint.dim(&head);
        self.line(&head);
    }

    /// `lead` stands before the name, `below` before what belongs to the span, `next` before its children.
    fn span(&mut self, span: &Span, lead: &str, below: &str, next: &str) {
        let label = self.label(span, lead);
        let took = span.duration_ms.map_or_else(|| "...".to_owned(), took);
        let columns = format!("{} {}", pad_left(&offset(span.start_ms), TIME), pad_left(&took, TIME));
        let word = fit(span.outcome.word(), OUTCOME);
        let bar = self.bar(span);
        let text = if span.inferred {
            let text = format!("{label} {word} {columns} {bar}");
            self.paint.dim(&text)
        } else {
            let word = outcome(self.paint, span.outcome, &word);
            let bar = outcome(self.paint, span.outcome, &bar);
            format!("{label} {word} {columns} {bar}")
        };
        self.line(&text);

        let has_children = !span.children.is_empty();
        let gutter = format!("{below}{}", if has_children { "│ " } else { "  " });
        // An inferred segment repeats the cause of the call it was made from.
        for cause in span.causes.iter().filter(|_| !span.inferred) {
            self.note(&gutter, "! ", cause, |paint, text| outcome(paint, span.outcome, text));
        }
        for log in &span.logs {
            self.log(&gutter, log);
        }
        let last = span.children.len().saturating_sub(1);
        for (index, child) in span.children.iter().enumerate() {
            let (branch, rest) = if index == last { ("└ ", "  ") } else { ("├ ", "│ ") };
            let below = format!("{next}{rest}");
            self.span(child, &format!("{next}{branch}"), &below, &below);
        }
    }

    fn label(&self, span: &Span, lead: &str) -> String {
        let mut marks = String::new();
        if span.dead_letter {
            marks.push_str(" >DLQ");
        }
        if let Some(attempt) = span.attempt {
            let _ = write!(marks, " #{}/{}", attempt.number, attempt.of);
        }
        if let Some(status) = span.http_status.filter(|_| !span.inferred) {
            let _ = write!(marks, " {status}");
        }
        let lead = self.lead(lead);
        let room = self.label - width(&lead);
        let marks_room = width(&marks).min(room.saturating_sub(MIN_NAME));
        let marks = fit(&marks, marks_room);
        let name = names::shown(span, &self.prefix, room - marks_room);
        fit(&format!("{lead}{name}{marks}"), self.label)
    }

    /// What stands before a name, cut so that a name still fits behind it.
    fn lead(&self, lead: &str) -> String {
        let longest = self.label.saturating_sub(2 * MIN_NAME);
        let length = lead.chars().count();
        if length <= longest {
            return lead.to_owned();
        }
        let kept: String = lead.chars().skip(length - longest + 1).collect();
        format!("…{kept}")
    }

    fn bar(&self, span: &Span) -> String {
        let cells = self.bar as f64;
        let scale = if self.total_ms > 0.0 { cells / self.total_ms } else { 0.0 };
        let from = ((span.start_ms * scale).floor() as usize).min(self.bar - 1);
        let end_ms = span.duration_ms.map_or(self.total_ms, |took| span.start_ms + took);
        let to = ((end_ms * scale).round() as usize).clamp(from + 1, self.bar);
        let fill = match (span.duration_ms, span.inferred) {
            (None, _) => '┄',
            (_, true) => '░',
            _ => '█',
        };
        let filled: String = std::iter::repeat_n(fill, to - from).collect();
        format!("{}{filled}", " ".repeat(from))
    }

    fn log(&mut self, gutter: &str, log: &LogLine) {
        let mut text = format!("{:<5} {}", log.level, log.message);
        for (name, value) in [("step", &log.step), ("outcome", &log.outcome), ("error", &log.error)] {
            if let Some(value) = value {
                let _ = write!(text, " {name}={value}");
            }
        }
        if let Some(ms) = log.duration_ms {
            let _ = write!(text, " took={}", took(ms));
        }
        let at = log.offset_ms.map_or_else(|| "?".to_owned(), offset);
        let severe = matches!(log.level.to_ascii_uppercase().as_str(), "ERROR" | "FATAL");
        self.note(
            gutter,
            &format!("{at} "),
            &text,
            move |paint, text| {
                if severe { paint.bad(text) } else { text.to_owned() }
            },
        );
    }

    /// A line of text that belongs to a span; as many lines as it needs, up to three.
    fn note(&mut self, gutter: &str, sign: &str, text: &str, paint: impl Fn(Paint, &str) -> String) {
        let gutter = self.lead(gutter);
        let indent = width(&gutter) + width(sign);
        let room = self.width.saturating_sub(indent).max(MIN_NAME);
        let mut parts = wrap(&clean(text), room);
        if parts.len() > 3 {
            let rest = parts.split_off(2).join(" ");
            parts.push(shorten(&rest, room));
        }
        for (index, part) in parts.iter().enumerate() {
            let sign = if index == 0 { sign.to_owned() } else { " ".repeat(sign.chars().count()) };
            let part = paint(self.paint, part);
            self.line(&format!("{gutter}{sign}{part}"));
        }
    }

    /// What of the trace is somebody else's, in a line.
    fn rest(&mut self, trace: &Trace) {
        let Some(rest) = trace.rest else { return };
        let failed = if rest.failed > 0 { format!(", {} of them failed", rest.failed) } else { String::new() };
        let text = format!(
            "and {} of others under this trace id, {}{failed}",
            if rest.branches == 1 { "1 branch".to_owned() } else { format!("{} branches", rest.branches) },
            count(rest.spans, "span"),
        );
        for part in wrap(&text, self.width) {
            let part = self.paint.dim(&part);
            self.line(&part);
        }
    }

    fn unplaced(&mut self, logs: &[LogLine]) {
        if logs.is_empty() {
            return;
        }
        self.line("log lines of the trace that name no span in it:");
        for log in logs {
            self.log("  ", log);
        }
    }

    fn legend(&mut self, trace: &Trace) {
        let entries = [
            (trace.spans().any(|s| s.inferred), "~ inferred: the callee sent no segment of its own"),
            (trace.spans().any(|s| s.attempt.is_some()), "#n/m attempt: the same work again after it failed"),
            (trace.spans().any(|s| s.dead_letter), ">DLQ moved to the dead-letter queue"),
            (trace.spans().any(|s| s.supplied), "AWS's own segments were written by the local stack"),
        ];
        for (shown, text) in entries {
            if shown {
                let text = self.paint.dim(text);
                self.line(&text);
            }
        }
    }
}

#[cfg(test)]
mod tests;
