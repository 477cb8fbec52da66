use super::reason;
use super::transition::{ActionOutcome, Status, Transition};
use crate::composite::SuppressedBy;
use crate::model::{EpochSeconds, State};

/// The state every alarm is in, by its place.
#[derive(Debug)]
pub(super) struct States {
    statuses: Vec<Status>,
    /// Counts changes of state: a composite is evaluated when there was one, as CloudWatch does.
    changes: u64,
}

impl States {
    /// Of alarms that have not been evaluated yet.
    pub(super) fn of_new<'a>(names: impl Iterator<Item = &'a str>) -> Self {
        let status = |name: &str| Status {
            alarm: name.to_owned(),
            state: State::InsufficientData,
            reason: reason::CREATED.to_owned(),
            reason_data: String::new(),
            since: 0,
            suppressed_by: None,
        };
        States { statuses: names.map(status).collect(), changes: 0 }
    }

    pub(super) fn created(&mut self, now: EpochSeconds) {
        for status in &mut self.statuses {
            status.since = now;
        }
    }

    pub(super) fn all(&self) -> &[Status] {
        &self.statuses
    }

    pub(super) fn place(&self, name: &str) -> Option<usize> {
        self.statuses.iter().position(|status| status.alarm == name)
    }

    pub(super) fn at(&self, place: usize) -> State {
        self.statuses[place].state
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes
    }

    pub(super) fn hold(&mut self, place: usize, by: Option<SuppressedBy>) {
        self.statuses[place].suppressed_by = by;
    }

    /// Sets a state and gives the one before.
    pub(super) fn change(
        &mut self,
        place: usize,
        to: State,
        at: EpochSeconds,
        reason: String,
        reason_data: String,
    ) -> State {
        self.changes += 1;
        let status = &mut self.statuses[place];
        let from = std::mem::replace(&mut status.state, to);
        status.reason = reason;
        status.reason_data = reason_data;
        status.since = at;
        from
    }

    /// How an alarm came from `from` to the state it is in.
    pub(super) fn transition(&self, place: usize, from: State, at: EpochSeconds, actions: ActionOutcome) -> Transition {
        let status = &self.statuses[place];
        Transition {
            alarm: status.alarm.clone(),
            at,
            from,
            to: status.state,
            reason: status.reason.clone(),
            reason_data: status.reason_data.clone(),
            actions,
        }
    }
}
