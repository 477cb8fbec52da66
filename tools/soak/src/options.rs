//! What a run is asked for.

use std::path::PathBuf;

/// What a run takes.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many orders.
    pub orders: u32,
    /// Makes them, and the faults.
    pub seed: u64,
    /// How many clients send at once.
    pub clients: u32,
    /// How much faster the time of metrics and alarms runs.
    pub time_scale: u32,
    /// The project's folder.
    pub project: PathBuf,
    /// The folder of the packages.
    pub dist: PathBuf,
    /// Where history and stack are kept.
    pub dir: PathBuf,
    /// Where `suite` and `orders` are.
    pub tools: PathBuf,
}
