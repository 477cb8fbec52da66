//! Which alarms of a catalogue no scenario has put to the test.

use std::{collections::HashMap, fmt};

use alarms::{catalogue::Alarm, model::State};
use serde::Serialize;

use super::{Scenario, find, moments::label};
use crate::sources::Group;

/// What the scenarios leave open about an alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Untested {
    /// The alarm's key, or its name in a plan.
    pub alarm: String,
    /// No scenario expects it in `ALARM`.
    pub never_fires: bool,
    /// No scenario expects it to be `OK` again after `ALARM`.
    pub never_recovers: bool,
    /// No scenario expects it to stay `OK` throughout.
    pub never_quiet: bool,
}

impl fmt::Display for Untested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<_> =
            [(self.never_fires, "fires"), (self.never_recovers, "recovers"), (self.never_quiet, "stays quiet")]
                .into_iter()
                .filter_map(|(missing, what)| missing.then_some(what))
                .collect();
        write!(f, "{}: no scenario in which it {}", self.alarm, parts.join(", or "))
    }
}

/// The alarms that are not shown to fire, to recover and to stay quiet.
pub fn untested(group: &Group, scenarios: &[Scenario]) -> Vec<Untested> {
    // By alarm: the states each scenario expects, in the order of time.
    let mut expected: HashMap<String, Vec<Vec<State>>> = HashMap::new();
    for scenario in scenarios {
        let mut here: HashMap<&str, Vec<State>> = HashMap::new();
        for (name, state) in scenario.expect.iter().flat_map(|expectation| &expectation.states) {
            if let Some(alarm) = find(group, name) {
                here.entry(alarm.key()).or_default().push(*state);
            }
        }
        for (key, states) in here {
            expected.entry(key.to_owned()).or_default().push(states);
        }
    }
    let open =
        group.open.iter().map(|open| Alarm::Metric(&open.alarm)).filter(|alarm| expected.contains_key(alarm.key()));
    let alarms = group.catalogue.alarms().chain(open);
    alarms.filter_map(|alarm| gap(alarm, expected.get(alarm.key()).map_or(&[], Vec::as_slice))).collect()
}

fn gap(alarm: Alarm<'_>, expected: &[Vec<State>]) -> Option<Untested> {
    let (mut fires, mut recovers, mut quiet) = (false, false, false);
    for states in expected {
        let fired = states.iter().position(|state| *state == State::Alarm);
        match fired {
            Some(at) => {
                fires = true;
                recovers |= states[at..].contains(&State::Ok);
            }
            None => quiet |= states.contains(&State::Ok),
        }
    }
    let gap = Untested {
        alarm: label(alarm).to_owned(),
        never_fires: !fires,
        never_recovers: !recovers,
        never_quiet: !quiet,
    };
    (gap.never_fires || gap.never_recovers || gap.never_quiet).then_some(gap)
}
