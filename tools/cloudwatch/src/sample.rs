use std::borrow::Cow;

/// What one datapoint carries: a statistic set and, when known, the single values behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Sample {
    count: f64,
    sum: f64,
    min: f64,
    max: f64,
    values: Values,
}

/// What is known about the single values.
#[derive(Clone, Debug, PartialEq)]
enum Values {
    /// All equal to `min`.
    Uniform,
    /// (value, weight), sorted by value.
    Weighted(Vec<(f64, f64)>),
    /// Only the statistic set is known.
    Unknown,
}

/// A datapoint that CloudWatch would refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SampleError {
    /// NaN, infinite, or beyond 2^360.
    #[error("a value must be a number of at most 2^360")]
    Value,
    /// A count below or equal to zero.
    #[error("a sample count must be above zero")]
    Count,
    /// Minimum above maximum.
    #[error("the minimum is above the maximum")]
    Order,
}

const LARGEST: f64 = 2.348_542_582_773_833_4e108; // 2^360

fn check(value: f64) -> Result<f64, SampleError> {
    if value.is_finite() && value.abs() <= LARGEST { Ok(value) } else { Err(SampleError::Value) }
}

impl Sample {
    /// One value.
    pub fn value(value: f64) -> Result<Self, SampleError> {
        Self::values(&[(value, 1.0)])
    }

    /// `Values` and `Counts` of PutMetricData.
    pub fn values(pairs: &[(f64, f64)]) -> Result<Self, SampleError> {
        let mut sample =
            Sample { count: 0.0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY, values: Values::Uniform };
        for (value, count) in pairs {
            let value = check(*value)?;
            if !(count.is_finite() && *count > 0.0) {
                return Err(SampleError::Count);
            }
            sample.count += count;
            sample.sum += value * count;
            sample.min = sample.min.min(value);
            sample.max = sample.max.max(value);
        }
        if sample.count <= 0.0 {
            return Err(SampleError::Count);
        }
        if sample.min < sample.max {
            let mut weighted = pairs.to_vec();
            normalise(&mut weighted);
            sample.values = Values::Weighted(weighted);
        }
        Ok(sample)
    }

    /// [`Sample::values`] for callers that treat a refused datapoint as none.
    pub fn distribution_of(pairs: &[(f64, f64)]) -> Option<Self> {
        Self::values(pairs).ok()
    }

    /// `StatisticValues` of PutMetricData.
    pub fn statistics(count: f64, sum: f64, min: f64, max: f64) -> Result<Self, SampleError> {
        if !(count.is_finite() && count > 0.0) {
            return Err(SampleError::Count);
        }
        let (sum, min, max) = (check(sum)?, check(min)?, check(max)?);
        if min > max {
            return Err(SampleError::Order);
        }
        let uniform = count == 1.0 || (min == max && sum == min * count);
        let values = if uniform { Values::Uniform } else { Values::Unknown };
        Ok(Sample { count, sum, min, max, values })
    }

    /// SampleCount.
    pub fn count(&self) -> f64 {
        self.count
    }

    /// Sum.
    pub fn sum(&self) -> f64 {
        self.sum
    }

    /// Minimum.
    pub fn min(&self) -> f64 {
        self.min
    }

    /// Maximum.
    pub fn max(&self) -> f64 {
        self.max
    }

    /// The single values, sorted, when they are known.
    pub fn distribution(&self) -> Option<Cow<'_, [(f64, f64)]>> {
        match &self.values {
            Values::Uniform => Some(Cow::Owned(vec![(self.min, self.count)])),
            Values::Weighted(values) => Some(Cow::Borrowed(values)),
            Values::Unknown => None,
        }
    }

    /// The number of values in (above, up_to], when the values are known.
    pub fn count_within(&self, above: Option<f64>, up_to: Option<f64>) -> Option<f64> {
        let inside = |v: f64| above.is_none_or(|low| v > low) && up_to.is_none_or(|high| v <= high);
        match &self.values {
            Values::Uniform => Some(if inside(self.min) { self.count } else { 0.0 }),
            Values::Weighted(values) => {
                Some(values.iter().filter(|(value, _)| inside(*value)).map(|(_, weight)| weight).sum())
            }
            Values::Unknown => None,
        }
    }

    /// Adds another sample of the same period. Without `keep_values` only the statistic set is kept.
    pub fn merge(&mut self, other: &Sample, keep_values: bool) {
        if keep_values {
            self.merge_values(other);
        } else if !(matches!(self.values, Values::Uniform)
            && matches!(other.values, Values::Uniform)
            && self.min == other.min)
        {
            self.values = Values::Unknown;
        }
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }

    fn merge_values(&mut self, other: &Sample) {
        if matches!(self.values, Values::Uniform) && matches!(other.values, Values::Uniform) && self.min == other.min {
            return;
        }
        let (Some(mine), Some(theirs)) = (self.distribution(), other.distribution()) else {
            self.values = Values::Unknown;
            return;
        };
        let mut merged = mine.into_owned();
        merged.extend_from_slice(&theirs);
        normalise(&mut merged);
        self.values = Values::Weighted(merged);
    }
}

/// Sorts by value and joins equal values, so that a long period stays as small as its value range.
fn normalise(values: &mut Vec<(f64, f64)>) {
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    values.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_equals_recording_at_once() {
        let mut left = Sample::values(&[(3.0, 2.0), (1.0, 1.0)]).unwrap();
        left.merge(&Sample::values(&[(3.0, 1.0), (9.0, 4.0)]).unwrap(), true);
        let whole = Sample::values(&[(1.0, 1.0), (3.0, 3.0), (9.0, 4.0)]).unwrap();
        assert_eq!(left, whole);
    }

    #[test]
    fn what_cloudwatch_refuses_is_refused() {
        assert_eq!(Sample::value(f64::NAN), Err(SampleError::Value));
        assert_eq!(Sample::value(f64::INFINITY), Err(SampleError::Value));
        assert_eq!(Sample::value(1e200), Err(SampleError::Value));
        assert_eq!(Sample::values(&[]), Err(SampleError::Count));
        assert_eq!(Sample::values(&[(1.0, 0.0)]), Err(SampleError::Count));
        assert_eq!(Sample::statistics(2.0, 3.0, 2.0, 1.0), Err(SampleError::Order));
    }
}
