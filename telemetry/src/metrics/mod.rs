//! Metrics in the CloudWatch embedded metric format, declared with [`metrique`].
//!
//! A function declares its own as a struct and hands it over once per unit of work with [`emit`]; [`describe`] lists, from the same struct,
//! what it emits. They go out in the unit's line, with the dimensions `Service` and `Environment` and the ids as plain members.

mod describe;
mod describing;
mod distribution;
mod emf;
mod own;

pub use describe::{MetricSpec, describe, describe_records, describe_steps, own};
pub use distribution::{Counter, Millis};
pub(crate) use distribution::{Point, joined, millis};
pub(crate) use emf::Emf;
pub use emf::EmfError;
use metrique::{
    CloseValue, InflectableEntry, RootEntry,
    writer::{BoxEntry, Entry},
};
pub(crate) use own::{InvocationMetrics, QUEUE_WAIT, step_metric};

use crate::scope;

/// The name of the metric that counts what this crate lost.
pub const TELEMETRY_DROPPED: &str = "TelemetryDropped";

/// Emits metrics of the running unit of work, written with its line when the response is out. Outside an invocation there is nobody to write it.
pub fn emit<M>(metrics: M)
where
    M: CloseValue,
    M::Closed: InflectableEntry + Send + 'static,
{
    scope::with_current(|scope| scope.journal.emit(&scope.unit, entry(metrics)));
}

pub(crate) fn entry<M>(metrics: M) -> BoxEntry
where
    M: CloseValue,
    M::Closed: InflectableEntry + Send + 'static,
{
    RootEntry::new(metrics.close()).boxed()
}
