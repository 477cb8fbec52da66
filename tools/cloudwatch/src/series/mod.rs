//! Recorded data: one [`Sample`] a resolution step, kept per metric in a [`Store`].

mod blocks;
mod levels;
mod store;

pub use store::{MetricId, Store};
