//! Statistics of one period: the five plain ones and the extended ones.

mod compute;

use std::{fmt, str::FromStr};

/// A statistic as the API spells it. Extended ones need the distribution of the values.
#[derive(Clone, Debug, PartialEq)]
pub enum Statistic {
    /// Number of values.
    SampleCount,
    /// Sum / SampleCount.
    Average,
    /// Sum of the values.
    Sum,
    /// The smallest value.
    Minimum,
    /// The largest value.
    Maximum,
    /// `p99`: nearest rank.
    Percentile(f64),
    /// `tm`, `tc`, `ts`, `wm`, `IQM` and their range forms.
    Trimmed(Trim, Bounds),
    /// `PR(n:m)`: percentage of the values in (n, m].
    PercentileRank {
        /// Exclusive lower bound.
        above: Option<f64>,
        /// Inclusive upper bound.
        up_to: Option<f64>,
    },
}

/// What is taken of the values inside the bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trim {
    /// `TM`: their mean.
    Mean,
    /// `TC`: their number.
    Count,
    /// `TS`: their sum.
    Sum,
    /// `WM`: the mean of all values, those outside set to the bound.
    Winsorized,
}

/// The bounds of a trimmed statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Bounds {
    /// Percent of the samples, lower and upper.
    Percent(f64, f64),
    /// Values: exclusive lower and inclusive upper bound.
    Values(Option<f64>, Option<f64>),
}

/// A statistic that CloudWatch does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a CloudWatch statistic")]
pub struct UnknownStatistic(pub String);

impl Statistic {
    /// The percentile, when it is one: the low-sample rule applies to those only.
    pub fn percentile(&self) -> Option<f64> {
        match self {
            Statistic::Percentile(p) => Some(*p),
            _ => None,
        }
    }

    /// Whether single values (or an equivalent statistic set) are needed.
    pub fn needs_values(&self) -> bool {
        matches!(self, Statistic::Percentile(_) | Statistic::Trimmed(..) | Statistic::PercentileRank { .. })
    }

    /// The number of samples below which CloudWatch holds a percentile to be not significant.
    pub fn significant_samples(&self) -> Option<f64> {
        let p = self.percentile()? / 100.0;
        if (0.5..1.0).contains(&p) {
            Some(10.0 / (1.0 - p))
        } else if p > 0.0 && p < 0.5 {
            Some(10.0 / p)
        } else {
            None
        }
    }
}

impl FromStr for Statistic {
    type Err = UnknownStatistic;

    fn from_str(text: &str) -> Result<Self, UnknownStatistic> {
        let unknown = || UnknownStatistic(text.to_owned());
        Ok(match text {
            "SampleCount" => Statistic::SampleCount,
            "Average" => Statistic::Average,
            "Sum" => Statistic::Sum,
            "Minimum" => Statistic::Minimum,
            "Maximum" => Statistic::Maximum,
            "IQM" => Statistic::Trimmed(Trim::Mean, Bounds::Percent(25.0, 75.0)),
            _ => range_form(text).or_else(|| short_form(text)).ok_or_else(unknown)?,
        })
    }
}

fn percent(text: &str) -> Option<f64> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: f64 = text.parse().ok().filter(|_| plain)?;
    (0.0..=100.0).contains(&value).then_some(value)
}

/// `p99`, `tm99.9`, `tc90`, `ts90`, `wm98`.
fn short_form(text: &str) -> Option<Statistic> {
    if let Some(rest) = text.strip_prefix('p') {
        return percent(rest).map(Statistic::Percentile);
    }
    let (head, rest) = text.split_at_checked(2)?;
    let trim = match head {
        "tm" => Trim::Mean,
        "tc" => Trim::Count,
        "ts" => Trim::Sum,
        "wm" => Trim::Winsorized,
        _ => return None,
    };
    Some(Statistic::Trimmed(trim, Bounds::Percent(0.0, percent(rest)?)))
}

/// `PR(:300)`, `TM(10%:90%)`, `TC(:0.5)`.
fn range_form(text: &str) -> Option<Statistic> {
    let (head, rest) = text.split_once('(')?;
    let (low, high) = rest.strip_suffix(')')?.split_once(':')?;
    let (low, high) = (low.trim(), high.trim());
    if low.is_empty() && high.is_empty() {
        return None;
    }
    let trim = match head {
        "PR" => {
            let (above, up_to) = values(low, high)?;
            return Some(Statistic::PercentileRank { above, up_to });
        }
        "TM" => Trim::Mean,
        "TC" => Trim::Count,
        "TS" => Trim::Sum,
        "WM" => Trim::Winsorized,
        _ => return None,
    };
    let is_percent = |side: &str| side.is_empty() || side.ends_with('%');
    let bounds = if is_percent(low) && is_percent(high) {
        let side = |side: &str, default| match side.strip_suffix('%') {
            None => Some(default),
            Some(number) => percent(number),
        };
        let (low, high) = (side(low, 0.0)?, side(high, 100.0)?);
        if low >= high {
            return None;
        }
        Bounds::Percent(low, high)
    } else {
        let (low, high) = values(low, high)?;
        Bounds::Values(low, high)
    };
    Some(Statistic::Trimmed(trim, bounds))
}

fn values(low: &str, high: &str) -> Option<(Option<f64>, Option<f64>)> {
    let side = |side: &str| {
        if side.is_empty() {
            return Some(None);
        }
        let value: f64 = side.parse().ok()?;
        value.is_finite().then_some(Some(value))
    };
    let (low, high) = (side(low)?, side(high)?);
    match (low, high) {
        (Some(low), Some(high)) if low >= high => None,
        bounds => Some(bounds),
    }
}

impl fmt::Display for Statistic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let side = |value: &Option<f64>| value.map(|v| v.to_string()).unwrap_or_default();
        match self {
            Statistic::SampleCount => f.write_str("SampleCount"),
            Statistic::Average => f.write_str("Average"),
            Statistic::Sum => f.write_str("Sum"),
            Statistic::Minimum => f.write_str("Minimum"),
            Statistic::Maximum => f.write_str("Maximum"),
            Statistic::Percentile(p) => write!(f, "p{p}"),
            Statistic::PercentileRank { above, up_to } => {
                write!(f, "PR({}:{})", side(above), side(up_to))
            }
            Statistic::Trimmed(trim, bounds) => {
                let head = match trim {
                    Trim::Mean => "TM",
                    Trim::Count => "TC",
                    Trim::Sum => "TS",
                    Trim::Winsorized => "WM",
                };
                match bounds {
                    Bounds::Percent(low, high) => write!(f, "{head}({low}%:{high}%)"),
                    Bounds::Values(low, high) => write!(f, "{head}({}:{})", side(low), side(high)),
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_documented_form_is_read() {
        for text in [
            "SampleCount",
            "Average",
            "Sum",
            "Minimum",
            "Maximum",
            "p0.0",
            "p50",
            "p99.9",
            "p100",
            "tm99",
            "tc90",
            "ts90",
            "wm98",
            "IQM",
            "PR(:300)",
            "PR(100:2000)",
            "PR(5:)",
            "TM(10%:90%)",
            "TM(:99%)",
            "TC(80%:)",
            "TS(100:2000)",
            "WM(15%:85%)",
            "TC(0.005:0.030)",
        ] {
            assert!(text.parse::<Statistic>().is_ok(), "{text}");
        }
    }

    #[test]
    fn what_cloudwatch_lacks_is_refused() {
        for text in
            ["", "p", "p101", "P99", "avg", "tm", "tmx", "PR(:)", "PR(5:2)", "TM(90%:10%)", "TM(1:5%)", "p-1", "é"]
        {
            assert!(text.parse::<Statistic>().is_err(), "{text}");
        }
    }

    #[test]
    fn low_sample_limits_are_those_of_the_guide() {
        let limit = |text: &str| text.parse::<Statistic>().unwrap().significant_samples().map(f64::round);
        assert_eq!(limit("p99"), Some(1000.0));
        assert_eq!(limit("p90"), Some(100.0));
        assert_eq!(limit("p50"), Some(20.0));
        assert_eq!(limit("p10"), Some(100.0));
        assert_eq!(limit("p100"), None);
        assert_eq!(limit("Sum"), None);
    }
}
