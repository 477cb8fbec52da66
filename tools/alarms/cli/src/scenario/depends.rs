//! Scenarios under every reading of AWS's texts.

use std::{collections::BTreeSet, time::Instant};

use alarms::{
    catalogue::Alarm,
    composite::{alarm_name, references},
    evaluate::{DynamoDbReading, Options, Reading},
    model::MetricKey,
};

use super::{Outcome, Scenario, find, later, moments::key_of, run};
use crate::sources::Group;

/// What all scenarios came to.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// One for each scenario, and for each reading of the DynamoDB texts that a scenario asks for.
    pub outcomes: Vec<Outcome>,
}

impl Verdict {
    /// How many did not pass.
    pub fn failed(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.failures.is_empty()).count()
    }

    /// How many pass, but not under every reading.
    pub fn dependent(&self) -> usize {
        self.outcomes.iter().filter(|outcome| !outcome.depends.is_empty()).count()
    }
}

/// Runs a scenario once for each reading of the DynamoDB texts that it asks for; what passes is run under all the other readings, if
/// `every` is true, and the outcome names those under which it would not hold.
pub fn all(group: &Group, scenario: &Scenario, options: &Options, every: bool) -> Vec<Outcome> {
    let many = scenario.readings.len() > 1;
    let mut outcomes: Vec<Outcome> = scenario
        .readings
        .iter()
        .map(|reading| {
            let begun = Instant::now();
            let options = Options { dynamodb: *reading, ..options.clone() };
            let mut outcome = run(group, scenario, &options);
            outcome.reading = many.then(|| DynamoDbReading::as_str(*reading).to_owned());
            outcome.took_s = begun.elapsed().as_secs_f64();
            outcome
        })
        .collect();
    let passes = outcomes.iter().all(|outcome| outcome.failures.is_empty());
    if (every || scenario.every_reading)
        && passes
        && let Some(first) = outcomes.first_mut()
    {
        let begun = Instant::now();
        let (group, narrow) = narrowed(group, scenario);
        for Reading { point, name, options } in options.readings() {
            if !matters(&group, &options) || scenario.depends_on.iter().any(|on| on == point) {
                continue;
            }
            // Where periods end decides on the minute: the same states must come, within a period.
            if point == "alignment" && later::holds(&group, &narrow, &options) {
                continue;
            }
            let other = run(&group, &narrow, &options);
            if let Some(failure) = other.failures.into_iter().next() {
                if scenario.every_reading {
                    let message = format!("read otherwise ({name}): {}", failure.message);
                    first.failures.push(super::Failure { message, why: failure.why });
                }
                first.depends.push(name);
            }
        }
        first.took_s += begun.elapsed().as_secs_f64();
    }
    outcomes
}

/// Without the actions nothing is said but of the alarms whose states are expected: they alone, and what they refer to, need be run.
fn narrowed(group: &Group, scenario: &Scenario) -> (Group, Scenario) {
    let mut narrow = scenario.clone();
    if scenario.fired.is_some() {
        return (group.clone(), narrow);
    }
    let mut needed: BTreeSet<String> = BTreeSet::new();
    let named = scenario.expect.iter().flat_map(|expectation| &expectation.states).map(|(name, _)| name.clone());
    let given = scenario.given.iter().map(|(alarm, ..)| alarm.clone());
    let mut open: Vec<String> = named.chain(given).collect();
    while let Some(reference) = open.pop() {
        let Some(alarm) = find(group, alarm_name(&reference)) else { continue };
        if needed.insert(alarm.key().to_owned())
            && let Alarm::Composite(composite) = alarm
        {
            open.extend(references(composite).map(str::to_owned));
        }
    }
    let mut small = group.clone();
    small.catalogue.metric_alarms.retain(|alarm| needed.contains(&alarm.spec.key));
    small.catalogue.composites.retain(|alarm| needed.contains(&alarm.key));
    small.open.retain(|open| needed.contains(&open.alarm.spec.key));
    let watched: BTreeSet<MetricKey> = small
        .catalogue
        .metric_alarms
        .iter()
        .flat_map(|alarm| alarm.metrics())
        .map(|(_, metric, _)| metric.clone())
        .collect();
    narrow.series.retain(|series| key_of(series, group).is_ok_and(|key| watched.contains(&key)));
    (small, narrow)
}

/// Whether a reading could make a difference to any alarm of the group.
fn matters(group: &Group, options: &Options) -> bool {
    let default = Options::default();
    let mut alarms = group.catalogue.metric_alarms.iter().chain(group.open.iter().map(|open| &open.alarm));
    let math = |wanted: fn(cloudwatch::math::Function) -> bool| {
        let mut found = false;
        for alarm in group.catalogue.metric_alarms.iter().chain(group.open.iter().map(|open| &open.alarm)) {
            for index in 0..alarm.spec.queries.len() {
                if let Some(expression) = alarm.program().expression(index) {
                    expression.walk(&mut |part| {
                        found |= matches!(part, cloudwatch::math::Expr::Call(function, _) if wanted(*function));
                    });
                }
            }
        }
        found
    };
    use cloudwatch::math::Function;
    if options.alignment != default.alignment {
        return alarms.any(|alarm| alarm.spec.period > 60);
    }
    if options.dynamodb != default.dynamodb {
        return alarms.any(|alarm| alarm.metrics().any(|(_, metric, _)| metric.namespace == "AWS/DynamoDB"));
    }
    if options.gaps.if_gaps != default.gaps.if_gaps {
        return math(|function| function == Function::If);
    }
    if options.gaps.clock != default.gaps.clock {
        return math(|function| {
            matches!(
                function,
                Function::Minute
                    | Function::Hour
                    | Function::Day
                    | Function::Date
                    | Function::Month
                    | Function::Year
                    | Function::Epoch
            )
        });
    }
    true
}
