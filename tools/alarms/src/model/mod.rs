//! What an alarm is: the definition as CloudWatch holds it, free of where it was read from.

mod alarm;
mod comparison;
mod missing;
mod mute;
mod state;
mod window;

pub use alarm::{
    About, Actions, CompositeAlarm, DefinitionError, Follows, LowSamples, MetricAlarm, MetricAlarmSpec, Observability,
    Severity, Suppressor,
};
pub use cloudwatch::{EpochSeconds, MetricKey, Query, Source};
pub use comparison::Comparison;
pub use missing::MissingData;
pub use mute::{MuteRule, Schedule};
pub use state::State;
pub use window::Window;
