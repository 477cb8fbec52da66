//! Where an order's time goes: each layer is what a contestant with it takes more than one without.

use super::{number, time};
use crate::figures::{Figures, Results};

/// None where a contestant was left out.
pub(crate) fn layers(results: &Results) -> Option<String> {
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
    let mut out = String::from("| layer | CPU | instructions |\n| --- | ---: | ---: |\n");
    for (what, us, instructions) in rows {
        let instructions = instructions.map_or_else(|| "-".to_owned(), number);
        out.push_str(&format!("| {what} | {} | {instructions} |\n", time(us)));
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::read_json;

    #[test]
    fn there_are_layers_unless_a_contestant_was_left_out() {
        let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/benchmark.json");
        let mut results: Results = read_json(written.as_ref()).unwrap();
        let table = layers(&results).unwrap();
        assert_eq!(table.lines().count(), 7, "{table}");
        results.contestants.retain(|figures| figures.id != "rust-sdk");
        assert_eq!(layers(&results), None);
    }
}
