use super::{
    reason,
    transition::{ActionOutcome, Status, Transition},
};
use crate::{
    composite::SuppressedBy,
    model::{EpochSeconds, State},
};

/// The state every alarm is in, by its place: metric alarms first, then composites, then those that are not evaluated.
#[derive(Debug, Default)]
pub(super) struct States {
    statuses: Vec<Status>,
    /// Counts changes of state: a composite is evaluated when there was one, as CloudWatch does.
    changes: u64,
}

impl States {
    /// A new alarm's status takes a place; those behind it move on.
    pub(super) fn insert(&mut self, place: usize, name: &str, reason: Option<&str>, now: EpochSeconds) {
        let status = Status {
            alarm: name.to_owned(),
            state: State::InsufficientData,
            reason: reason.unwrap_or(reason::CREATED).to_owned(),
            reason_data: String::new(),
            since: now,
            suppressed_by: None,
            known: reason.is_none(),
        };
        self.statuses.insert(place.min(self.statuses.len()), status);
        self.changes += 1;
    }

    pub(super) fn remove(&mut self, place: usize) -> Status {
        self.changes += 1;
        self.statuses.remove(place)
    }

    /// An alarm that has become of another kind keeps its state.
    pub(super) fn put_back(&mut self, place: usize, status: Status) {
        self.statuses.insert(place.min(self.statuses.len()), status);
    }

    /// Why an alarm has no state of its own.
    pub(super) fn explain(&mut self, place: usize, reason: &str) {
        let status = &mut self.statuses[place];
        status.known = false;
        reason.clone_into(&mut status.reason);
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

    /// The state, unless nobody knows it.
    pub(super) fn known(&self, place: usize) -> Option<State> {
        let status = &self.statuses[place];
        status.known.then_some(status.state)
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
        status.known = true;
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
