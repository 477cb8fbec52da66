//! Which alarms of a catalogue no scenario has put to the test.

use super::Scenario;
use crate::catalogue::{Alarm, Catalogue};
use crate::model::State;
use serde::Serialize;
use std::fmt;

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
pub fn untested(catalogue: &Catalogue, scenarios: &[Scenario]) -> Vec<Untested> {
    catalogue.alarms().filter_map(|alarm| gap(alarm, scenarios)).collect()
}

fn gap(alarm: Alarm<'_>, scenarios: &[Scenario]) -> Option<Untested> {
    let (mut fires, mut recovers, mut quiet) = (false, false, false);
    for scenario in scenarios {
        let states: Vec<State> = scenario
            .expect
            .iter()
            .flat_map(|expectation| &expectation.states)
            .filter(|(name, _)| name == alarm.key() || name == alarm.name())
            .map(|(_, state)| *state)
            .collect();
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
        alarm: alarm.label().to_owned(),
        never_fires: !fires,
        never_recovers: !recovers,
        never_quiet: !quiet,
    };
    (gap.never_fires || gap.never_recovers || gap.never_quiet).then_some(gap)
}
