//! A line for people: time, level, function, step, outcome, how long it took, order.

use anyhow::Result;
use cli::{
    colour::Paint,
    output,
    text::{clean, fit, pad_left, shorten, terminal_width},
    time,
};
use jiff::Timestamp;

use super::line::Line;

/// How lines are shown.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form {
    /// For people.
    Text(Paint),
    /// As the functions wrote them, JSON only, without metrics.
    Json,
    /// All of them, as they are.
    Raw,
}

pub(super) fn heading() -> String {
    format!(
        "{} {} {} {} {} {} ORDER",
        fit("TIME", 13),
        fit("LEVEL", 5),
        fit("FUNCTION", 9),
        fit("STEP", 11),
        fit("OUTCOME", 9),
        pad_left("TOOK", 7)
    )
}

/// An event's text, in one of the forms; what a form leaves out is no line.
pub(super) fn show(text: &str, at_ms: Option<i64>, form: Form) -> Result<()> {
    let text = text.trim_end();
    let line = Line::parse(text);
    match (form, line) {
        (Form::Raw, _) => output::line(text),
        (Form::Json, Some(_)) => output::line(text),
        (Form::Text(paint), Some(line)) => {
            let room = terminal_width().map_or(usize::MAX, |width| width.saturating_sub(BEFORE_ORDER));
            pretty(&line, at_ms, paint, room).into_iter().try_for_each(output::line)
        }
        // Lambda's own words are worth reading only when something went wrong.
        (Form::Text(paint), None) if is_trouble(text) => output::line(paint.bad(&clean(text))),
        _ => Ok(()),
    }
}

/// Of the runtime: a time-out, a crash, memory.
fn is_trouble(text: &str) -> bool {
    ["Task timed out", "Runtime exited", "panicked at", "out of memory"].iter().any(|sign| text.contains(sign))
}

/// Columns of a line before its order.
const BEFORE_ORDER: usize = 60;

/// An order's id is as long as there is room: `--order` has it whole, and a pipe the whole line.
fn pretty(line: &Line, at_ms: Option<i64>, paint: Paint, room_for_order: usize) -> Vec<String> {
    let at = line.timestamp.or_else(|| Timestamp::from_millisecond(at_ms?).ok());
    let at = at.map_or_else(String::new, |at| at.strftime("%H:%M:%S%.3fZ").to_string());
    let level = fit(&clean(&line.level), 5);
    let level = match line.level.as_str() {
        "ERROR" | "FATAL" => paint.bad(&level),
        "WARN" => paint.warn(&level),
        _ => paint.dim(&level),
    };
    // What no step wrote says what it is in its message.
    let (step, outcome) = match line.outcome.is_empty() {
        true => (fit(&clean(&line.message), 21), String::new()),
        false => (fit(&clean(&line.step), 11), format!(" {}", coloured(&line.outcome, 9, line.failed(), paint))),
    };
    let took = pad_left(&line.duration_ms.map(time::took).unwrap_or_default(), 7);
    let order = shorten(&clean(line.order_id.as_deref().unwrap_or("-")), room_for_order);
    let mut lines =
        vec![format!("{} {level} {} {step}{outcome} {took} {order}", fit(&at, 13), fit(&clean(&line.service), 9))];
    if let Some(class) = &line.error_class {
        let why = line.error.as_deref().map(|error| format!(": {error}")).unwrap_or_default();
        lines.push(format!("{}{}", " ".repeat(14), paint.bad(&clean(&format!("{class}{why}")))));
    }
    if !line.steps.is_empty() {
        let steps: Vec<String> = line
            .steps
            .iter()
            .map(|step| {
                let outcome = step.outcome.as_deref().map(|outcome| format!(" {outcome}")).unwrap_or_default();
                let class = step.error_class.as_deref().map(|class| format!(" ({class})")).unwrap_or_default();
                let took = step.ms.map(|ms| format!(" {}", time::took(ms))).unwrap_or_default();
                clean(&format!("{}{outcome}{class}{took}", step.name))
            })
            .collect();
        lines.push(format!("{}{}", " ".repeat(14), paint.dim(&steps.join(", "))));
    }
    lines
}

fn coloured(outcome: &str, room: usize, failed: bool, paint: Paint) -> String {
    let text = fit(&clean(outcome), room);
    match failed {
        true if matches!(outcome, "rejected" | "throttled") => paint.warn(&text),
        true => paint.bad(&text),
        false => paint.good(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_a_step_and_one_of_a_whole_unit() {
        let lines = |text: &str| pretty(&Line::parse(text).unwrap(), None, Paint::NEVER, usize::MAX);
        assert_eq!(
            lines(
                r#"{"timestamp":"2026-11-25T10:00:00.123Z","level":"WARN","message":"work failed","Service":"processor","orderId":"o-1",
                "step":"record","outcome":"fault","durationMs":99217,"errorClass":"ServerFault","error":"DynamoDB \u001b[31m failed"}"#
            ),
            [
                "10:00:00.123Z WARN  processor record      fault       1m39s o-1",
                "              ServerFault: DynamoDB ·[31m failed"
            ]
        );
        assert_eq!(
            lines(
                r#"{"timestamp":"2026-11-25T10:00:00Z","level":"INFO","message":"work done","Service":"validator","orderId":"o-1","step":"handler",
                "outcome":"accepted","durationMs":7.1,"steps":[{"name":"parse","ms":0.1},{"name":"enqueue","ms":6.8,"outcome":"fault","errorClass":"Timeout"}]}"#
            ),
            [
                "10:00:00.000Z INFO  validator handler     accepted    7.1ms o-1",
                "              parse 0.1ms, enqueue fault (Timeout) 6.8ms"
            ]
        );
    }

    #[test]
    fn a_line_fits_its_terminal() {
        let text = r#"{"message":"m","step":"s","outcome":"o","orderId":"8b08e6ef-53bd-555d-a007-90b0c635f612"}"#;
        let line = &pretty(&Line::parse(text).unwrap(), None, Paint::NEVER, 80 - BEFORE_ORDER)[0];
        assert!(line.chars().count() == 80 && line.ends_with(" 8b08e6ef-53bd-555d-…"), "{line}");
    }

    #[test]
    fn the_heading_stands_over_its_columns() {
        let line = &pretty(
            &Line::parse(r#"{"message":"m","step":"s","outcome":"o","durationMs":1,"orderId":"id"}"#).unwrap(),
            None,
            Paint::NEVER,
            usize::MAX,
        )[0];
        assert_eq!(heading().find("ORDER"), line.find("id"));
        assert_eq!(line.find("id"), Some(BEFORE_ORDER));
        assert!(heading().len() < 80);
    }
}
