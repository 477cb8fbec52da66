//! Why an alarm is in the state it is in.

use alarms::{Evaluator, catalogue::Alarm, composite::alarm_name, evaluate::Datapoint, model::State};
use cli::time::exact;

use super::{Scenario, moments};
use crate::sources::Group;

pub(super) fn why(evaluator: &Evaluator, alarm: Alarm<'_>, scenario: &Scenario, group: &Group) -> Vec<String> {
    let mut lines = Vec::new();
    match alarm {
        Alarm::Metric(metric) => {
            for (query, key, stat) in metric.metrics() {
                let series = scenario.series.iter().chain(scenario.given.iter().map(|(.., series)| series));
                let mut of = series.filter(|series| moments::key_of(series, group).is_ok_and(|found| found == *key));
                let text = of.next().map_or("no data in this scenario", |series| series.text.as_str());
                lines.push(format!("series {} ({stat} of {key}): {text}", query.id));
            }
            let window = evaluator.window(alarm.name()).unwrap_or_default();
            let spec = &metric.spec;
            lines.push(format!(
                "window ({} of {} points must be {} {}): {}",
                spec.datapoints_to_alarm,
                spec.evaluation_periods,
                spec.comparison.symbol(),
                spec.threshold,
                picture(&window, scenario.start)
            ));
        }
        Alarm::Composite(composite) => {
            lines.push(format!("rule: {}", composite.rule_text.trim()));
            for child in composite.rule.alarms() {
                let name = alarm_name(child);
                let state = evaluator.state(name).map_or("unknown", State::as_str);
                lines.push(format!("  {name} is {state}"));
            }
        }
    }
    if let Some(status) = evaluator.status(alarm.name()) {
        let since = exact(status.since - scenario.start);
        lines.push(format!("why ({} since {since}): {}", status.state, status.reason));
    }
    lines
}

/// `[-5m] 3  [-4m] -` : when a period starts, counted from the scenario's start, and its value.
fn picture(window: &[Datapoint], start: i64) -> String {
    // A long window is as well told by its newest points.
    const MOST: usize = 30;
    let one = |datapoint: &Datapoint| {
        let at = exact(datapoint.slot.start - start);
        match datapoint.point {
            Some(point) => format!("[{at}] {}", point.value),
            None => format!("[{at}] -"),
        }
    };
    let shown = &window[window.len().saturating_sub(MOST)..];
    let before = if shown.len() < window.len() { "... " } else { "" };
    format!("{before}{}", shown.iter().map(one).collect::<Vec<_>>().join("  "))
}
