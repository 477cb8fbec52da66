use aws_wire::{ApiError, Output, Page, read};
use serde::Deserialize;
use serde_json::Value;

use super::{dimension, error::invalid};
use crate::{metric::EpochSeconds, store::Store};

const PAGE: usize = 500;
/// `RecentlyActive=PT3H`, and how long CloudWatch lists a metric that gets no data.
const RECENTLY_S: i64 = 3 * 3_600;
const LISTED_S: i64 = 14 * 86_400;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Input {
    namespace: Option<String>,
    metric_name: Option<String>,
    #[serde(default)]
    dimensions: Vec<Filter>,
    recently_active: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Filter {
    name: String,
    value: Option<String>,
}

pub(super) fn run(store: &Store, value: &Value, now: EpochSeconds) -> Result<Output, ApiError> {
    let input: Input = read(value)?;
    let since = now
        - match input.recently_active.as_deref() {
            None => LISTED_S,
            Some("PT3H") => RECENTLY_S,
            Some(other) => return Err(invalid(format!("RecentlyActive takes PT3H, not {other}"))),
        };
    let found: Vec<_> = store
        .metrics()
        .filter(|(_, newest)| *newest >= since)
        .map(|(key, _)| key)
        .filter(|key| input.namespace.as_ref().is_none_or(|namespace| *namespace == key.namespace))
        .filter(|key| input.metric_name.as_ref().is_none_or(|name| *name == key.name))
        .filter(|key| {
            input.dimensions.iter().all(|filter| {
                let value = key.dimensions.get(&filter.name);
                value.is_some_and(|value| filter.value.as_ref().is_none_or(|wanted| wanted == value))
            })
        })
        .collect();
    let page = Page::of(&found, input.next_token.as_deref(), PAGE)?;
    let metrics = page.items.iter().map(|key| {
        Output::Map(vec![
            ("Namespace", Output::Text(key.namespace.clone())),
            ("MetricName", Output::Text(key.name.clone())),
            ("Dimensions", dimension::output(&key.dimensions)),
        ])
    });
    let mut members = vec![("Metrics", Output::List(metrics.collect()))];
    members.extend(page.token());
    Ok(Output::Map(members))
}
