use serde::Serialize;

use crate::{
    composite::SuppressedBy,
    model::{EpochSeconds, State},
};

/// Something an alarm did at a tick.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Transition {
    /// `AlarmName`.
    pub alarm: String,
    /// When.
    pub at: EpochSeconds,
    /// The state before.
    pub from: State,
    /// The state after; the same as `from` when only actions ran: held ones, or Auto Scaling's once more.
    pub to: State,
    /// `StateReason`.
    pub reason: String,
    /// `StateReasonData`: JSON text.
    pub reason_data: String,
    /// What became of the actions of the new state.
    pub actions: ActionOutcome,
}

impl Transition {
    /// The actions that ran at this moment.
    pub fn fired(&self) -> &[String] {
        match &self.actions {
            ActionOutcome::Fired(actions) => actions,
            ActionOutcome::Disabled | ActionOutcome::Suppressed(_) | ActionOutcome::Muted(_) => &[],
        }
    }
}

/// What became of the actions of a state.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ActionOutcome {
    /// They ran; the list is empty when the state has none.
    Fired(Vec<String>),
    /// `ActionsEnabled` is false.
    Disabled,
    /// Held back by the suppressor.
    Suppressed(SuppressedBy),
    /// Held back by the mute rule of that name.
    Muted(String),
}

/// An alarm as DescribeAlarms would show it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// `AlarmName`.
    pub alarm: String,
    /// `StateValue`.
    pub state: State,
    /// `StateReason`.
    pub reason: String,
    /// `StateReasonData`.
    pub reason_data: String,
    /// `StateUpdatedTimestamp`.
    pub since: EpochSeconds,
    /// `ActionsSuppressedBy`, composites only.
    pub suppressed_by: Option<SuppressedBy>,
    /// Whether the state is one: an alarm that is not evaluated has none, unless somebody gave it one.
    #[serde(skip)]
    pub known: bool,
}
