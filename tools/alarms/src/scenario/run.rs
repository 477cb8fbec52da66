//! Running one scenario against a catalogue.

use super::Scenario;
use crate::catalogue::{Alarm, Catalogue};
use crate::evaluate::{Datapoint, DynamoDbReading, Evaluator, Options, Transition};
use crate::model::State;
use cli::time::exact;
use serde::Serialize;

/// What came of a scenario under one reading of the DynamoDB texts.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// The scenario.
    pub scenario: String,
    /// The reading, when the scenario asks for more than the default one.
    pub reading: Option<&'static str>,
    /// What was not as expected; empty when the scenario passes.
    pub failures: Vec<Failure>,
    /// The actions that ran, as the scenario would write them.
    pub fired: Vec<String>,
    /// How many expectations were checked.
    pub checks: usize,
}

/// One expectation that was not met.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Failure {
    /// What was expected and what was found.
    pub message: String,
    /// The series, the window and the reason: why it came out so.
    pub why: Vec<String>,
}

/// Runs a scenario once for each reading it asks for.
pub fn run(catalogue: &Catalogue, scenario: &Scenario, options: &Options) -> Vec<Outcome> {
    let many = scenario.readings.len() > 1;
    scenario
        .readings
        .iter()
        .map(|reading| {
            let options = Options { dynamodb: *reading, ..options.clone() };
            let mut outcome = run_once(catalogue, scenario, options);
            outcome.reading = many.then(|| DynamoDbReading::as_str(*reading));
            outcome
        })
        .collect()
}

fn run_once(catalogue: &Catalogue, scenario: &Scenario, options: Options) -> Outcome {
    let mut evaluator = Evaluator::with_options(catalogue.clone(), options);
    let mut failures = Vec::new();
    for series in &scenario.series {
        let watched = evaluator.metric(&series.metric).is_some();
        if !watched {
            failures.push(Failure {
                message: format!("no alarm watches `{}`", series.alias),
                why: vec![format!("it stands for {}", series.metric)],
            });
        }
        for (index, point) in series.points.iter().enumerate() {
            if let Some(sample) = point {
                let at = scenario.start + index as i64 * series.step;
                evaluator.push(&series.metric, None, at, sample);
            }
        }
    }
    // The alarms exist before the story begins; what their creation does is not part of it, nor are
    // the actions that a suppressor's wait period holds back for a while.
    let longest_wait = catalogue.composites.iter().filter_map(|c| Some(c.suppressor.as_ref()?.wait_s)).max();
    evaluator.tick(scenario.start - longest_wait.unwrap_or(0) - 60);
    evaluator.tick(scenario.start);
    let mut fired = Vec::new();
    let mut checks = 0;
    for expectation in &scenario.expect {
        let to = scenario.start + expectation.at;
        note(catalogue, scenario, evaluator.tick(to), &mut fired);
        for (alarm, wanted) in &expectation.states {
            checks += 1;
            let Some(found) = catalogue.find(alarm) else {
                failures.push(Failure {
                    message: format!("there is no alarm `{alarm}`"),
                    why: vec!["use the catalogue's key, or the full name".to_owned()],
                });
                continue;
            };
            let state = evaluator.state(found.name());
            if state != Some(*wanted) {
                let at = exact(expectation.at);
                let is = state.map_or("not evaluated", State::as_str);
                failures.push(Failure {
                    message: format!("at {at}: {alarm} should be {wanted} and is {is}"),
                    why: why(&evaluator, found, scenario),
                });
            }
        }
    }
    if let Some(wanted) = &scenario.fired {
        checks += 1;
        let mut wanted = wanted.clone();
        // The story lasts until its last action, which may come after the last state.
        let last = wanted.iter().map(|line| order(line).0).filter(|at| *at < i64::MAX).max();
        let to = scenario.start + last.unwrap_or(0);
        note(catalogue, scenario, evaluator.tick(to), &mut fired);
        wanted.sort_by_key(|line| order(line));
        fired.sort_by_key(|line: &String| order(line));
        if wanted != fired {
            let list = |name: &str, lines: &[String]| {
                let lines = if lines.is_empty() { "nothing".to_owned() } else { lines.join("; ") };
                format!("{name}: {lines}")
            };
            failures.push(Failure {
                message: "the actions that ran are not those expected".to_owned(),
                why: vec![list("expected", &wanted), list("ran", &fired)],
            });
        }
    }
    Outcome { scenario: scenario.name.clone(), reading: None, failures, fired, checks }
}

/// Lines of one moment in a fixed order, so that a scenario need not know the catalogue's.
fn order(line: &str) -> (i64, String) {
    let at = line.split(' ').next().and_then(|at| cli::time::parse(at).ok());
    (at.unwrap_or(i64::MAX), line.to_owned())
}

/// `8m queue-age ALARM page` for each action that ran.
fn note(catalogue: &Catalogue, scenario: &Scenario, transitions: Vec<Transition>, fired: &mut Vec<String>) {
    for transition in transitions {
        let key = catalogue.find(&transition.alarm).map_or("", Alarm::label);
        for action in transition.fired() {
            let at = exact(transition.at - scenario.start);
            fired.push(format!("{at} {key} {} {action}", transition.to));
        }
    }
}

fn why(evaluator: &Evaluator, alarm: Alarm<'_>, scenario: &Scenario) -> Vec<String> {
    let mut lines = Vec::new();
    match alarm {
        Alarm::Metric(metric) => {
            for (query, key, stat) in metric.metrics() {
                let text = scenario.series.iter().find(|series| series.metric == *key);
                let text = text.map_or("no data in this scenario", |series| series.text.as_str());
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
                let name = crate::composite::alarm_name(child);
                let state = evaluator.state(name).map_or("unknown", State::as_str);
                lines.push(format!("  {name} is {state}"));
            }
        }
    }
    if let Some(status) = evaluator.status(alarm.name()) {
        let since = offset(status.since - scenario.start);
        lines.push(format!("why ({} since {since}): {}", status.state, status.reason));
    }
    lines
}

/// `-5m`, `8m`.
fn offset(seconds: i64) -> String {
    exact(seconds)
}

/// `[-5m] 3  [-4m] -` : when a period starts, counted from the scenario's start, and its value.
fn picture(window: &[Datapoint], start: i64) -> String {
    let one = |datapoint: &Datapoint| {
        let at = offset(datapoint.slot.start - start);
        match datapoint.point {
            Some(point) => format!("[{at}] {}", point.value),
            None => format!("[{at}] -"),
        }
    };
    window.iter().map(one).collect::<Vec<_>>().join("  ")
}
