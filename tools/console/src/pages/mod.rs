//! The pages: one file each.

pub(crate) mod actions;
pub(crate) mod alarm;
pub(crate) mod alarm_actions;
pub(crate) mod alarms;
pub(crate) mod cost;
pub(crate) mod custom;
pub(crate) mod dashboards;
pub(crate) mod dlq;
mod execution;
pub(crate) mod export;
pub(crate) mod flow;
pub(crate) mod health;
pub(crate) mod latest;
pub(crate) mod logs;
pub(crate) mod map;
pub(crate) mod now;
pub(crate) mod order;
pub(crate) mod recorded;
pub(crate) mod run;
pub(crate) mod runbooks;
pub(crate) mod scenario;
pub(crate) mod search;
pub(crate) mod strip;
pub(crate) mod traces;
