//! What the cost table takes from the benchmark instead of assuming it.

use std::collections::BTreeMap;

use crate::{
    fates::Left,
    figures::{Bytes, Cost, FateFigures, Figures},
};

/// What can become of an order, as the fates of the invocations it takes.
const ORDERS: [(&str, &[&str]); 5] = [
    ("stored", &["accepted", "stored"]),
    ("refused", &["refused: a field"]),
    ("duplicate", &["accepted", "a duplicate"]),
    ("dead-lettered", &["accepted", "dead-lettered: another order's id"]),
    ("not accepted", &["not accepted: throttled"]),
];

/// Lambda gives one core for that much memory.
const MB_PER_CORE: f64 = 1769.0;

/// From both functions' figures and memory, and from what the fates leave.
pub(crate) fn of(
    (validator, validator_mb): (&Figures, u64),
    (processor, processor_mb): (&Figures, u64),
    left: &Left,
) -> Option<Cost> {
    let cpu = |figures: &Figures| figures.warm.cpu_us.median / 1000.0;
    let billed = |figures: &Figures, mb: u64| round(cpu(figures) * (MB_PER_CORE / mb as f64).max(1.0), 2);
    let bytes = |fates: &[&str], sampled| sum(&left.figures, fates, sampled, |fate| fate.log_bytes);
    let log_bytes_per_order: Option<BTreeMap<String, Bytes>> = ORDERS
        .iter()
        .map(|(order, fates)| {
            let bytes = Bytes { unsampled: bytes(fates, false)?, sampled: bytes(fates, true)? };
            Some(((*order).to_owned(), bytes))
        })
        .collect();
    let stored = ORDERS[0].1;
    let kb = |sampled| Some(round(bytes(stored, sampled)? as f64 / 1024.0, 2));
    // The validator's trace goes on in the processor, which counts it again, beside that of its batch.
    let traces = sum(&left.figures, &["stored"], true, |fate| fate.traces as u64)?;
    Some(Cost {
        validator_cpu_ms: round(cpu(validator), 3),
        processor_cpu_ms: round(cpu(processor), 3),
        validator_ms: billed(validator, validator_mb),
        processor_ms: billed(processor, processor_mb),
        log_kb_per_order: kb(false)?,
        log_kb_per_sampled_order: kb(true)?,
        log_bytes_per_order: log_bytes_per_order?,
        traces_per_sampled_order: usize::try_from(traces).ok()?,
        custom_metrics: left.metrics.len(),
    })
}

/// Over the invocations of those fates.
fn sum(figures: &[FateFigures], fates: &[&str], sampled: bool, of: impl Fn(&FateFigures) -> u64) -> Option<u64> {
    let one = |fate: &&str| figures.iter().find(|figures| figures.fate == **fate && figures.sampled == sampled);
    fates.iter().map(|fate| one(fate).map(&of)).sum()
}

fn round(value: f64, digits: i32) -> f64 {
    let scale = 10_f64.powi(digits);
    (value * scale).round() / scale
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figures(fate: &str, sampled: bool, log_bytes: u64) -> FateFigures {
        FateFigures {
            function: "validator".into(),
            fate: fate.into(),
            sampled,
            log_bytes,
            log_lines: 1,
            datagrams: 1,
            datagram_bytes: 1,
            traces: 1,
            calls: 1,
        }
    }

    #[test]
    fn an_order_costs_what_its_invocations_cost_together() {
        let all = [figures("accepted", false, 1000), figures("stored", false, 1100), figures("stored", true, 2000)];
        assert_eq!(sum(&all, &["accepted", "stored"], false, |fate| fate.log_bytes), Some(2100));
        assert_eq!(sum(&all, &["accepted", "stored"], true, |fate| fate.log_bytes), None, "one was not measured");
    }
}
