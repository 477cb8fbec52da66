//! The service graph: which services took part, whom they called, how it went.

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;

use crate::{
    document::{Span, SpanKind},
    service::ServiceId,
    trace::Trace,
};

/// X-Ray's `Service`: a node.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct Service {
    pub reference_id: usize,
    #[serde(flatten)]
    pub id: ServiceId,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub root: bool,
    pub state: &'static str,
    pub start_time: f64,
    pub end_time: f64,
    pub edges: Vec<Edge>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary_statistics: Option<Statistics>,
    pub duration_histogram: Vec<HistogramEntry>,
    pub response_time_histogram: Vec<HistogramEntry>,
}

/// X-Ray's `Edge`: calls from one node to another.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct Edge {
    pub reference_id: usize,
    pub start_time: f64,
    pub end_time: f64,
    pub summary_statistics: Statistics,
    pub response_time_histogram: Vec<HistogramEntry>,
    pub aliases: [(); 0],
}

/// X-Ray's `ServiceStatistics` and `EdgeStatistics`.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct Statistics {
    pub ok_count: u64,
    pub error_statistics: ErrorStatistics,
    pub fault_statistics: FaultStatistics,
    pub total_count: u64,
    pub total_response_time: f64,
}

/// Of 4xx.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct ErrorStatistics {
    pub throttle_count: u64,
    pub other_count: u64,
    pub total_count: u64,
}

/// Of 5xx.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct FaultStatistics {
    pub other_count: u64,
    pub total_count: u64,
}

/// How often a value (seconds) was seen.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
#[expect(missing_docs, reason = "the field names are X-Ray's own")]
pub struct HistogramEntry {
    pub value: f64,
    pub count: u64,
}

/// What happened on a node or an edge.
#[derive(Debug)]
struct Tally {
    start: f64,
    end: f64,
    statistics: Statistics,
    /// By milliseconds, the resolution AWS shows.
    durations: BTreeMap<u64, u64>,
    root: bool,
    inferred: bool,
}

impl Default for Tally {
    fn default() -> Self {
        Self {
            start: f64::MAX,
            end: 0.0,
            statistics: Statistics::default(),
            durations: BTreeMap::new(),
            root: false,
            inferred: true,
        }
    }
}

impl Tally {
    fn add(&mut self, outcome: &Span, time: &Span) {
        self.start = self.start.min(time.start);
        self.end = self.end.max(time.end.unwrap_or(time.start));
        // "The total number of completed requests."
        let Some(duration) = time.duration() else {
            return;
        };
        let statistics = &mut self.statistics;
        statistics.total_count += 1;
        statistics.total_response_time += duration;
        if outcome.fault {
            statistics.fault_statistics.other_count += 1;
            statistics.fault_statistics.total_count += 1;
        } else if outcome.throttle {
            statistics.error_statistics.throttle_count += 1;
            statistics.error_statistics.total_count += 1;
        } else if outcome.error {
            statistics.error_statistics.other_count += 1;
            statistics.error_statistics.total_count += 1;
        } else {
            statistics.ok_count += 1;
        }
        let milliseconds = (duration * 1000.0).round() as u64;
        *self.durations.entry(milliseconds).or_default() += 1;
    }

    fn histogram(&self) -> Vec<HistogramEntry> {
        self.durations
            .iter()
            .map(|(&milliseconds, &count)| HistogramEntry { value: milliseconds as f64 / 1000.0, count })
            .collect()
    }
}

/// The graph of some traces: the clients, the services, the edges between them.
pub fn of(traces: &[Arc<Trace>]) -> Vec<Service> {
    let mut nodes: BTreeMap<ServiceId, Tally> = BTreeMap::new();
    let mut edges: BTreeMap<(ServiceId, ServiceId), Tally> = BTreeMap::new();
    for trace in traces {
        for &segment in &trace.segments {
            let node = &trace.nodes[segment];
            let service = trace.service(segment);
            let tally = nodes.entry(service.clone()).or_default();
            tally.add(&node.span, &node.span);
            tally.root |= segment == trace.root;
            tally.inferred &= node.inferred;

            let (caller, call) = if segment == trace.root {
                let client = ServiceId { kind: Some("client".to_owned()), ..service.clone() };
                let tally = nodes.entry(client.clone()).or_default();
                tally.start = tally.start.min(node.span.start);
                tally.end = tally.end.max(node.span.end.unwrap_or(node.span.start));
                (client, &node.span)
            } else {
                let Some(parent) = node.parent else { continue };
                let parent = &trace.nodes[parent];
                let called = parent.span.kind == SpanKind::Subsegment;
                let call = if called { &parent.span } else { &node.span };
                (trace.service(parent.segment), call)
            };
            edges.entry((caller, service)).or_default().add(if call.ok() { &node.span } else { call }, call);
        }
    }

    let ids: Vec<ServiceId> = nodes.keys().cloned().collect();
    let reference = |id: &ServiceId| ids.binary_search(id).unwrap_or_default();
    nodes
        .into_iter()
        .map(|(id, tally)| {
            let client = id.kind.as_deref() == Some("client");
            let histogram = if client { Vec::new() } else { tally.histogram() };
            Service {
                reference_id: reference(&id),
                edges: edges
                    .iter()
                    .filter(|((from, _), _)| *from == id)
                    .map(|((_, to), tally)| Edge {
                        reference_id: reference(to),
                        start_time: tally.start,
                        end_time: tally.end,
                        summary_statistics: tally.statistics.clone(),
                        response_time_histogram: tally.histogram(),
                        aliases: [],
                    })
                    .collect(),
                root: tally.root,
                state: if client || tally.inferred { "unknown" } else { "active" },
                start_time: tally.start,
                end_time: tally.end,
                summary_statistics: (!client).then_some(tally.statistics),
                duration_histogram: histogram.clone(),
                response_time_histogram: histogram,
                id,
            }
        })
        .collect()
}
