use serde::Serialize;

use crate::model::EpochSeconds;

/// What holds the actions of a composite alarm back (`ActionsSuppressedBy`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum SuppressedBy {
    /// The suppressor is in `ALARM`.
    Alarm,
    /// Waiting whether the suppressor goes to `ALARM`.
    WaitPeriod,
    /// The suppressor has left `ALARM` a short while ago.
    ExtensionPeriod,
}

/// The actions of the current state may run now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released;

/// The clockwork of one suppressor: whether the composite's latest change of state may act yet.
#[derive(Clone, Debug)]
pub struct Suppression {
    wait: i64,
    extension: i64,
    suppressor_alarm: bool,
    /// A change of state whose actions have not run.
    held: Option<SuppressedBy>,
    due: EpochSeconds,
}

impl Suppression {
    /// A suppressor with its two periods; it is not in `ALARM`.
    pub fn new(wait: i64, extension: i64) -> Self {
        Suppression { wait, extension, suppressor_alarm: false, held: None, due: 0 }
    }

    /// Takes another definition's periods; a running one ends as it was begun.
    pub(crate) fn change_periods(&mut self, to: &Suppression) {
        (self.wait, self.extension) = (to.wait, to.extension);
    }

    /// When a running period ends; `None` if none runs.
    pub fn due(&self) -> Option<EpochSeconds> {
        matches!(self.held, Some(SuppressedBy::WaitPeriod | SuppressedBy::ExtensionPeriod)).then_some(self.due)
    }

    /// What holds actions back at the moment.
    pub fn held_by(&self) -> Option<SuppressedBy> {
        self.held
    }

    /// Advances to `now`: whether the suppressor is in `ALARM`, and whether the composite has just
    /// changed its state. Call it in the order of time.
    pub fn step(&mut self, now: EpochSeconds, suppressor_alarm: bool, composite_changed: bool) -> Option<Released> {
        let left_alarm = self.suppressor_alarm && !suppressor_alarm;
        self.suppressor_alarm = suppressor_alarm;
        if composite_changed {
            // A running period is discarded; what matters from here is the new state.
            self.held = Some(SuppressedBy::WaitPeriod);
            self.due = now + self.wait;
        }
        self.held?;
        if suppressor_alarm {
            self.held = Some(SuppressedBy::Alarm);
            return None;
        }
        if left_alarm && !composite_changed {
            self.held = Some(SuppressedBy::ExtensionPeriod);
            self.due = now + self.extension;
        }
        if now < self.due {
            return None;
        }
        self.held = None;
        Some(Released)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs a timeline with Wait = 2 and Extension = 3 and returns when actions ran.
    fn released(changes: &[i64], suppressor: impl Fn(i64) -> bool) -> Vec<i64> {
        let mut clock = Suppression::new(2, 3);
        let step = |t: &i64| clock.step(*t, suppressor(*t), changes.contains(t)).is_some();
        (0..15).filter(step).collect()
    }

    #[test]
    fn without_the_suppressor_actions_run_after_the_wait() {
        assert_eq!(released(&[2], |_| false), [4]);
    }

    #[test]
    fn the_suppressor_going_to_alarm_during_the_wait_suppresses() {
        assert_eq!(released(&[2], |t| t >= 3), [0i64; 0]);
    }

    #[test]
    fn a_change_back_restarts_the_wait() {
        assert_eq!(released(&[2, 3], |_| false), [5]);
    }

    #[test]
    fn a_suppressor_already_in_alarm_suppresses_at_once() {
        let mut clock = Suppression::new(2, 3);
        assert_eq!(clock.step(1, true, false), None);
        assert_eq!(clock.step(2, true, true), None);
        assert_eq!(clock.held_by(), Some(SuppressedBy::Alarm));
    }

    #[test]
    fn after_the_suppressor_the_extension_passes_first() {
        assert_eq!(released(&[2], |t| (3..6).contains(&t)), [9]);
    }

    #[test]
    fn a_change_during_the_extension_discards_it_and_waits() {
        assert_eq!(released(&[2, 7], |t| (3..6).contains(&t)), [9]);
    }
}
