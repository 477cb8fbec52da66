//! Every small change of a metric alarm that the tests must notice.

use alarms::model::{Actions, Comparison, MetricAlarm, MetricAlarmSpec, MissingData, Severity, Source};

use super::{Mutant, expression};

pub fn of(alarm: &MetricAlarm) -> Vec<Mutant<MetricAlarm>> {
    let mut mutants = Mutants { alarm: &alarm.spec, all: Vec::new() };
    mutants.comparison();
    mutants.numbers();
    mutants.missing_data();
    mutants.severity();
    for index in 0..alarm.spec.queries.len() {
        mutants.query(index);
    }
    mutants.all
}

struct Mutants<'a> {
    alarm: &'a MetricAlarmSpec,
    all: Vec<Mutant<MetricAlarm>>,
}

impl Mutants<'_> {
    fn add(&mut self, kind: &'static str, what: String, change: impl FnOnce(&mut MetricAlarmSpec)) {
        let mut spec = self.alarm.clone();
        change(&mut spec);
        // What is no alarm any more is noticed by whoever reads it.
        let alarm = MetricAlarm::new(spec).ok();
        self.all.push(Mutant { alarm: self.alarm.key.clone(), kind, what, mutated: alarm });
    }

    fn comparison(&mut self) {
        use Comparison::*;
        let all = [GreaterThanThreshold, GreaterThanOrEqualToThreshold, LessThanThreshold, LessThanOrEqualToThreshold];
        for other in all.into_iter().filter(|other| *other != self.alarm.comparison) {
            self.add("comparison", format!("comparison {}", other.symbol()), |spec| spec.comparison = other);
        }
    }

    fn numbers(&mut self) {
        let MetricAlarmSpec { threshold, period, evaluation_periods: n, datapoints_to_alarm: m, .. } = *self.alarm;
        let mut near = vec![threshold - 1.0, threshold + 1.0];
        if threshold > 0.0 && threshold < 10.0 {
            near.extend([threshold * 0.9, threshold * 1.1]);
        }
        for other in near {
            self.add("threshold", format!("threshold {other}"), |spec| spec.threshold = other);
        }
        for other in [period / 2, period * 2] {
            self.add("period", format!("period {other}"), |spec| spec.period = other);
        }
        for other in [n - 1, n + 1] {
            self.add("evaluation_periods", format!("evaluation_periods {other}"), |spec| {
                spec.evaluation_periods = other;
            });
        }
        for other in [m - 1, m + 1] {
            self.add("datapoints_to_alarm", format!("datapoints_to_alarm {other}"), |spec| {
                spec.datapoints_to_alarm = other;
            });
        }
    }

    fn missing_data(&mut self) {
        use MissingData::*;
        for other in [Missing, Ignore, Breaching, NotBreaching] {
            if self.alarm.missing_data != Some(other) {
                let what = format!("missing_data {}", other.as_str());
                self.add("missing_data", what, |spec| spec.missing_data = Some(other));
            }
        }
    }

    fn severity(&mut self) {
        for other in [Severity::Page, Severity::Ticket, Severity::None] {
            if self.alarm.about.severity == Some(other) {
                continue;
            }
            let told = if other == Severity::None { Vec::new() } else { vec![other.as_str().to_owned()] };
            self.add("severity", format!("severity {}", other.as_str()), |spec| {
                spec.about.severity = Some(other);
                spec.actions = Actions { alarm: told.clone(), ok: told, ..spec.actions.clone() };
            });
        }
    }

    fn query(&mut self, index: usize) {
        let query = &self.alarm.queries[index];
        match &query.source {
            Source::Expression(text) => {
                for (kind, what, changed) in expression::changes(text) {
                    let what = format!("{}: {what}", query.id);
                    self.add(kind, what, |spec| spec.queries[index].source = Source::Expression(changed));
                }
            }
            Source::Metric { metric, stat, .. } => {
                for other in other_statistics(&stat.to_string()) {
                    self.add("stat", format!("{}: {other}", query.id), |spec| {
                        if let Source::Metric { stat, .. } = &mut spec.queries[index].source {
                            *stat = other.parse().unwrap();
                        }
                    });
                }
                for (dimension, value) in &metric.dimensions {
                    let Some(other) = other_value(value) else { continue };
                    self.add("dimension", format!("{}: {dimension}={other}", query.id), |spec| {
                        if let Source::Metric { metric, .. } = &mut spec.queries[index].source {
                            metric.dimensions.insert(dimension.clone(), other);
                        }
                    });
                }
            }
        }
    }
}

fn other_statistics(stat: &str) -> &'static [&'static str] {
    match stat {
        "Maximum" => &["Average", "Minimum", "Sum"],
        "Minimum" => &["Average", "Maximum", "Sum"],
        "Sum" => &["Average", "Maximum", "SampleCount"],
        "SampleCount" => &["Sum", "Average", "Maximum"],
        "p99" => &["p90", "p99.9", "Average", "Maximum"],
        "PR(:60000)" => &["PR(:59999)", "PR(:60001)", "PR(60000:)", "Average"],
        other => panic!("say what may be mistaken for {other}"),
    }
}

/// The same dimension of the other function or the other queue.
fn other_value(value: &str) -> Option<String> {
    let pairs = [("validator", "processor"), ("orders-dlq", "orders")];
    pairs.into_iter().flat_map(|(a, b)| [(a, b), (b, a)]).find_map(|(from, to)| {
        // A table has no counterpart, but shares its name with the queue.
        value.ends_with(from).then(|| value.replacen(from, to, 1)).filter(|other| !other.ends_with("dlq-dlq"))
    })
}
