use super::{Datapoint, Refused, Store};
use crate::metric::EpochSeconds;

/// Where datapoints are kept, and whoever wants to know of new ones.
pub trait Recorder {
    /// What is kept.
    fn store(&self) -> &Store;

    /// Keeps a datapoint.
    ///
    /// # Errors
    /// When the store doesn't take it.
    fn record(&mut self, point: &Datapoint, now: EpochSeconds) -> Result<(), Refused>;
}

impl Recorder for Store {
    fn store(&self) -> &Store {
        self
    }

    fn record(&mut self, point: &Datapoint, now: EpochSeconds) -> Result<(), Refused> {
        self.push(point, now)
    }
}
