//! No threshold lies outside what its metric can reach.

use super::{Context, Findings};
use crate::model::{Comparison, MetricAlarm, MetricKey, Source};
use cloudwatch::math::{Aggregate, Expr, Fill, Function, Operator};
use cloudwatch::stats::{Statistic, Trim};
use std::collections::BTreeMap;
use suite::{Names, Settings};

const RULE: &str = "threshold";

/// The largest values some metrics can have, from the settings of what they measure.
#[derive(Clone, Debug, Default)]
pub struct Limits {
    /// Timeout of a function in milliseconds, by its name.
    pub timeout_ms: BTreeMap<String, f64>,
    /// Retention of a queue in seconds, by its name.
    pub retention_s: BTreeMap<String, f64>,
}

impl Limits {
    /// Of the resources that those settings are for.
    pub fn of(settings: &Settings, names: &Names) -> Self {
        let timeouts = settings.functions.iter();
        Limits {
            timeout_ms: timeouts.map(|(name, it)| (names.function(name), f64::from(it.timeout_s) * 1_000.0)).collect(),
            retention_s: BTreeMap::from([
                (names.queue(), settings.queue.retention_s as f64),
                (names.dead_letter_queue(), settings.dead_letter_queue.retention_s as f64),
            ]),
        }
    }

    fn largest(&self, metric: &MetricKey) -> Option<f64> {
        let dimension = |name: &str| metric.dimensions.get(name);
        match (metric.namespace.as_str(), metric.name.as_str()) {
            ("AWS/Lambda", "Duration") => self.timeout_ms.get(dimension("FunctionName")?).copied(),
            ("AWS/SQS", "ApproximateAgeOfOldestMessage") => self.retention_s.get(dimension("QueueName")?).copied(),
            _ => None,
        }
    }
}

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in &context.catalogue.metric_alarms {
        let Some(range) = (Ranges { alarm, context }).query(alarm.spec.returned) else {
            continue;
        };
        let (spec, threshold) = (&alarm.spec, alarm.spec.threshold);
        let (never, always) = match spec.comparison {
            Comparison::GreaterThanThreshold => (range.high <= threshold, range.low > threshold),
            Comparison::GreaterThanOrEqualToThreshold => (range.high < threshold, range.low >= threshold),
            Comparison::LessThanThreshold => (range.low >= threshold, range.high < threshold),
            Comparison::LessThanOrEqualToThreshold => (range.low > threshold, range.high <= threshold),
        };
        if never || always {
            findings.add(
                RULE,
                &spec.key,
                format!(
                    "the value lies between {} and {}: {} {threshold} {} holds",
                    range.low,
                    range.high,
                    spec.comparison.symbol(),
                    if never { "never" } else { "always" }
                ),
                "choose a threshold inside that range",
            );
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct Range {
    low: f64,
    high: f64,
}

impl Range {
    fn new(low: f64, high: f64) -> Self {
        Range { low, high }
    }

    fn hull(self, other: Range) -> Range {
        Range::new(self.low.min(other.low), self.high.max(other.high))
    }
}

const TRUTH: Range = Range { low: 0.0, high: 1.0 };
const COUNT: Range = Range { low: 0.0, high: f64::INFINITY };

struct Ranges<'a> {
    alarm: &'a MetricAlarm,
    context: &'a Context<'a>,
}

impl Ranges<'_> {
    /// `None` where nothing is known.
    fn query(&self, index: usize) -> Option<Range> {
        match &self.alarm.spec.queries.get(index)?.source {
            Source::Expression(_) => self.expr(self.alarm.program().expression(index)?),
            Source::Metric { metric, stat, .. } => self.metric(metric, stat),
        }
    }

    fn metric(&self, metric: &MetricKey, stat: &Statistic) -> Option<Range> {
        match stat {
            Statistic::PercentileRank { .. } => return Some(Range::new(0.0, 100.0)),
            Statistic::SampleCount | Statistic::Trimmed(Trim::Count, _) => return Some(COUNT),
            _ => {}
        }
        let unit = self.context.emitted.unit(metric)?;
        let single = !matches!(stat, Statistic::Sum | Statistic::Trimmed(Trim::Sum, _));
        let high = if !single {
            f64::INFINITY
        } else if unit == "Percent" {
            100.0
        } else if self.context.emitted.is_ratio(metric) {
            1.0
        } else {
            let limit = self.context.limits.and_then(|limits| limits.largest(metric));
            limit.unwrap_or(f64::INFINITY)
        };
        Some(Range::new(0.0, high))
    }

    fn expr(&self, expr: &Expr) -> Option<Range> {
        Some(match expr {
            Expr::Number(value) => Range::new(*value, *value),
            Expr::Id { slot, .. } => self.query(*slot)?,
            Expr::Negate(inner) => {
                let inner = self.expr(inner)?;
                Range::new(-inner.high, -inner.low)
            }
            Expr::Fill(inner, Fill::With(with)) => self.expr(inner)?.hull(self.expr(with)?),
            Expr::Fill(inner, _) => self.expr(inner)?,
            Expr::Binary(operator, left, right) => self.binary(*operator, left, right)?,
            Expr::Call(Function::If, arguments) => {
                let branches = arguments.get(1..)?.iter().map(|branch| self.expr(branch));
                branches.collect::<Option<Vec<_>>>()?.into_iter().reduce(Range::hull)?
            }
            Expr::Call(Function::Of(by), arguments) => self.across(*by, arguments.first()?)?,
            _ => return None,
        })
    }

    fn across(&self, by: Aggregate, of: &Expr) -> Option<Range> {
        let Expr::Array(items) = of else {
            return None;
        };
        let ranges: Vec<Range> = items.iter().map(|item| self.expr(item)).collect::<Option<_>>()?;
        match by {
            Aggregate::Sum => {
                let add = |a: Range, b: Range| Range::new(a.low + b.low, a.high + b.high);
                ranges.into_iter().reduce(add)
            }
            Aggregate::Min | Aggregate::Max => ranges.into_iter().reduce(Range::hull),
            Aggregate::Avg | Aggregate::StdDev => None,
        }
    }

    fn binary(&self, operator: Operator, left: &Expr, right: &Expr) -> Option<Range> {
        // 100 * part / whole reads as a percentage.
        if operator == Operator::Divide && is_hundredfold(left) {
            return Some(Range::new(0.0, 100.0));
        }
        let sides = || Some((self.expr(left)?, self.expr(right)?));
        match operator {
            Operator::Add => sides().map(|(a, b)| Range::new(a.low + b.low, a.high + b.high)),
            Operator::Subtract => sides().map(|(a, b)| Range::new(a.low - b.high, a.high - b.low)),
            Operator::Multiply => {
                let (a, b) = sides()?;
                let products = [a.low * b.low, a.low * b.high, a.high * b.low, a.high * b.high];
                // 0 x infinity: nothing is known.
                if products.iter().any(|product| product.is_nan()) {
                    return None;
                }
                let low = products.iter().copied().fold(f64::INFINITY, f64::min);
                Some(Range::new(low, products.iter().copied().fold(f64::NEG_INFINITY, f64::max)))
            }
            Operator::Divide | Operator::Power => None,
            _ => Some(TRUTH),
        }
    }
}

fn is_hundredfold(expr: &Expr) -> bool {
    let hundred = |side: &Expr| *side == Expr::Number(100.0);
    matches!(expr, Expr::Binary(Operator::Multiply, left, right) if hundred(left) || hundred(right))
}
