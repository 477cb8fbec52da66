use std::path::PathBuf;

use alarms_cli::lint::{Price, Prices};
use anyhow::Context as _;
use clap::Args;
use cli::{output, text::count};

use super::{Source, input};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms cost                                    USD a month\n\
    \x20 alarms cost plan.json --json                   what it is made of")]
pub(super) struct Cost {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    prices: PriceList,
    /// Print the counts and the price as JSON
    #[arg(long)]
    json: bool,
}

/// The prices to reckon with.
#[derive(Debug, Args)]
pub(super) struct PriceList {
    /// Other unit prices than those that are built in, in the form of terraform/prices.json
    #[arg(long, value_name = "FILE")]
    prices: Option<PathBuf>,
}

impl PriceList {
    pub(super) fn read(&self) -> anyhow::Result<Prices> {
        match &self.prices {
            None => Ok(Prices::read(Prices::BUILT_IN)?),
            Some(file) => Prices::read(&input::read_text(file)?).with_context(|| file.display().to_string()),
        }
    }
}

impl Cost {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let prices = self.prices.read()?;
        let price = prices.of_groups(&self.source.read()?.found.groups);
        if self.json {
            output::line(serde_json::json!({ "price": price, "prices": prices }))?;
        } else {
            output::line(words(&price, &prices))?;
        }
        Ok(true)
    }
}

/// One line of it.
pub(super) fn words(price: &Price, prices: &Prices) -> String {
    format!(
        "{:.2} USD a month: {} in alarms, {} of high resolution, {} ({}, {})",
        price.usd_a_month,
        count(price.standard_metrics, "metric"),
        price.high_resolution_metrics,
        count(price.composites, "composite"),
        prices.region,
        prices.as_of,
    )
}
