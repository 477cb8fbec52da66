//! `terraform/prices.json`: what AWS asks for, and of what a month's bill is made.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All of it.
#[derive(Debug, Clone, Deserialize)]
pub struct PriceList {
    /// When the prices were read.
    pub as_of: String,
    /// Where they hold.
    pub region: String,
    /// What they are in.
    pub currency: String,
    /// What they leave out.
    pub note: String,
    /// Of a month.
    pub days_per_month: f64,
    /// The volumes that the documentation shows.
    pub orders_per_day: Vec<f64>,
    /// What a month may cost.
    pub goals: Goals,
    /// By the name that formulas use.
    pub prices: BTreeMap<String, UnitPrice>,
    /// By the name that formulas use.
    pub quantities: BTreeMap<String, Quantity>,
    /// The bill, line by line.
    pub lines: Vec<PriceLine>,
}

/// What a month may cost at most.
#[derive(Debug, Clone, Deserialize)]
pub struct Goals {
    /// At that volume.
    pub orders_per_day: f64,
    /// By observability: `full`, `lean`.
    pub usd: BTreeMap<String, f64>,
}

/// What one of something costs.
#[derive(Debug, Clone, Deserialize)]
pub struct UnitPrice {
    /// In US dollars.
    pub usd: f64,
    /// One of what.
    pub per: String,
}

/// How much there is of something; what settings, alarms and dashboards say themselves is not here.
#[derive(Debug, Clone, Deserialize)]
pub struct Quantity {
    /// Until it is measured.
    pub value: f64,
    /// Where `docs/benchmark.json` has it, as a JSON pointer; an assumption has no such place.
    pub measured: Option<String>,
    /// What it is, and where the value is from.
    pub why: String,
}

/// A line of the bill.
#[derive(Debug, Clone, Deserialize)]
pub struct PriceLine {
    /// Of which service.
    pub service: String,
    /// Sums and products of prices, quantities and settings, in metric math's notation.
    pub formula: String,
    /// Whether it is paid to see what goes on.
    #[serde(default)]
    pub telemetry: bool,
}
