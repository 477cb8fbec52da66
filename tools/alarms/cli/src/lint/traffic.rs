//! A rate needs a floor of traffic below which it says nothing.

use super::{Context, Findings};
use alarms::model::{MetricAlarm, MetricKey, Source};
use cloudwatch::math::{Expr, Function, Operator};
use cloudwatch::stats::Statistic;

const RULE: &str = "low-traffic";
const FIX: &str = "guard it: IF(FILL(requests, 0) >= 20, rate, 0), requests being the number behind the rate";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in &context.catalogue.metric_alarms {
        let mut walker = Walker { alarm, context, found: Vec::new() };
        walker.query(alarm.spec.returned, &[]);
        walker.found.dedup();
        for message in walker.found {
            findings.add(RULE, &alarm.spec.key, message, FIX);
        }
    }
}

struct Walker<'a> {
    alarm: &'a MetricAlarm,
    context: &'a Context<'a>,
    found: Vec<String>,
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
        let ratio = match stat {
            Statistic::Average => self.context.emitted.is_ratio(metric),
            Statistic::Percentile(p) => *p > 50.0 && *p < 100.0 && !self.ignores_low_samples(),
            Statistic::PercentileRank { .. } => true,
            _ => false,
        };
        // Any floor will do: the guard may count requests in another metric of the same thing.
        if ratio && guards.is_empty() {
            self.found.push(format!("{stat} of {} is a rate without a floor of traffic", metric.name));
        }
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
                // A period is a number of seconds, whatever the traffic.
                let period = matches!(&**right, Expr::Call(Function::Period, _));
                let below = if period { Vec::new() } else { self.metrics(right) };
                if !below.is_empty() && !below.iter().any(|metric| guards.contains(metric)) {
                    self.found.push("it divides by a count that may be small".to_owned());
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
                (Operator::Greater, counted, Expr::Number(n)) if *n >= 1.0 => self.metrics(counted),
                (Operator::GreaterOrEqual, counted, Expr::Number(n)) if *n >= 2.0 => self.metrics(counted),
                (Operator::Less, Expr::Number(n), counted) if *n >= 1.0 => self.metrics(counted),
                (Operator::LessOrEqual, Expr::Number(n), counted) if *n >= 2.0 => self.metrics(counted),
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    /// The metrics below an expression, through the ids it names.
    fn metrics(&self, expr: &Expr) -> Vec<&'a MetricKey> {
        let mut slots = Vec::new();
        expr.walk(&mut |inner| {
            if let Expr::Id { slot, .. } = inner {
                slots.push(*slot);
            }
        });
        let mut metrics = Vec::new();
        for slot in slots {
            match self.alarm.spec.queries.get(slot).map(|query| &query.source) {
                Some(Source::Metric { metric, .. }) => metrics.push(metric),
                Some(Source::Expression(_)) => {
                    if let Some(inner) = self.alarm.program().expression(slot) {
                        metrics.extend(self.metrics(inner));
                    }
                }
                None => {}
            }
        }
        metrics
    }
}
