//! Checks of a catalogue that need no data: is the metric emitted, can the threshold be reached, who is told.

mod actions;
mod composites;
mod dashboards;
mod emitted;
mod follows;
mod guide;
mod missing;
mod pages;
mod price;
mod reach;
mod reads;
mod runbooks;
mod traffic;
mod window;

use alarms::{Catalogue, evaluate::Options};
pub use dashboards::{DashboardError, Dashboards};
pub use guide::{Emitted, EmittedError};
pub use pages::Pages;
pub use price::{Price, Prices};
pub use reach::Limits;
pub use runbooks::Runbooks;
use serde::Serialize;

use crate::scenario::Location;

/// What the rules may look at. What is `None` is not checked.
#[derive(Debug)]
pub struct Context<'a> {
    /// The alarms.
    pub catalogue: &'a Catalogue,
    /// What is emitted.
    pub emitted: &'a Emitted,
    /// What values a metric can reach.
    pub limits: &'a Limits,
    /// The settings that thresholds follow.
    pub settings: Option<&'a serde_json::Value>,
    /// The runbook pages.
    pub runbooks: Option<&'a Runbooks>,
    /// What the pages say.
    pub pages: Option<&'a Pages>,
    /// The dashboards' bodies.
    pub dashboards: Option<&'a Dashboards>,
    /// How AWS's open points are read.
    pub options: &'a Options,
    /// Whether alarms must say their severity, runbook and drill (a catalogue does, a plan cannot).
    pub ours: bool,
}

/// Something a rule found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Finding {
    /// The alarm's key, or the page.
    pub alarm: String,
    /// The rule.
    pub rule: &'static str,
    /// What is wrong and why it matters.
    pub message: String,
    /// What mends it.
    pub fix: String,
    /// A note fails nothing.
    pub is_note: bool,
    /// Where the alarm is defined, once that is known.
    pub place: Option<Location>,
}

/// Where rules put what they find.
#[derive(Debug, Default)]
struct Findings(Vec<Finding>);

impl Findings {
    fn add(&mut self, rule: &'static str, alarm: &str, message: String, fix: impl Into<String>) {
        self.push(rule, alarm, message, fix.into(), false);
    }

    fn note(&mut self, rule: &'static str, alarm: &str, message: String, fix: impl Into<String>) {
        self.push(rule, alarm, message, fix.into(), true);
    }

    fn push(&mut self, rule: &'static str, alarm: &str, message: String, fix: String, is_note: bool) {
        self.0.push(Finding { alarm: alarm.to_owned(), rule, message, fix, is_note, place: None });
    }
}

/// Runs every rule.
pub fn run(context: &Context<'_>) -> Vec<Finding> {
    let mut findings = Findings::default();
    let rules = [
        emitted::check,
        window::check,
        missing::check,
        actions::check,
        runbooks::check,
        pages::check,
        dashboards::check,
        reach::check,
        reads::check,
        follows::check,
        traffic::check,
        composites::check,
    ];
    for rule in rules {
        rule(context, &mut findings);
    }
    let mut findings = findings.0;
    findings.sort();
    findings
}
