//! `orders cost`: what a month costs, out of what was measured and what AWS asks for.
//!
//! The one place where a month is reckoned: `scripts/terraform-tables` takes its table from here.

mod formula;
mod measured;
mod month;
mod quantities;
mod rate;

use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::Args;
use cli::{output, progress::Waiting, table::Table, text, time};
use jiff::SignedDuration;
use serde::Serialize;
use suite::{PriceList, Suite};

use self::{
    month::{Bill, Kind, Line},
    quantities::{Quantities, Source},
    rate::Rate,
};
use crate::environment::{self, Environment};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders cost --orders 1000/day                    with full and with lean observability\n  \
    orders cost --orders 40/hour --orders 3e6/month  at two rates\n  \
    orders --env local cost --orders 1000/day        with what the local stack has measured itself\n\n\
    Without an environment bytes, durations and metrics are those of docs/benchmark.json, which `make bench` writes. With one, \
    they are its own, as far as it has measured them. What nobody has measured is told as assumed, with its reason; prices are \
    those of terraform/prices.json. Telemetry is logs, metrics, alarms, dashboards and traces; the processor time that writing \
    them takes is in Lambda's line.\n\
    Exit codes: 0 told, 2 the command could not run")]
pub(crate) struct CostArgs {
    /// How many orders: 1000/day, 40/hour, 1e6/month
    #[arg(long, value_name = "N/TIME", value_parser = rate::parse, default_value = "1000/day")]
    orders: Vec<Rate>,
    /// Of an environment: how far back its metrics and log lines are read
    #[arg(long, default_value = "1d", value_parser = time::since)]
    since: SignedDuration,
}

/// `--json`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Cost<'a> {
    currency: &'a str,
    region: &'a str,
    prices_as_of: &'a str,
    days_per_month: f64,
    kinds: &'a [Kind],
    bills: &'a [Bill],
    quantities: &'a Quantities,
}

/// Without an environment, or with what one has measured.
pub(crate) async fn run(environment: Option<&Environment>, args: &CostArgs, json: bool) -> Result<ExitCode> {
    let project = environment::project();
    let suite = Suite::read(environment.map_or(project.as_path(), Environment::project))?;
    let prices = suite.prices()?;
    let mut quantities = quantities::read(&suite, &prices)?;
    if let Some(environment) = environment {
        let _waiting = Waiting::begin("the environment's metrics and log lines");
        measured::read(environment, args.since, &mut quantities).await?;
    }
    let kinds = month::kinds(&suite, &prices, &quantities)?;
    let bills: Vec<Bill> = args
        .orders
        .iter()
        .flat_map(|rate| kinds.iter().map(|kind| month::bill(&suite, &prices, &quantities, kind, *rate)))
        .collect::<Result<_>>()?;
    if json {
        let PriceList { currency, region, as_of: prices_as_of, days_per_month, .. } = &prices;
        let days_per_month = *days_per_month;
        let (kinds, bills, quantities) = (&kinds[..], &bills[..], &quantities);
        output::json(&Cost { currency, region, prices_as_of, days_per_month, kinds, bills, quantities })?;
    } else {
        output::text(page(&prices, &bills, &quantities)?)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn page(prices: &PriceList, bills: &[Bill], quantities: &Quantities) -> Result<String> {
    let first = bills.first().context("no rate of orders")?;
    let numbers = 1..=bills.len();
    let rates: Vec<String> = bills.iter().map(|bill| format!("{}/day", thousands(bill.orders_per_day))).collect();
    let mut table = Table::new(["ORDERS"].into_iter().chain(rates.iter().map(String::as_str))).right(numbers.clone());
    let mut row = |name: &str, cell: &dyn Fn(&Bill) -> String| {
        table.row([name.to_owned()].into_iter().chain(bills.iter().map(cell)));
    };
    row("OBSERVABILITY", &|bill| bill.observability.to_owned());
    for (place, line) in first.lines.iter().enumerate() {
        row(&line.service, &|bill| money(bill.lines.get(place).map_or(0.0, |line: &Line| line.usd)));
    }
    row("TOGETHER", &|bill| money(bill.together));
    row("on arm64", &|bill| money(bill.together_on_arm64));
    row("of it telemetry", &|bill| money(bill.telemetry));
    row("  share", &|bill| format!("{:.0} %", bill.telemetry / bill.together * 100.0));
    row("per million orders", &|bill| money(bill.per_million_orders));
    let mut sources = Table::new(["QUANTITY", "VALUE", "FROM"]).right([1]).wrap(2, width());
    for source in [Source::Measured, Source::Assumed] {
        for (name, quantity) in quantities.iter().filter(|(_, quantity)| quantity.source == source) {
            let word = if source == Source::Measured { "measured" } else { "assumed" };
            sources.row([name.clone(), short(quantity.value), format!("{word}: {}", quantity.by)]);
        }
    }
    Ok(format!(
        "{} a month ({} days) in {}, prices of {}.\n{}\n\n{}\n{}",
        prices.currency,
        prices.days_per_month,
        prices.region,
        prices.as_of,
        prices.note,
        table.render(),
        sources.render()
    ))
}

/// Of a terminal; where there is none, as wide as most.
fn width() -> usize {
    text::terminal_width().unwrap_or(100)
}

fn money(usd: f64) -> String {
    let text = format!("{usd:.2}");
    let (whole, cents) = text.split_once('.').unwrap_or((&text, "00"));
    format!("{}.{cents}", grouped(whole))
}

/// A whole number, or with two decimals.
fn thousands(value: f64) -> String {
    if value.fract() == 0.0 { grouped(&format!("{value:.0}")) } else { money(value) }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Up to two decimals.
fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    let text = text.trim_end_matches('0').trim_end_matches('.');
    match text.split_once('.') {
        Some((whole, decimals)) => format!("{}.{decimals}", grouped(whole)),
        None => grouped(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_written_as_people_read_them() {
        assert_eq!([money(0.105), money(1_234_567.891), money(12.0)], ["0.10", "1,234,567.89", "12.00"]);
        assert_eq!([thousands(1000.0), thousands(33.333)], ["1,000", "33.33"]);
        assert_eq!([short(650_000.0), short(1.5), short(2.0)], ["650,000", "1.5", "2"]);
    }
}
