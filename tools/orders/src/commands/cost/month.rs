//! A month's bill: prices by quantities, at a rate of orders, with full and with lean observability.

use std::collections::BTreeMap;

use alarms::model::Observability;
use alarms_cli::{lint, sources};
use anyhow::{Context as _, Result};
use serde::Serialize;
use suite::{Names, PriceList, Settings, Suite, VIEWER};

use super::{formula, quantities::Quantities, rate::Rate};

const SECONDS_PER_DAY: f64 = 86_400.0;
/// Prices of compute, by architecture.
const LAMBDA: &str = "lambda_gb_second";
const LAMBDA_ON_ARM64: &str = "lambda_gb_second_arm64";

/// What an environment of one kind has, whatever its traffic.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kind {
    pub(super) observability: &'static str,
    pub(super) custom_metrics: f64,
    pub(super) alarm_metrics: usize,
    pub(super) high_resolution_alarm_metrics: usize,
    pub(super) composite_alarms: usize,
    pub(super) billed_dashboards: f64,
}

/// Of one kind of environment at one rate.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Bill {
    pub(super) orders_per_day: f64,
    pub(super) observability: &'static str,
    pub(super) lines: Vec<Line>,
    pub(super) together: f64,
    /// The same with the functions on arm64.
    pub(super) together_on_arm64: f64,
    /// Of it, what is paid to see what goes on.
    pub(super) telemetry: f64,
    pub(super) per_million_orders: f64,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Line {
    pub(super) service: String,
    pub(super) usd: f64,
    pub(super) telemetry: bool,
}

/// Both kinds, full first.
pub(super) fn kinds(suite: &Suite, prices: &PriceList, quantities: &Quantities) -> Result<[Kind; 2]> {
    let names = Names::new("order-processing", "prod", &prices.region);
    let text = names.placeholders().fill(&suite.alarms()?)?;
    let catalogue =
        sources::catalogue::read(&text, Some(&names.prefix())).context("can't read terraform/alarms.yaml")?;
    let list = lint::Prices::read(lint::Prices::BUILT_IN).context("can't read terraform/prices.json")?;
    let dashboards = suite.dashboards(&names)?.len() as f64;
    let optional = optional_metrics(&suite.settings) as f64;
    let quantity = |name: &str| quantities.get(name).map(|quantity| quantity.value);
    let custom = quantity("custom_metrics").context("prices.json has no custom_metrics")?;
    let free = quantity("free_dashboards").context("prices.json has no free_dashboards")?;
    let kind = |observability, custom_metrics, billed_dashboards| {
        let alarms = list.of(&catalogue.clone().at(observability));
        Kind {
            observability: if observability == Observability::Full { "full" } else { "lean" },
            custom_metrics,
            alarm_metrics: alarms.standard_metrics,
            high_resolution_alarm_metrics: alarms.high_resolution_metrics,
            composite_alarms: alarms.composites,
            billed_dashboards,
        }
    };
    Ok([
        kind(Observability::Full, custom, dashboards),
        kind(Observability::Lean, custom - optional, (dashboards - free).max(0.0)),
    ])
}

/// Metrics that functions write only where observability is full.
fn optional_metrics(settings: &Settings) -> usize {
    let lists = settings.functions.values().filter_map(|function| function.environment.get("OPTIONAL_METRICS"));
    lists.flat_map(|names| names.split(',')).filter(|name| !name.trim().is_empty()).count()
}

/// The sampling rule on evenly spread orders: the reservoir's share of each second, then the rate on the rest.
pub(super) fn traces_a_day(orders_a_day: f64, settings: &Settings) -> f64 {
    let a_second = orders_a_day / SECONDS_PER_DAY;
    let kept = a_second.min(f64::from(settings.tracing.sampling_reservoir_per_s));
    (kept + (a_second - kept) * settings.tracing.sampling_fixed_rate) * SECONDS_PER_DAY
}

pub(super) fn bill(
    suite: &Suite,
    prices: &PriceList,
    quantities: &Quantities,
    kind: &Kind,
    rate: Rate,
) -> Result<Bill> {
    let days = prices.days_per_month;
    let memory = |function: &str| anyhow::Ok(f64::from(suite.function(function)?.memory_mb));
    let counted = BTreeMap::from([
        ("orders", rate.a_day * days),
        ("traces", traces_a_day(rate.a_day, &suite.settings) * days),
        ("days_per_month", days),
        ("validator_memory_mb", memory("validator")?),
        ("processor_memory_mb", memory("processor")?),
        ("viewer_memory_mb", memory(VIEWER)?),
        ("log_retention_days", f64::from(suite.function("processor")?.log_retention_days)),
        ("custom_metrics", kind.custom_metrics),
        ("alarm_metrics", kind.alarm_metrics as f64),
        ("high_resolution_alarm_metrics", kind.high_resolution_alarm_metrics as f64),
        ("composite_alarms", kind.composite_alarms as f64),
        ("billed_dashboards", kind.billed_dashboards),
    ]);
    let names = |name: &str| {
        let counted = counted.get(name).copied();
        let price = || prices.prices.get(name).map(|price| price.usd);
        let quantity = || quantities.get(name).map(|quantity| quantity.value);
        counted.or_else(price).or_else(quantity)
    };
    let lines_by = |names: &dyn Fn(&str) -> Option<f64>| -> Result<Vec<Line>> {
        let line = |line: &suite::PriceLine| {
            let usd = formula::value(&line.formula, names)?;
            Ok(Line { service: line.service.clone(), usd, telemetry: line.telemetry })
        };
        prices.lines.iter().map(line).collect()
    };
    let sum = |lines: &mut dyn Iterator<Item = &Line>| lines.map(|line| line.usd).sum::<f64>();
    let lines = lines_by(&names)?;
    let on_arm64 = |name: &str| names(if name == LAMBDA { LAMBDA_ON_ARM64 } else { name });
    let together_on_arm64 = sum(&mut lines_by(&on_arm64)?.iter());
    let together = sum(&mut lines.iter());
    Ok(Bill {
        orders_per_day: rate.a_day,
        observability: kind.observability,
        telemetry: sum(&mut lines.iter().filter(|line| line.telemetry)),
        per_million_orders: together / (rate.a_day * days) * 1e6,
        together,
        together_on_arm64,
        lines,
    })
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::commands::cost::quantities;

    fn project() -> (Suite, PriceList, Quantities) {
        let suite = Suite::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")).unwrap();
        let prices = suite.prices().unwrap();
        let quantities = quantities::read(&suite, &prices).unwrap();
        (suite, prices, quantities)
    }

    #[test]
    fn the_reservoir_is_traced_whole_and_the_rest_at_the_rate() {
        let (mut suite, ..) = project();
        suite.settings.tracing.sampling_reservoir_per_s = 5;
        suite.settings.tracing.sampling_fixed_rate = 0.05;
        assert_eq!(traces_a_day(1000.0, &suite.settings), 1000.0);
        // 20 a second: 5, and a twentieth of 15.
        assert_eq!(traces_a_day(20.0 * SECONDS_PER_DAY, &suite.settings), 5.75 * SECONDS_PER_DAY);
    }

    #[test]
    fn lines_add_up_and_only_what_depends_on_orders_grows_with_them() {
        let (suite, prices, quantities) = project();
        let kinds = kinds(&suite, &prices, &quantities).unwrap();
        let bill = |kind, a_day| bill(&suite, &prices, &quantities, kind, Rate { a_day }).unwrap();
        let [few, many] = [1000.0, 1_000_000.0].map(|a_day| bill(&kinds[0], a_day));
        let of = |bill: &Bill, service: &str| bill.lines.iter().find(|line| line.service == service).unwrap().usd;
        // By hand: 30,000 requests at 3.50 USD a million.
        assert!((of(&few, "API Gateway") - 0.105).abs() < 1e-9);
        assert!((of(&many, "API Gateway") / of(&few, "API Gateway") - 1000.0).abs() < 1e-6);
        assert_eq!(of(&many, "CloudWatch alarms"), of(&few, "CloudWatch alarms"));
        assert!((few.lines.iter().map(|line| line.usd).sum::<f64>() - few.together).abs() < 1e-9);
        assert!(few.telemetry > 0.0 && few.telemetry < few.together);
        assert!((few.per_million_orders * 0.03 - few.together).abs() < 1e-9);
        assert!(bill(&kinds[1], 1000.0).together < few.together, "lean is cheaper");
    }
}
