//! The traces that clients have asked for.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::stack::Stack;

/// One of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Traced {
    pub(crate) id: String,
    /// Each unit's service, step and outcome, in their order by text.
    pub(crate) units: Vec<String>,
}

/// Of one call, at most.
const BATCH: usize = 5;

/// Traces as they were seen, each segment as it was last. The stack's X-Ray keeps the newest: who looks only after a long run
/// finds the first ones gone.
#[derive(Debug, Default)]
pub(crate) struct Traces(BTreeMap<String, BTreeMap<String, Vec<String>>>);

impl Traces {
    /// Takes in what there is of these now.
    pub(crate) async fn look(&mut self, stack: &Stack, ids: &[String]) -> Result<()> {
        let client = aws_sdk_xray::Client::new(&stack.sdk);
        for ids in ids.chunks(BATCH) {
            let call = client.batch_get_traces().set_trace_ids(Some(ids.to_vec())).send();
            for trace in call.await.context("can't read the traces")?.traces.unwrap_or_default() {
                let segments = self.0.entry(trace.id.unwrap_or_default()).or_default();
                for segment in trace.segments.unwrap_or_default() {
                    let mut units = Vec::new();
                    let document: Value = serde_json::from_str(segment.document.as_deref().unwrap_or_default())?;
                    self::units(&document, &mut units);
                    segments.insert(segment.id.unwrap_or_default(), units);
                }
            }
        }
        Ok(())
    }

    pub(crate) fn all(self) -> Vec<Traced> {
        let traced = self.0.into_iter().map(|(id, segments)| {
            let mut units: Vec<String> = segments.into_values().flatten().collect();
            units.sort();
            Traced { id, units }
        });
        traced.collect()
    }
}

/// Units of work in a document, however deep. In an order's trace the validator's is its step `handler`, and a record is a segment
/// of the processor's own; the processor's handler is in a trace of its batch.
fn units(document: &Value, found: &mut Vec<String>) {
    let unit = match document["name"].as_str() {
        Some("handler") => Some("validator handler"),
        Some("processor") => Some("processor record"),
        _ => None,
    };
    if let (Some(unit), Some(outcome)) = (unit, document["annotations"]["outcome"].as_str()) {
        found.push(format!("{unit} {outcome}"));
    }
    for inner in document["subsegments"].as_array().into_iter().flatten() {
        units(inner, found);
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn units_are_found_however_deep_and_steps_are_none() {
        let outcome = |outcome: &str| json!({"outcome": outcome});
        let document = json!({"name": "order-processing-local-validator", "subsegments": [
            {"name": "handler", "annotations": outcome("accepted"), "subsegments": [{"name": "parse", "annotations": outcome("ok")}]},
        ]});
        let mut found = Vec::new();
        units(&document, &mut found);
        units(&json!({"name": "processor", "annotations": outcome("ok")}), &mut found);
        assert_eq!(found, ["validator handler accepted", "processor record ok"]);
    }
}
