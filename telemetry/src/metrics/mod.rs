//! Metrics as records of the CloudWatch embedded metric format, by [`metrique`].
//!
//! A function declares its own as a struct and hands it over once per invocation with [`emit`]; [`describe`] lists, from the same struct,
//! what it emits. Every record gets the dimensions `Service` and `Environment`, and the ids of the invocation as plain properties.

mod describe;
mod distribution;
mod emf;
mod own;

pub use describe::{MetricSpec, describe, own};
pub use distribution::Millis;
pub use emf::EmfError;
pub(crate) use emf::{EmfWriter, Properties};
pub(crate) use own::{InvocationMetrics, StepMetrics};

use metrique::writer::{BoxEntry, Entry};
use metrique::{CloseValue, InflectableEntry, RootEntry};

use crate::scope;

/// The name of the metric that counts what this crate lost.
pub const TELEMETRY_DROPPED: &str = "TelemetryDropped";

/// Emits a record of the running invocation, written when the response is out. Outside an invocation there is nobody to write it.
pub fn emit<M>(metrics: M)
where
    M: CloseValue,
    M::Closed: InflectableEntry + Send + 'static,
{
    scope::with_current(|scope| scope.journal.emit(entry(metrics)));
}

pub(crate) fn entry<M>(metrics: M) -> BoxEntry
where
    M: CloseValue,
    M::Closed: InflectableEntry + Send + 'static,
{
    RootEntry::new(metrics.close()).boxed()
}
