//! Results as text for people and as JUnit for build servers.

mod junit;
mod text;

pub use junit::{LeftOut, junit};
pub use text::{failures, findings};
