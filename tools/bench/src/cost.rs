//! What the cost table takes from the benchmark instead of assuming it.

use serde::{Deserialize, Serialize};

use crate::{
    fates::{FateFigures, Left},
    figures::Figures,
};

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
    /// Names and dimension values that all fates together write.
    pub(crate) custom_metrics: usize,
}

/// Lambda gives one core for that much memory.
const MB_PER_CORE: f64 = 1769.0;

impl Cost {
    pub(crate) fn of(
        (validator, validator_mb): (&Figures, u64),
        (processor, processor_mb): (&Figures, u64),
        left: &Left,
    ) -> Option<Self> {
        let cpu = |figures: &Figures| figures.warm.cpu_us.median / 1000.0;
        let billed = |figures: &Figures, mb: u64| round(cpu(figures) * (MB_PER_CORE / mb as f64).max(1.0), 2);
        let log = |sampled| {
            let bytes = bytes(&left.figures, "accepted", sampled)? + bytes(&left.figures, "stored", sampled)?;
            Some(round(bytes as f64 / 1024.0, 2))
        };
        Some(Self {
            validator_cpu_ms: round(cpu(validator), 3),
            processor_cpu_ms: round(cpu(processor), 3),
            validator_ms: billed(validator, validator_mb),
            processor_ms: billed(processor, processor_mb),
            log_kb_per_order: log(false)?,
            log_kb_per_sampled_order: log(true)?,
            custom_metrics: left.metrics.len(),
        })
    }
}

fn bytes(fates: &[FateFigures], fate: &str, sampled: bool) -> Option<u64> {
    fates.iter().find(|figures| figures.fate == fate && figures.sampled == sampled).map(|figures| figures.log_bytes)
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}
