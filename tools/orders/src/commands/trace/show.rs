//! Traces as waterfalls, or as JSON.

use anyhow::Result;
use cli::{colour::Paint, output, text};
use serde::Serialize;
use waterfall::{Style, Trace};

use super::find::{Found, Source};
use crate::{commands::find::Answer, environment::Environment};

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Shown {
    #[serde(skip_serializing_if = "Option::is_none")]
    console_url: Option<String>,
    #[serde(flatten)]
    trace: Trace,
}

pub(super) fn run(
    environment: &Environment,
    id: &str,
    answers: &[Answer],
    source: &Source,
    found: Found,
    json: bool,
) -> Result<()> {
    if json {
        return self::json(environment, id, answers, source, found.traces);
    }
    if found.traces.len() > 1 {
        cli::note!("{} traces name {id}, oldest first: it was sent more than once.", found.traces.len());
    }
    let style = style();
    for (index, trace) in found.traces.iter().enumerate() {
        if index > 0 {
            output::line("")?;
        }
        output::line(trace.render(&style).trim_end())?;
        if let Some(url) = console_url(environment, &trace.trace_id) {
            output::line(&url)?;
        }
    }
    if found.lines.all().is_empty() {
        cli::note!("No log lines name {id} in the time that was searched.");
    }
    Ok(())
}

pub(super) fn json(
    environment: &Environment,
    id: &str,
    answers: &[Answer],
    source: &Source,
    traces: Vec<Trace>,
) -> Result<()> {
    let traces: Vec<Shown> = traces
        .into_iter()
        .map(|trace| Shown { console_url: console_url(environment, &trace.trace_id), trace })
        .collect();
    output::json(&serde_json::json!({"id": id, "orders": answers, "source": source.name(), "traces": traces}))
}

/// The local stack has no console.
pub(super) fn console_url(environment: &Environment, trace_id: &str) -> Option<String> {
    let region = environment.sdk.region().filter(|_| !environment.is_local())?;
    Some(format!("https://{region}.console.aws.amazon.com/cloudwatch/home?region={region}#xray:traces/{trace_id}"))
}

fn style() -> Style {
    Style { colour: Paint::stdout(), width: text::terminal_width().unwrap_or(Style::default().width) }
}
