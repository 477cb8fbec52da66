//! Results as text for people, as JUnit for build servers, as SARIF for code scanning and as GitHub's annotations.

mod github;
mod junit;
mod sarif;
mod text;

pub use github::annotations;
pub use junit::{LeftOut, junit};
pub use sarif::sarif;
pub use text::{failures, findings};

use crate::{
    lint::Finding,
    scenario::{Location, Outcome},
};

/// Something to be told at a place in a file.
#[derive(Clone, Debug)]
pub struct Problem {
    /// A word for the kind: a rule, `scenario`.
    pub rule: String,
    /// Whether it fails the run.
    pub is_failure: bool,
    /// What is wrong.
    pub message: String,
    /// Where.
    pub place: Option<Location>,
}

/// What scenarios found.
pub fn of_outcomes(outcomes: &[Outcome]) -> Vec<Problem> {
    let failed = outcomes.iter().flat_map(|outcome| {
        outcome.failures.iter().map(|failure| Problem {
            rule: "scenario".to_owned(),
            is_failure: true,
            message: format!("{}: {}", outcome.scenario, failure.message),
            place: Some(outcome.place.clone()),
        })
    });
    failed.collect()
}

/// What lints found.
pub fn of_findings(findings: &[Finding]) -> Vec<Problem> {
    let one = |finding: &Finding| Problem {
        rule: finding.rule.to_owned(),
        is_failure: !finding.is_note,
        message: format!("{}: {}; {}", finding.alarm, finding.message, finding.fix),
        place: finding.place.clone(),
    };
    findings.iter().map(one).collect()
}
