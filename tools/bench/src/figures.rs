//! What is measured, as numbers that are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::machine::Machine;

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
    /// Of the first invocation, AWS spoken to by TLS.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) first_instructions: Option<u64>,
}

impl Figures {
    /// Of invocations with records, not with one order.
    pub(crate) fn is_batch(&self) -> bool {
        self.id.ends_with("-1") || self.id.ends_with("-10")
    }
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

/// Somebody who could not take part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LeftOut {
    pub(crate) id: String,
    pub(crate) why: String,
}

/// What one invocation of that fate writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FateFigures {
    pub(crate) function: String,
    pub(crate) fate: String,
    pub(crate) sampled: bool,
    pub(crate) log_bytes: u64,
    pub(crate) log_lines: usize,
    pub(crate) datagrams: u64,
    pub(crate) datagram_bytes: u64,
    /// Traces that X-Ray records of it, and bills: the order's own, and that of the batch it came in.
    #[serde(default)]
    pub(crate) traces: usize,
    /// Calls to AWS.
    pub(crate) calls: u64,
}

/// What the cost table takes from the benchmark instead of assuming it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Cost {
    /// Processor time of an accepted order in the validator.
    pub(crate) validator_cpu_ms: f64,
    /// Processor time of a batch of one record.
    pub(crate) processor_cpu_ms: f64,
    /// On the share of a core that the function's memory buys (1,769 MB buy one), without what SQS takes to answer.
    pub(crate) validator_ms: f64,
    /// The same of the processor, without what DynamoDB takes to answer.
    pub(crate) processor_ms: f64,
    /// Both functions' own lines for an order that is stored, its trace not sampled.
    pub(crate) log_kb_per_order: f64,
    /// The same, its trace sampled.
    pub(crate) log_kb_per_sampled_order: f64,
    /// Both functions' own lines, by what becomes of an order.
    pub(crate) log_bytes_per_order: BTreeMap<String, Bytes>,
    /// Traces that X-Ray records, and bills, of an order whose trace is sampled.
    pub(crate) traces_per_sampled_order: usize,
    /// Names and dimension values that all fates together write.
    pub(crate) custom_metrics: usize,
}

/// Of log lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Bytes {
    pub(crate) unsampled: u64,
    pub(crate) sampled: u64,
}

/// All that `bench run` finds.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Results {
    pub(crate) date: String,
    pub(crate) commit: String,
    pub(crate) machine: Machine,
    pub(crate) extent: Extent,
    pub(crate) contestants: Vec<Figures>,
    /// Processor time of each further record of a batch.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) further_record_us: Option<Spread>,
    /// The same of the floor that only stores it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) further_put_us: Option<Spread>,
    pub(crate) left_out: Vec<LeftOut>,
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub(crate) fates: Vec<FateFigures>,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub(crate) cost: Option<Cost>,
}

impl Results {
    pub(crate) fn of(&self, id: &str) -> Option<&Figures> {
        self.contestants.iter().find(|figures| figures.id == id)
    }
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
