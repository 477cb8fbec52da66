//! What is untested today, written down: a team starts green and can't get worse.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::Untested;

const HEAD: &str = "# What no scenario shows yet: `alarms test` fails only on more than this. `alarms test --write-baseline` writes it anew.\n";

/// Why a baseline can't be read.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct BaselineError(#[from] serde_norway::Error);

/// The gaps that are known, by alarm.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    untested: BTreeMap<String, BTreeSet<Gap>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Gap {
    Fires,
    Recovers,
    Quiet,
}

fn gaps(untested: &Untested) -> BTreeSet<Gap> {
    let all = [
        (untested.never_fires, Gap::Fires),
        (untested.never_recovers, Gap::Recovers),
        (untested.never_quiet, Gap::Quiet),
    ];
    all.into_iter().filter_map(|(is_gap, gap)| is_gap.then_some(gap)).collect()
}

impl Baseline {
    /// Reads one.
    ///
    /// # Errors
    /// When it is not of this form.
    pub fn read(text: &str) -> Result<Self, BaselineError> {
        Ok(serde_norway::from_str(text)?)
    }

    /// Of what is untested now.
    pub fn of(untested: &[Untested]) -> Self {
        Self { untested: untested.iter().map(|gap| (gap.alarm.clone(), gaps(gap))).collect() }
    }

    /// As a file.
    ///
    /// # Errors
    /// Never, with these names and words.
    pub fn write(&self) -> Result<String, BaselineError> {
        Ok(format!("{HEAD}{}", serde_norway::to_string(self)?))
    }

    /// What is untested and not in here.
    pub fn new_gaps(&self, untested: Vec<Untested>) -> Vec<Untested> {
        let is_new = |gap: &Untested| {
            let known = self.untested.get(&gap.alarm);
            known.is_none_or(|known| !gaps(gap).is_subset(known))
        };
        untested.into_iter().filter(is_new).collect()
    }

    /// Gaps in here that are closed by now: the baseline can be written anew.
    pub fn closed(&self, untested: &[Untested]) -> usize {
        let open: BTreeMap<&str, BTreeSet<Gap>> = untested.iter().map(|gap| (gap.alarm.as_str(), gaps(gap))).collect();
        let closed = |alarm: &str, known: &BTreeSet<Gap>| {
            known.iter().filter(|gap| !open.get(alarm).is_some_and(|open| open.contains(*gap))).count()
        };
        self.untested.iter().map(|(alarm, known)| closed(alarm, known)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gap(alarm: &str, fires: bool, quiet: bool) -> Untested {
        Untested { alarm: alarm.into(), never_fires: fires, never_recovers: false, never_quiet: quiet }
    }

    #[test]
    fn only_more_than_before_is_new() {
        let baseline = Baseline::of(&[gap("a", true, true), gap("b", true, false)]);
        let baseline = Baseline::read(&baseline.write().unwrap()).unwrap();
        let now = vec![gap("a", true, false), gap("b", true, true), gap("c", true, false)];
        assert_eq!(baseline.closed(&now), 1);
        let new: Vec<_> = baseline.new_gaps(now).into_iter().map(|gap| gap.alarm).collect();
        assert_eq!(new, ["b", "c"]);
        assert!(Baseline::read("untested: { a: [sometimes] }").is_err());
    }
}
