//! The operations on metrics, as CloudWatch answers them.

mod dashboards;
mod data;
mod dimension;
pub mod error;
mod list;
mod period;
mod put;
mod statistics;

use aws_wire::{ApiError, Output, Service};
pub use dashboards::Dashboards;
pub use dimension::{Dimension, output as dimensions_output, set as dimensions};
use serde_json::Value;

use crate::{metric::EpochSeconds, store::Recorder};

/// CloudWatch on the wire: RPC v2 CBOR (the SDKs of today), JSON 1.0, and Query (older ones).
pub const SERVICE: Service = Service {
    target: "GraniteServiceVersion20100801",
    json: "1.0",
    xml_namespace: "http://monitoring.amazonaws.com/doc/2010-08-01/",
    // PutMetricData takes 1 MB.
    max_request: 4 * 1024 * 1024,
};

/// Does what a request asks; `None` if it is no operation on metrics.
pub fn run(
    recorder: &mut impl Recorder,
    operation: &str,
    input: &Value,
    now: EpochSeconds,
) -> Option<Result<Output, ApiError>> {
    Some(match operation {
        "GetMetricData" => data::run(recorder.store(), input),
        "GetMetricStatistics" => statistics::run(recorder.store(), input, now),
        "ListMetrics" => list::run(recorder.store(), input, now),
        "PutMetricData" => put::run(recorder, input, now),
        _ => return None,
    })
}

#[cfg(test)]
mod tests;
