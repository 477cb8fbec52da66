//! No threshold lies outside what its metric can reach.

use alarms::model::{Comparison, MetricAlarm, MetricKey, Source};
use cloudwatch::{
    math::{Aggregate, Expr, Fill, Function, Operator},
    stats::{Statistic, Trim},
};

use super::{
    Context, Findings,
    guide::{Emitted, Largest},
};
use crate::sources::Resource;

const RULE: &str = "threshold";

/// The largest values some metrics can have, from the settings of what they measure.
#[derive(Clone, Debug, Default)]
pub struct Limits(pub Vec<(MetricKey, f64)>);

impl Limits {
    /// What a list of emitted metrics derives from settings.
    pub fn of(emitted: &Emitted, settings: &serde_json::Value) -> Self {
        let bound = |of: &Largest| {
            let setting = of.setting.split('.').try_fold(settings, |value, part| value.get(part))?;
            let mut key = MetricKey::new(&of.namespace, &of.metric);
            key.dimensions.clone_from(&of.dimensions);
            Some((key, setting.as_f64()? * of.times))
        };
        Limits(emitted.largest().iter().filter_map(bound).collect())
    }

    /// What the resources of a plan or a template say.
    pub fn of_resources(resources: &[Resource]) -> Self {
        let bounds = resources.iter().flat_map(|resource| {
            let of = |bound: &str, metric: (&str, &str), factor: f64| {
                let mut key = MetricKey::new(metric.0, metric.1);
                key.dimensions =
                    resource.dimensions.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
                #[expect(clippy::cast_precision_loss, reason = "seconds")]
                resource.bounds.get(bound).map(|seconds| (key, *seconds as f64 * factor))
            };
            [
                of("timeout_s", ("AWS/Lambda", "Duration"), 1_000.0),
                of("retention_s", ("AWS/SQS", "ApproximateAgeOfOldestMessage"), 1.0),
            ]
        });
        Limits(bounds.flatten().collect())
    }

    fn largest(&self, metric: &MetricKey) -> Option<f64> {
        self.0.iter().find(|(key, _)| key == metric).map(|(_, largest)| *largest)
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
            self.context.limits.largest(metric).unwrap_or(f64::INFINITY)
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
        // A part over its whole is a share; over anything else it may be any number.
        if operator == Operator::Divide {
            let (factor, part) = hundredfold(left);
            if self.is_part(part, right) {
                return Some(Range::new(0.0, factor));
            }
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

/// `100 * errors` is 100 and `errors`.
fn hundredfold(expr: &Expr) -> (f64, &Expr) {
    if let Expr::Binary(Operator::Multiply, left, right) = expr {
        match (&**left, &**right) {
            (Expr::Number(factor), part) | (part, Expr::Number(factor)) if *factor > 0.0 => return (*factor, part),
            _ => {}
        }
    }
    (1.0, expr)
}

/// Metrics that count some of what another counts, in the same dimensions.
const PARTS: &[(&str, &[&str], &str)] = &[
    ("AWS/Lambda", &["Errors", "DeadLetterErrors"], "Invocations"),
    ("AWS/ApiGateway", &["4XXError", "5XXError", "4xx", "5xx", "CacheHitCount", "CacheMissCount"], "Count"),
    ("AWS/ApplicationELB", &["HTTPCode_Target_4XX_Count", "HTTPCode_Target_5XX_Count"], "RequestCount"),
    ("AWS/States", &["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"], "ExecutionsStarted"),
    ("AWS/SNS", &["NumberOfNotificationsFailed"], "NumberOfMessagesPublished"),
    ("AWS/S3", &["4xxErrors", "5xxErrors"], "AllRequests"),
];

impl Ranges<'_> {
    /// Whether what is above the line is counted below it as well.
    fn is_part(&self, part: &Expr, whole: &Expr) -> bool {
        let Some(part) = self.metric_of(part) else { return false };
        let mut is_inside = false;
        // Only sums: a difference or a product could be smaller than its parts.
        let mut open = vec![whole];
        while let Some(expr) = open.pop() {
            match expr {
                Expr::Binary(Operator::Add, left, right) => open.extend([&**left, &**right]),
                Expr::Fill(inner, _) => open.push(inner),
                Expr::Id { slot, .. } if self.alarm.program().expression(*slot).is_some() => {
                    open.extend(self.alarm.program().expression(*slot));
                }
                Expr::Id { .. } => {
                    if let Some(whole) = self.metric_of(expr) {
                        let listed = PARTS.iter().any(|(namespace, parts, of)| {
                            part.namespace == *namespace && parts.contains(&part.name.as_str()) && whole.name == *of
                        });
                        let same_place = part.namespace == whole.namespace && part.dimensions == whole.dimensions;
                        is_inside |= part == whole || (listed && same_place);
                    }
                }
                _ => return false,
            }
        }
        is_inside
    }

    fn metric_of(&self, expr: &Expr) -> Option<&MetricKey> {
        match expr {
            Expr::Id { slot, .. } => match &self.alarm.spec.queries.get(*slot)?.source {
                Source::Metric { metric, stat: Statistic::Sum | Statistic::SampleCount, .. } => Some(metric),
                _ => None,
            },
            Expr::Fill(inner, _) => self.metric_of(inner),
            _ => None,
        }
    }
}
