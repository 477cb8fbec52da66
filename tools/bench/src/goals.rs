//! What it shall cost: figures of one run on a quiet machine, beside what they are.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::{check::figure, figures::Results};

const GOALS: &str = include_str!("../data/goals.json");

/// One line of goals.json.
#[derive(Debug, Deserialize)]
struct Goal {
    what: String,
    /// `contestant.figure`, such as `validator.warm.cpu_us.median`.
    of: String,
    /// What is taken off it.
    #[serde(default)]
    minus: Option<String>,
    /// What it is divided by.
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    at_least: Option<f64>,
    #[serde(default)]
    at_most: Option<f64>,
    unit: String,
}

/// A goal and what became of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Judged {
    pub(crate) what: String,
    pub(crate) unit: String,
    /// None where a contestant was left out.
    pub(crate) value: Option<f64>,
    pub(crate) bound: f64,
    pub(crate) is_most: bool,
}

impl Judged {
    pub(crate) fn is_met(&self) -> Option<bool> {
        self.value.map(|value| if self.is_most { value <= self.bound } else { value >= self.bound })
    }
}

/// Holds the results against the file.
pub(crate) fn judge(results: &Results) -> Result<Vec<Judged>> {
    let goals: Vec<Goal> = serde_json::from_str(GOALS).context("tools/bench/data/goals.json")?;
    goals.into_iter().map(|goal| one(goal, results)).collect()
}

fn one(goal: Goal, results: &Results) -> Result<Judged> {
    let of = |path: &Option<String>, none: f64| match path {
        Some(path) => figure(results, path),
        None => Ok(Some(none)),
    };
    let (value, minus, to) = (figure(results, &goal.of)?, of(&goal.minus, 0.0)?, of(&goal.to, 1.0)?);
    let value = value.zip(minus).map(|(value, minus)| value - minus).zip(to).map(|(value, to)| value / to);
    let (bound, is_most) = match (goal.at_least, goal.at_most) {
        (Some(least), None) => (least, false),
        (None, Some(most)) => (most, true),
        _ => bail!("goals.json: {}: one of at_least and at_most", goal.what),
    };
    Ok(Judged { what: goal.what, unit: goal.unit, value, bound, is_most })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::read_json;

    #[test]
    fn every_goal_names_figures_that_there_are() {
        let written = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/benchmark.json");
        let results: Results = read_json(written.as_ref()).unwrap();
        let judged = judge(&results).unwrap();
        assert!(judged.iter().any(|goal| goal.what == "start" && goal.value.is_some()), "{judged:?}");
    }

    #[test]
    fn a_goal_is_met_up_to_its_bound() {
        let goal = |value, is_most| Judged { what: "start".into(), unit: "µs".into(), value, bound: 2.0, is_most };
        assert_eq!(
            [1.0, 2.0, 3.0].map(|value| goal(Some(value), true).is_met()),
            [Some(true), Some(true), Some(false)]
        );
        assert_eq!(
            [1.0, 2.0, 3.0].map(|value| goal(Some(value), false).is_met()),
            [Some(false), Some(true), Some(true)]
        );
        assert_eq!(goal(None, true).is_met(), None);
    }
}
