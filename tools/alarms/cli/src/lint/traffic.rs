//! A rate, and a percentile, need a floor of traffic below which they say nothing.

use alarms::model::{Comparison, MetricAlarm, MetricKey, Source};
use cloudwatch::{
    math::{Expr, Function, Operator},
    stats::{Statistic, Trim},
};

use super::{Context, Findings};

const RULE: &str = "low-traffic";
const GUARD: &str = "guard it: IF(FILL(requests, 0) >= 20, rate, 0), requests being the number behind the rate";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in &context.catalogue.metric_alarms {
        let mut walker = Walker { alarm, context, found: Vec::new() };
        walker.query(alarm.spec.returned, &[]);
        walker.found.dedup();
        for (message, fix) in walker.found {
            findings.add(RULE, &alarm.spec.key, message, fix);
        }
    }
}

struct Walker<'a> {
    alarm: &'a MetricAlarm,
    context: &'a Context<'a>,
    found: Vec<(String, String)>,
}

impl<'a> Walker<'a> {
    /// `guards` are the metrics known to be many where this query matters.
    fn query(&mut self, index: usize, guards: &[&'a MetricKey]) {
        if let Some(expr) = self.alarm.program().expression(index) {
            self.expr(expr, guards);
            return;
        }
        let Some(Source::Metric { metric, stat, .. }) = self.alarm.spec.queries.get(index).map(|q| &q.source) else {
            return;
        };
        // Any floor will do: the guard may count requests in another metric of the same thing.
        if !guards.is_empty() {
            return;
        }
        let name = &metric.name;
        match stat {
            Statistic::Average if self.context.emitted.is_ratio(metric) && !self.asks_for_any() => {
                self.found.push((
                    format!("{stat} of {name} is a rate, and of few requests it says little"),
                    GUARD.to_owned(),
                ));
            }
            Statistic::PercentileRank { .. } => {
                self.found
                    .push((format!("{stat} of {name} is a share, and of few values it says little"), GUARD.to_owned()));
            }
            Statistic::Percentile(p) if *p > 50.0 && *p < 100.0 && !self.ignores_low_samples() => {
                self.found
                    .push((format!("{stat} of {name} is the largest value where there are few"), percentile_guard(*p)));
            }
            _ => {}
        }
    }

    /// `rate > 0` is true of one in ten as of one in a million: traffic makes no difference.
    fn asks_for_any(&self) -> bool {
        self.alarm.spec.comparison == Comparison::GreaterThanThreshold && self.alarm.spec.threshold <= 0.0
    }

    fn ignores_low_samples(&self) -> bool {
        self.alarm.spec.low_samples == alarms::model::LowSamples::Ignore
    }

    fn expr(&mut self, expr: &Expr, guards: &[&'a MetricKey]) {
        match expr {
            Expr::Id { slot, .. } => self.query(*slot, guards),
            Expr::Call(Function::If, arguments) => {
                let [condition, then, rest @ ..] = arguments.as_slice() else {
                    return;
                };
                let mut more = self.floors(condition);
                more.extend_from_slice(guards);
                self.expr(then, &more);
                for other in rest {
                    self.expr(other, guards);
                }
            }
            Expr::Binary(Operator::Divide, left, right) => {
                // A period is a number of seconds, and tasks or bytes are levels: neither depends on the traffic.
                let period = matches!(&**right, Expr::Call(Function::Period, _));
                let below = if period || self.asks_for_any() { Vec::new() } else { self.metrics(right, is_count) };
                if !below.is_empty() && !below.iter().any(|metric| guards.contains(metric)) {
                    self.found.push(("it divides by a count that may be small".to_owned(), GUARD.to_owned()));
                }
                self.expr(left, guards);
                self.expr(right, guards);
            }
            Expr::Binary(_, left, right) => {
                self.expr(left, guards);
                self.expr(right, guards);
            }
            Expr::Negate(inner) | Expr::Fill(inner, _) | Expr::Sort(inner, ..) => self.expr(inner, guards),
            Expr::Array(items) | Expr::Call(_, items) => {
                for item in items {
                    self.expr(item, guards);
                }
            }
            Expr::Number(_) | Expr::Metrics(_) => {}
        }
    }

    /// Metrics that a condition demands at least two of.
    fn floors(&self, condition: &Expr) -> Vec<&'a MetricKey> {
        match condition {
            Expr::Binary(Operator::And, left, right) => {
                let mut both = self.floors(left);
                both.extend(self.floors(right));
                both
            }
            Expr::Binary(operator, left, right) => match (operator, &**left, &**right) {
                (Operator::Greater, counted, Expr::Number(n)) if *n >= 1.0 => self.metrics(counted, |_| true),
                (Operator::GreaterOrEqual, counted, Expr::Number(n)) if *n >= 2.0 => self.metrics(counted, |_| true),
                (Operator::Less, Expr::Number(n), counted) if *n >= 1.0 => self.metrics(counted, |_| true),
                (Operator::LessOrEqual, Expr::Number(n), counted) if *n >= 2.0 => self.metrics(counted, |_| true),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The metrics below an expression whose statistic is as wanted, through the ids it names.
    fn metrics(&self, expr: &Expr, wanted: fn(&Statistic) -> bool) -> Vec<&'a MetricKey> {
        let mut slots = Vec::new();
        expr.walk(&mut |inner| {
            if let Expr::Id { slot, .. } = inner {
                slots.push(*slot);
            }
        });
        let mut metrics = Vec::new();
        for slot in slots {
            match self.alarm.spec.queries.get(slot).map(|query| &query.source) {
                Some(Source::Metric { metric, stat, .. }) => metrics.extend(wanted(stat).then_some(metric)),
                Some(Source::Expression(_)) => {
                    if let Some(inner) = self.alarm.program().expression(slot) {
                        metrics.extend(self.metrics(inner, wanted));
                    }
                }
                None => {}
            }
        }
        metrics
    }
}

/// What is added up over the period, other than a level that is looked at.
fn is_count(stat: &Statistic) -> bool {
    matches!(stat, Statistic::Sum | Statistic::SampleCount | Statistic::Trimmed(Trim::Sum | Trim::Count, _))
}

/// With as many values as CloudWatch itself asks for, where low samples are ignored.
fn percentile_guard(p: f64) -> String {
    let enough = (1_000.0 / (100.0 - p)).round();
    format!(
        "guard it: IF(FILL(n, 0) >= {enough}, percentile, 0), n being the metric's SampleCount; or set \
         evaluate_low_sample_count_percentiles to ignore"
    )
}
