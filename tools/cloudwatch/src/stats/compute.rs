use super::{Bounds, Statistic, Trim};
use crate::sample::Sample;

/// A distribution: (value, weight), sorted by value, every weight above zero.
type Weighted = [(f64, f64)];

impl Statistic {
    /// The statistic of a period. `None` when the period has no sample, or when an extended
    /// statistic is asked of data whose single values are not known.
    pub fn of(&self, sample: &Sample) -> Option<f64> {
        if let Some(plain) = self.plain(sample.count(), sample.sum(), sample.min(), sample.max()) {
            return plain.is_finite().then_some(plain);
        }
        let value = match self {
            Statistic::PercentileRank { above, up_to } => {
                let inside = sample.count_within(*above, *up_to)?;
                100.0 * inside / sample.count()
            }
            Statistic::Percentile(p) => {
                if sample.min() < 0.0 {
                    return None;
                }
                let values = sample.distribution()?;
                at_rank(&values, *p / 100.0 * total(&values))
            }
            Statistic::Trimmed(trim, bounds) => trimmed(*trim, *bounds, &sample.distribution()?)?,
            _ => return None,
        };
        value.is_finite().then_some(value)
    }

    /// A statistic that a statistic set is enough for; `None` for the extended ones.
    pub(crate) fn plain(&self, count: f64, sum: f64, min: f64, max: f64) -> Option<f64> {
        Some(match self {
            Statistic::SampleCount => count,
            Statistic::Average => sum / count,
            Statistic::Sum => sum,
            Statistic::Minimum => min,
            Statistic::Maximum => max,
            _ => return None,
        })
    }
}

fn total(values: &Weighted) -> f64 {
    values.iter().map(|(_, weight)| weight).sum()
}

/// The value at a rank counted in weight: nearest rank, never interpolated.
fn at_rank(values: &Weighted, rank: f64) -> f64 {
    let mut seen = 0.0;
    for (value, weight) in values {
        seen += weight;
        // A rank such as 0.99 x 1000 is not exact in binary.
        if seen >= rank - 1e-9 * (1.0 + rank) {
            return *value;
        }
    }
    values.last().map_or(f64::NAN, |(value, _)| *value)
}

fn trimmed(trim: Trim, bounds: Bounds, values: &Weighted) -> Option<f64> {
    if trim == Trim::Winsorized {
        return Some(winsorized(bounds, values));
    }
    let (mut count, mut sum) = (0.0, 0.0);
    let n = total(values);
    let mut seen = 0.0;
    for (value, weight) in values {
        let kept = match bounds {
            // The share of this value's samples that lies between the two ranks.
            Bounds::Percent(low, high) => {
                let (from, to) = (low / 100.0 * n, high / 100.0 * n);
                ((seen + weight).min(to) - seen.max(from)).max(0.0)
            }
            Bounds::Values(low, high) => {
                let inside = low.is_none_or(|low| *value > low) && high.is_none_or(|h| *value <= h);
                if inside { *weight } else { 0.0 }
            }
        };
        seen += weight;
        count += kept;
        sum += kept * value;
    }
    match trim {
        Trim::Count => Some(count),
        Trim::Sum => Some(sum),
        Trim::Mean | Trim::Winsorized => (count > 0.0).then(|| sum / count),
    }
}

fn winsorized(bounds: Bounds, values: &Weighted) -> f64 {
    let n = total(values);
    let (low, high) = match bounds {
        Bounds::Percent(low, high) => (at_rank(values, low / 100.0 * n), at_rank(values, high / 100.0 * n)),
        Bounds::Values(low, high) => (low.unwrap_or(f64::NEG_INFINITY), high.unwrap_or(f64::INFINITY)),
    };
    let sum: f64 = values.iter().map(|(value, weight)| value.max(low).min(high) * weight).sum();
    sum / n
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(stat: &str, values: &[f64]) -> Option<f64> {
        let pairs: Vec<_> = values.iter().map(|v| (*v, 1.0)).collect();
        stat.parse::<Statistic>().unwrap().of(&Sample::distribution_of(&pairs)?)
    }

    const TEN: [f64; 10] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 100.0];

    #[test]
    fn plain_statistics() {
        assert_eq!(of("SampleCount", &TEN), Some(10.0));
        assert_eq!(of("Sum", &TEN), Some(145.0));
        assert_eq!(of("Average", &TEN), Some(14.5));
        assert_eq!(of("Minimum", &TEN), Some(1.0));
        assert_eq!(of("Maximum", &TEN), Some(100.0));
    }

    #[test]
    fn percentiles_take_the_nearest_rank() {
        assert_eq!(of("p50", &TEN), Some(5.0));
        assert_eq!(of("p90", &TEN), Some(9.0));
        assert_eq!(of("p99", &TEN), Some(100.0));
        assert_eq!(of("p0", &TEN), Some(1.0));
        assert_eq!(of("p100", &TEN), Some(100.0));
    }

    #[test]
    fn percentiles_of_negative_values_do_not_exist() {
        assert_eq!(of("p50", &[-1.0, 2.0]), None);
    }

    #[test]
    fn percentile_rank_excludes_the_lower_bound_and_includes_the_upper() {
        assert_eq!(of("PR(:5)", &TEN), Some(50.0));
        assert_eq!(of("PR(5:9)", &TEN), Some(40.0));
        assert_eq!(of("PR(9:)", &TEN), Some(10.0));
    }

    #[test]
    fn trimmed_statistics() {
        assert_eq!(of("tm90", &TEN), Some(5.0));
        assert_eq!(of("tc90", &TEN), Some(9.0));
        assert_eq!(of("ts90", &TEN), Some(45.0));
        assert_eq!(of("wm90", &TEN), Some(5.4));
        assert_eq!(of("TM(1:3)", &TEN), Some(2.5));
        assert_eq!(of("TC(:0.5)", &TEN), Some(0.0));
        assert_eq!(of("TM(:0.5)", &TEN), None);
        // A quarter of ten samples is two and a half: the count may be fractional.
        assert_eq!(of("TC(25%:75%)", &TEN), Some(5.0));
        assert_eq!(of("tc95", &TEN), Some(9.5));
        assert_eq!(of("IQM", &[1.0, 2.0, 3.0, 4.0]), Some(2.5));
    }

    #[test]
    fn a_statistic_set_has_percentiles_only_when_all_its_values_are_equal() {
        let p50: Statistic = "p50".parse().unwrap();
        assert_eq!(p50.of(&Sample::statistics(3.0, 6.0, 2.0, 2.0).unwrap()), Some(2.0));
        assert_eq!(p50.of(&Sample::statistics(1.0, 6.0, 6.0, 6.0).unwrap()), Some(6.0));
        assert_eq!(p50.of(&Sample::statistics(3.0, 6.0, 1.0, 3.0).unwrap()), None);
    }
}
