//! Where time goes: each layer is what a contestant with it takes more than one without.

use super::{number, time};
use crate::figures::{Figures, Results};

/// Of an order in the validator. None where a contestant was left out.
pub(crate) fn order(results: &Results) -> Option<String> {
    let (runtime, sdk, validator) = (results.of("rust-runtime")?, results.of("rust-sdk")?, results.of("validator")?);
    let cpu = |figures: &Figures| figures.warm.cpu_us.median;
    let unsampled = validator.warm_unsampled.cpu_us.median;
    let instructions = |figures: &Figures| figures.instructions.map(|count| count as f64);
    let between = |more: &Figures, less: &Figures| Some(instructions(more)? - instructions(less)?);
    let rows = [
        ("Lambda's runtime client, kernel", cpu(runtime), instructions(runtime)),
        ("SendMessage by the SDK", cpu(sdk) - cpu(runtime), between(sdk, runtime)),
        ("the order read, checked and encoded; the unit's line with its metrics", unsampled - cpu(sdk), None),
        ("the trace and its steps' lines, where it is sampled", cpu(validator) - unsampled, None),
        ("telemetry and domain together", cpu(validator) - cpu(sdk), between(validator, sdk)),
    ];
    Some(table(&rows))
}

/// Of a further record of a batch in the processor.
pub(crate) fn record(results: &Results) -> Option<String> {
    let (all, put) = (results.further_record_us?.median, results.further_put_us?.median);
    let instructions = |name: &str| {
        let of = |count: usize| Some(results.of(&format!("{name}-{count}"))?.instructions? as f64);
        Some((of(10)? - of(1)?) / 9.0)
    };
    let (all_of, put_of) = (instructions("processor"), instructions("rust-put"));
    Some(table(&[
        ("the record's share of the event, its message as JSON, PutItem by the SDK", put, put_of),
        ("telemetry and domain together", all - put, all_of.zip(put_of).map(|(all, put)| all - put)),
        ("a further record", all, all_of),
    ]))
}

fn table(rows: &[(&str, f64, Option<f64>)]) -> String {
    let mut out = String::from("| layer | CPU | instructions |\n| --- | ---: | ---: |\n");
    for (what, us, instructions) in rows {
        let instructions = instructions.map_or_else(|| "-".to_owned(), number);
        out.push_str(&format!("| {what} | {} | {instructions} |\n", time(*us)));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::read_json;

    #[test]
    fn there_are_layers_unless_a_contestant_was_left_out() {
        let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/benchmark.json");
        let mut results: Results = read_json(written.as_ref()).unwrap();
        for (table, lines) in [(order(&results).unwrap(), 7), (record(&results).unwrap(), 5)] {
            assert_eq!(table.lines().count(), lines, "{table}");
        }
        results.contestants.retain(|figures| figures.id != "rust-sdk");
        assert_eq!(order(&results), None);
        results.further_put_us = None;
        assert_eq!(record(&results), None);
    }
}
