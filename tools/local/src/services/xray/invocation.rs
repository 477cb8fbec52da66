//! Lambda's two segments of an invocation.

use ::xray::segments::{self, Http, ServiceSegment};

use super::{TraceHeader, new_span_id};
use crate::emulator::Invocation;

/// The Lambda service's segment and the function's. The function got the id of its own as `Parent`, so that its
/// subsegments hang there.
pub(super) fn segments(invocation: &Invocation, caller: Option<&str>) -> Vec<ServiceSegment> {
    let Some(TraceHeader { root, parent: Some(function_id), sampled: Some(true) }) =
        invocation.trace_header.as_deref().and_then(TraceHeader::parse)
    else {
        return Vec::new();
    };
    let service_id = new_span_id();
    let of_both = |segment: ServiceSegment| {
        let segment = segment.aws("request_id", invocation.request_id.as_str()).end(invocation.end);
        match &invocation.arn {
            Some(arn) => segment.resource_arn(arn),
            None => segment,
        }
    };
    let mut service = of_both(segments::lambda_service(&invocation.function, &root, &service_id, invocation.start))
        .http(&Http { status: Some(200), ..Http::default() });
    if let Some(caller) = caller {
        service = service.parent(caller);
    }
    let mut function = of_both(segments::lambda_function(&invocation.function, &root, &function_id, invocation.start))
        .parent(&service_id);
    if let Some(error_type) = &invocation.error_type {
        service = service.fault();
        function = function.fault().cause(error_type, "the invocation failed, see the function's log");
    }
    vec![service, function]
}
