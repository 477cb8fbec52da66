//! Recorded data: one [`Sample`] a resolution step, kept per metric in a [`Store`].

mod blocks;
mod levels;
mod sample;
mod store;

pub use sample::{Sample, SampleError};
pub use store::{MetricId, Store};
