//! GetTraceGraph and GetServiceGraph.

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::{
    error,
    traces::TraceIds,
    window::{TimeRangeType, Window},
};
use crate::{
    filter::Filter,
    graph::{self, Service},
    groups::GroupRef,
    store::Store,
};

/// What AWS has been seen to refuse to exceed; its documentation names no limit.
const MAX_WINDOW_S: f64 = 6.0 * 3600.0;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TraceGraph {
    services: Vec<Service>,
}

pub(super) fn get_trace_graph(store: &Store, request: TraceIds) -> Result<TraceGraph, ApiError> {
    request.check()?;
    let traces: Vec<_> = request.trace_ids.iter().filter_map(|id| store.indexed(id)).collect();
    Ok(TraceGraph { services: graph::of(&traces) })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetServiceGraph {
    start_time: f64,
    end_time: f64,
    #[serde(flatten)]
    group: GroupRef,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ServiceGraph {
    start_time: f64,
    end_time: f64,
    services: Vec<Service>,
    contains_old_group_versions: bool,
}

pub(super) fn get_service_graph(store: &Store, request: GetServiceGraph) -> Result<ServiceGraph, ApiError> {
    let window =
        Window::new(request.start_time, request.end_time, MAX_WINDOW_S, "Time range cannot be longer than 6 hours")?;
    let GroupRef { group_name, group_arn } = &request.group;
    let default = group_arn.is_none() && matches!(group_name.as_deref(), None | Some("Default"));
    let filter = {
        let groups = store.groups();
        let text = if default {
            String::new()
        } else {
            let group = groups.get(&request.group).map_err(error::invalid)?;
            group.filter_expression.clone().unwrap_or_default()
        };
        Filter::new(&text, &*groups).map_err(error::filter)?
    };
    let mut traces = store.indexed_traces();
    traces.retain(|trace| window.holds(trace, TimeRangeType::Event) && filter.matches(trace));
    Ok(ServiceGraph {
        start_time: request.start_time,
        end_time: request.end_time,
        services: graph::of(&traces),
        contains_old_group_versions: false,
    })
}
