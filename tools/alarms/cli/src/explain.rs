//! One alarm on one screen.

use alarms::{
    catalogue::Alarm,
    composite::alarm_name,
    evaluate::Options,
    model::{CompositeAlarm, MetricAlarm, MissingData, Source, Window},
};
use cli::time::exact;

use crate::{lint::Prices, scenario::Scenario, sources::Group};

/// Everything worth knowing about an alarm, in words.
pub fn explain(
    group: &Group,
    alarm: Alarm<'_>,
    scenarios: &[Scenario],
    prices: Option<&Prices>,
    options: &Options,
) -> String {
    let mut lines = vec![alarm.name().to_owned()];
    let about = alarm.about();
    if !about.summary.is_empty() {
        lines.push(format!("  {}", about.summary));
    }
    lines.push(String::new());
    match alarm {
        Alarm::Metric(metric) => metric_lines(metric, options, &mut lines),
        Alarm::Composite(composite) => composite_lines(composite, &mut lines),
    }
    let mut row = |name: &str, text: String| lines.push(format!("  {name:<10} {text}"));
    if let Some(severity) = about.severity {
        row("severity", severity.as_str().to_owned());
    }
    let actions = alarm.actions();
    let list = |actions: &[String]| {
        if actions.is_empty() { "none".to_owned() } else { actions.join(", ") }
    };
    let enabled = if actions.enabled { "" } else { " (disabled)" };
    row("actions", format!("ALARM: {}; OK: {}{enabled}", list(&actions.alarm), list(&actions.ok)));
    if let Some(runbook) = &about.runbook {
        row("runbook", format!("runbooks/{runbook}.md"));
    }
    if let Some(drill) = &about.drill {
        row("drill", drill.clone());
    }
    let users: Vec<_> = group
        .catalogue
        .composites
        .iter()
        .filter(|composite| {
            let mut named = composite.rule.alarms().into_iter();
            named.any(|reference| alarm_name(reference) == alarm.name())
        })
        .map(|composite| composite.key.as_str())
        .collect();
    if !users.is_empty() {
        row("part of", users.join(", "));
    }
    if let Some(prices) = prices {
        let usd = match alarm {
            Alarm::Composite(_) => prices.composite,
            Alarm::Metric(metric) if metric.spec.period < 60 => {
                metric.metrics().count() as f64 * prices.high_resolution_metric
            }
            Alarm::Metric(metric) => metric.metrics().count() as f64 * prices.standard_metric,
        };
        row("price", format!("{usd:.2} USD a month ({}, {})", prices.region, prices.as_of));
    }
    for scenario in scenarios {
        let concerns = |name: &String| name == alarm.key() || name == alarm.name();
        let mut expected = scenario.expect.iter().flat_map(|expectation| &expectation.states);
        if expected.any(|(name, _)| concerns(name)) {
            row("scenario", scenario.name.clone());
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn metric_lines(alarm: &MetricAlarm, options: &Options, lines: &mut Vec<String>) {
    let spec = &alarm.spec;
    let mut row = |name: &str, text: String| lines.push(format!("  {name:<10} {text}"));
    let watched = &spec.queries[spec.returned];
    let label = watched.label.as_deref().unwrap_or(&watched.id);
    row(
        "fires when",
        format!(
            "{label} is {} {} in {} of {} periods of {}",
            spec.comparison.symbol(),
            spec.threshold,
            spec.datapoints_to_alarm,
            spec.evaluation_periods,
            exact(spec.period),
        ),
    );
    for query in &spec.queries {
        let text = match &query.source {
            Source::Metric { metric, stat, .. } => format!("{stat} of {metric}"),
            Source::Expression(text) => text.clone(),
        };
        row("", format!("{} = {text}", query.id));
    }
    let n = spec.evaluation_periods as usize;
    let range = match &spec.window {
        Window::Sliding => n + options.range_beyond_n,
        Window::WallClock(_) => n,
    };
    let often = if alarm.is_hourly() {
        format!("every hour at :{:02}, up to the full hour", options.hourly_minute)
    } else if spec.period < 60 {
        "every 10 s".to_owned()
    } else {
        "every minute".to_owned()
    };
    row(
        "evaluated",
        format!("{often}, over {}; with gaps it looks back over {range} periods", exact(spec.period * n as i64)),
    );
    let treatment = options.dynamodb.treatment(alarm);
    let meaning = match treatment {
        MissingData::Missing => "INSUFFICIENT_DATA when nothing is left",
        MissingData::Ignore => "the state is kept",
        MissingData::Breaching => "counts as bad",
        MissingData::NotBreaching => "counts as good",
    };
    row("no data", format!("{} ({meaning})", treatment.as_str()));
}

fn composite_lines(alarm: &CompositeAlarm, lines: &mut Vec<String>) {
    let mut row = |name: &str, text: String| lines.push(format!("  {name:<10} {text}"));
    row("fires when", alarm.rule_text.trim().to_owned());
    if let Some(suppressor) = &alarm.suppressor {
        row(
            "held back",
            format!(
                "while {} is in ALARM; waits {} for it, and {} after it",
                suppressor.alarm,
                exact(suppressor.wait_s),
                exact(suppressor.extension_s)
            ),
        );
    }
}
