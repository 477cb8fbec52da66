//! What is measured, as numbers that are kept.

use serde::{Deserialize, Serialize};

/// A median with its quartiles.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) low: f64,
    pub(crate) high: f64,
    /// Samples.
    pub(crate) n: usize,
}

impl Spread {
    /// Of samples; none without any.
    pub(crate) fn of(samples: &[f64]) -> Option<Self> {
        let mut sorted = samples.to_vec();
        sorted.sort_by(f64::total_cmp);
        Some(Self {
            median: rounded(quantile(&sorted, 0.5)?),
            low: rounded(quantile(&sorted, 0.25)?),
            high: rounded(quantile(&sorted, 0.75)?),
            n: sorted.len(),
        })
    }
}

/// Between the two nearest samples in proportion, as most tools do.
pub(crate) fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = share * last as f64;
    let (below, part) = (place.floor(), place.fract());
    let at = |place: f64| sorted.get(place as usize).copied();
    Some(at(below)? + (at((below + 1.0).min(last as f64))? - at(below)?) * part)
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}

/// Times in microseconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Times {
    pub(crate) cpu_us: Spread,
    pub(crate) wall_us: Spread,
}

/// Of one contestant.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Figures {
    pub(crate) id: String,
    pub(crate) title: String,
    /// From exec to the first request for an event.
    pub(crate) start: Times,
    /// The first invocation, AWS spoken to by HTTP.
    pub(crate) first: Times,
    /// The first invocation, AWS spoken to by TLS.
    pub(crate) first_https: Times,
    /// Processor time of an invocation once warm, its trace sampled, and until the next event is asked for.
    pub(crate) warm: Times,
    /// The same, its trace not sampled.
    pub(crate) warm_unsampled: Times,
    /// Until the answer is there, once warm.
    pub(crate) answered_us: Spread,
    pub(crate) answered_p99_us: f64,
    pub(crate) peak_kb: f64,
    pub(crate) zip_bytes: u64,
    /// Of an invocation.
    pub(crate) log_bytes: f64,
    pub(crate) log_bytes_unsampled: f64,
    pub(crate) datagrams: f64,
    /// Of an invocation, as callgrind counts them; where there is callgrind, for machine programs.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) instructions: Option<u64>,
}

/// How much was measured.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(crate) struct Extent {
    /// Each has every contestant once, in turn.
    pub(crate) rounds: usize,
    /// Starts with one invocation by TLS, in a round.
    pub(crate) starts: usize,
    /// Invocations of a warm process, in a round; as many again unsampled.
    pub(crate) invocations: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_median_lies_in_the_middle_and_quartiles_a_quarter_away() {
        let spread = Spread::of(&[5.0, 1.0, 4.0, 2.0, 3.0]).unwrap();
        assert_eq!((spread.low, spread.median, spread.high, spread.n), (2.0, 3.0, 4.0, 5));
        let between = Spread::of(&[1.0, 2.0]).unwrap();
        assert_eq!((between.low, between.median, between.high), (1.3, 1.5, 1.8));
    }

    #[test]
    fn no_samples_have_no_median() {
        assert_eq!(Spread::of(&[]), None);
        assert_eq!(quantile(&[], 0.5), None);
    }

    #[test]
    fn the_highest_quantile_is_the_highest_sample() {
        assert_eq!(quantile(&[1.0, 2.0, 9.0], 1.0), Some(9.0));
    }
}
