//! An invocation of a function, and Lambda's two segments of it.

use ::xray::segments::{self, Http, ServiceSegment};
use serde::{Deserialize, Serialize};

use super::{TraceHeader, new_span_id};

/// As `emulator/launch.py` tells it. Times are epoch seconds.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Invocation {
    pub(super) function: String,
    pub(super) arn: Option<String>,
    request_id: String,
    /// What the function got as its trace; none if it was never asked, or is not traced.
    trace_header: Option<String>,
    pub(super) start: f64,
    pub(super) end: f64,
    /// Only of a failed one.
    error_type: Option<String>,
}

impl Invocation {
    /// The Lambda service's segment and the function's. The function got the id of its own as `Parent`, so that its
    /// subsegments hang there.
    pub(super) fn segments(&self, caller: Option<&str>) -> Vec<ServiceSegment> {
        let Some(TraceHeader { root, parent: Some(function_id), sampled: Some(true) }) =
            self.trace_header.as_deref().and_then(TraceHeader::parse)
        else {
            return Vec::new();
        };
        let service_id = new_span_id();
        let of_both = |segment: ServiceSegment| {
            let segment = segment.aws("request_id", self.request_id.as_str()).end(self.end);
            match &self.arn {
                Some(arn) => segment.resource_arn(arn),
                None => segment,
            }
        };
        let mut service = of_both(segments::lambda_service(&self.function, &root, &service_id, self.start))
            .http(&Http { status: Some(200), ..Http::default() });
        if let Some(caller) = caller {
            service = service.parent(caller);
        }
        let mut function =
            of_both(segments::lambda_function(&self.function, &root, &function_id, self.start)).parent(&service_id);
        if let Some(error_type) = &self.error_type {
            service = service.fault();
            function = function.fault().cause(error_type, "the invocation failed, see the function's log");
        }
        vec![service, function]
    }
}
