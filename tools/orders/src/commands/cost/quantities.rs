//! How much there is of what a month's bill is made of, and where each number is from.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use serde::Serialize;
use serde_json::Value;
use suite::{PriceList, Suite};

/// Written by `make bench`.
const BENCHMARK: &str = "docs/benchmark.json";

/// Where a number is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) enum Source {
    /// By the benchmark, or in an environment.
    Measured,
    /// Nobody has measured it: prices.json says why it may be so.
    Assumed,
}

/// One of them.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Quantity {
    pub(super) value: f64,
    pub(super) source: Source,
    /// By what, and when; of an assumption, why.
    pub(super) by: String,
}

/// By the name that formulas use.
pub(super) type Quantities = BTreeMap<String, Quantity>;

/// As prices.json has them, but for those that the benchmark has measured.
pub(super) fn read(suite: &Suite, prices: &PriceList) -> Result<Quantities> {
    let benchmark = benchmark(suite.folder())?;
    let told = |place: &str| benchmark.as_ref()?.pointer(place)?.as_f64();
    let by = benchmark.as_ref().map(|benchmark| {
        let text = |name: &str| benchmark[name].as_str().unwrap_or("?");
        format!("{BENCHMARK} of {}, commit {}", text("date"), text("commit"))
    });
    Ok(prices
        .quantities
        .iter()
        .map(|(name, quantity)| {
            let measured = quantity.measured.as_deref().and_then(told).zip(by.clone());
            let quantity = match measured {
                Some((value, by)) => Quantity { value, source: Source::Measured, by },
                None => Quantity { value: quantity.value, source: Source::Assumed, by: quantity.why.clone() },
            };
            (name.clone(), quantity)
        })
        .collect())
}

/// What `make bench` has left, if it ever ran.
fn benchmark(project: &Path) -> Result<Option<Value>> {
    let path = project.join(BENCHMARK);
    if !path.is_file() {
        return Ok(None);
    }
    let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    serde_json::from_str(&text).map(Some).with_context(|| format!("can't read {}", path.display()))
}
