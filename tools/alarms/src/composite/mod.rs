//! Composite alarms: the rule language, its truth, and the suppression of actions.

mod eval;
mod parse;
mod suppress;

pub use eval::{Quota, Rule, alarm_name};
pub use parse::{RuleError, parse};
pub use suppress::{Released, SuppressedBy, Suppression};
