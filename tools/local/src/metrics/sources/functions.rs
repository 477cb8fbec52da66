//! AWS/Lambda. Errors and throttles are zeros where there was none, as Lambda sends them.

use super::Points;
use crate::emulator::Invocation;

const NAMESPACE: &str = "AWS/Lambda";

pub(super) fn invocation(points: &mut Points, invocation: &Invocation) {
    let Invocation { function, start, end, failed, concurrent, .. } = invocation;
    let function = function.as_str();
    for dimensions in [&[("FunctionName", function)][..], &[]] {
        points.add(NAMESPACE, "Invocations", "Count", dimensions, 1.0);
        points.add(NAMESPACE, "Errors", "Count", dimensions, f64::from(u8::from(*failed)));
        points.add(NAMESPACE, "Throttles", "Count", dimensions, 0.0);
        points.add(NAMESPACE, "Duration", "Milliseconds", dimensions, (end - start) * 1000.0);
    }
    points.add(NAMESPACE, "ConcurrentExecutions", "Count", &[("FunctionName", function)], *concurrent);
}

/// Counts neither as an invocation nor as an error.
pub(super) fn throttle(points: &mut Points, function: &str) {
    for dimensions in [&[("FunctionName", function)][..], &[]] {
        points.add(NAMESPACE, "Throttles", "Count", dimensions, 1.0);
    }
}
