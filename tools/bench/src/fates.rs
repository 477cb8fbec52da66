//! What an order leaves behind, by its fate: log lines, datagrams, metrics. It is the same on every machine.

use std::{collections::BTreeSet, time::Duration};

use anyhow::Result;
use hyper::body::Bytes;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    contestants::Contestant,
    events,
    function::Function,
    messages::Messages,
    stub::aws::{Fault, Sent},
    surroundings::{Surroundings, Transport},
};

/// What one invocation of that fate writes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct FateFigures {
    pub(crate) function: String,
    pub(crate) fate: String,
    pub(crate) sampled: bool,
    pub(crate) log_bytes: u64,
    pub(crate) log_lines: usize,
    pub(crate) datagrams: u64,
    pub(crate) datagram_bytes: u64,
    /// Calls to AWS.
    pub(crate) calls: u64,
}

/// An order's way through a function.
#[derive(Debug)]
pub(crate) struct Fate {
    pub(crate) name: &'static str,
    sampled: Bytes,
    unsampled: Bytes,
    /// What AWS answers instead of success, call by call.
    pub(crate) faults: &'static [Fault],
}

impl Fate {
    fn of_request(name: &'static str, body: &str, faults: &'static [Fault]) -> Result<Self> {
        let event = events::request(body)?;
        Ok(Self { name, sampled: event.clone(), unsampled: event, faults })
    }

    fn of_key(name: &'static str, body: &str) -> Result<Self> {
        let event = events::request_with_key(body)?;
        Ok(Self { name, sampled: event.clone(), unsampled: event, faults: &[] })
    }

    fn of_batch(
        name: &'static str,
        messages: &Messages,
        made: impl Fn(&Sent) -> Result<Bytes>,
        faults: &'static [Fault],
    ) -> Result<Self> {
        Ok(Self { name, sampled: made(messages.of(true))?, unsampled: made(messages.of(false))?, faults })
    }

    pub(crate) fn event(&self, sampled: bool) -> Bytes {
        if sampled { self.sampled.clone() } else { self.unsampled.clone() }
    }
}

/// The validator's.
pub(crate) fn of_validator() -> Result<Vec<Fate>> {
    let (order, invalid) = (events::order()?, events::invalid_order()?);
    Ok(vec![
        Fate::of_request("accepted", &order, &[])?,
        Fate::of_key("accepted, with a key", &order)?,
        Fate::of_request("refused: a field", &invalid, &[])?,
        Fate::of_request("refused: not JSON", "{\"customerName\":", &[])?,
        Fate::of_request("accepted at the second try", &order, &[Fault::Throttled])?,
        Fate::of_request("not accepted: throttled", &order, &[Fault::Throttled; 3])?,
    ])
}

/// The processor's, of messages that the validator has sent.
pub(crate) fn of_processor(messages: &Messages) -> Result<Vec<Fate>> {
    let one = |sent: &Sent| events::batch(sent, 1);
    Ok(vec![
        Fate::of_batch("stored", messages, one, &[])?,
        Fate::of_batch("ten stored", messages, |sent| events::batch(sent, 10), &[])?,
        Fate::of_batch("a duplicate", messages, one, &[Fault::Exists])?,
        Fate::of_batch("dead-lettered: unreadable", messages, |sent| events::batch(&events::unreadable(sent), 1), &[])?,
        Fate::of_batch("dead-lettered: another order's id", messages, one, &[Fault::Conflicts])?,
        Fate::of_batch("stored at the second try", messages, one, &[Fault::Throttled])?,
        Fate::of_batch("back to the queue: throttled", messages, one, &[Fault::Throttled; 3])?,
    ])
}

/// Everything that is written, and the custom metrics it makes.
#[derive(Debug, Default)]
pub(crate) struct Left {
    pub(crate) figures: Vec<FateFigures>,
    /// The lines themselves, fate by fate.
    pub(crate) lines: Vec<String>,
    /// Namespace, name and dimensions: what CloudWatch bills.
    pub(crate) metrics: BTreeSet<String>,
}

/// Sends each fate through both functions, sampled and not.
pub(crate) async fn measure(validator: &Contestant, processor: &Contestant, around: &Surroundings) -> Result<Left> {
    let mut left = Left::default();
    pass(validator, &of_validator()?, around, &mut left).await?;
    let messages = Messages::made_by(validator, around).await?;
    pass(processor, &of_processor(&messages)?, around, &mut left).await?;
    Ok(left)
}

async fn pass(contestant: &Contestant, fates: &[Fate], around: &Surroundings, left: &mut Left) -> Result<()> {
    let mut function = Function::start(contestant, around, Transport::Http).await?;
    // Its first invocation says more than the others.
    if let Some(first) = fates.first() {
        function.invoke(first.event(true), true).await?;
    }
    for fate in fates {
        for sampled in [true, false] {
            let (log, datagrams, calls) = (function.log_bytes(), around.xray.counts(), around.aws.calls());
            around.aws.expect(fate.faults);
            function.invoke(fate.event(sampled), sampled).await?;
            around.aws.expect(&[]);
            tokio::time::sleep(Duration::from_millis(20)).await;
            let after = around.xray.counts();
            let lines = function.log_since(log)?;
            left.metrics.extend(lines.lines().flat_map(metrics));
            left.figures.push(FateFigures {
                function: contestant.function_name().rsplit('-').next().unwrap_or_default().to_owned(),
                fate: fate.name.to_owned(),
                sampled,
                log_bytes: lines.len() as u64,
                log_lines: lines.lines().count(),
                datagrams: after.0 - datagrams.0,
                datagram_bytes: after.1 - datagrams.1,
                calls: around.aws.calls() - calls,
            });
            left.lines.push(lines);
        }
    }
    function.kill().await
}

/// The custom metrics of a line: one for each name and each set of dimension values.
fn metrics(line: &str) -> Vec<String> {
    let Ok(record) = serde_json::from_str::<Value>(line) else { return Vec::new() };
    let directives = record["_aws"]["CloudWatchMetrics"].as_array().into_iter().flatten();
    directives
        .flat_map(|directive| {
            let sets: Vec<String> = directive["Dimensions"]
                .as_array()
                .into_iter()
                .flatten()
                .map(|set| {
                    let mut names: Vec<&str> = set.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                    names.sort_unstable();
                    names.iter().map(|name| format!(" {name}={}", record[*name].as_str().unwrap_or_default())).collect()
                })
                .collect();
            let names =
                directive["Metrics"].as_array().into_iter().flatten().filter_map(|metric| metric["Name"].as_str());
            names
                .flat_map(|name| sets.iter().map(move |set| format!("{name}{set}")).collect::<Vec<_>>())
                .map(|metric| format!("{} {metric}", directive["Namespace"].as_str().unwrap_or_default()))
                .collect::<Vec<_>>()
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_metric_counts_once_for_each_set_of_dimensions() {
        let line = r#"{"_aws":{"CloudWatchMetrics":[{"Namespace":"n","Dimensions":[["Service"],["Step","Service"]],
            "Metrics":[{"Name":"Duration"},{"Name":"Count"}]}]},"Service":"validator","Step":"parse"}"#;
        assert_eq!(
            metrics(line),
            [
                "n Duration Service=validator",
                "n Duration Service=validator Step=parse",
                "n Count Service=validator",
                "n Count Service=validator Step=parse"
            ]
        );
        assert!(metrics("no JSON").is_empty());
    }
}
