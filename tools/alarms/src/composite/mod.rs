//! Composite alarms: the rule language, its truth, and the suppression of actions.

mod eval;
mod order;
mod parse;
mod suppress;

pub use eval::{Quota, Rule, alarm_name};
pub use order::{Order, order, references};
pub use parse::{RuleError, parse};
pub use suppress::{Released, SuppressedBy, Suppression};
