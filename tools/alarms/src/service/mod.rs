//! CloudWatch's alarm operations, and the alarms behind them: whoever puts one, it is evaluated by the same rules. No socket and no
//! clock: who calls says what time it is, and carries the actions out.

mod composite_alarm;
mod describe;
mod history;
mod input;
mod limits;
mod metric_alarm;
mod notification;
mod record;
mod tags;

use std::collections::BTreeMap;

use aws_wire::{ApiError, Output, read};
use cloudwatch::{
    Datapoint, EpochSeconds, Recorder, Refused, Store,
    api::error::{combination, invalid, validation},
};
pub use notification::Notification;
use serde_json::{Value, json};

use self::{
    history::History,
    record::{Definition, Record},
};
use crate::{
    evaluate::{ActionOutcome, Evaluator, Transition},
    model::State,
};

/// The alarms of one account and region.
#[derive(Debug)]
pub struct AlarmService {
    region: String,
    account: String,
    evaluator: Evaluator,
    records: BTreeMap<String, Record>,
    history: History,
    now: EpochSeconds,
}

/// A transition and what it asks for.
#[derive(Clone, Debug)]
pub struct Event {
    /// What happened.
    pub transition: Transition,
    /// The ARNs of the actions that are due.
    pub actions: Vec<String>,
    /// What topics are sent.
    pub notification: Notification,
}

/// What came of a request.
#[derive(Debug)]
pub struct Answer {
    /// What the caller is told.
    pub result: Result<Output, ApiError>,
    /// What SetAlarmState brought about: its actions are due.
    pub event: Option<Event>,
}

impl AlarmService {
    /// Without an alarm, on a store.
    #[must_use]
    pub fn new(region: &str, account: &str, store: Store) -> Self {
        Self {
            region: region.to_owned(),
            account: account.to_owned(),
            evaluator: Evaluator::live(store),
            records: BTreeMap::new(),
            history: History::default(),
            now: 0,
        }
    }

    /// The evaluator, to look at.
    #[must_use]
    pub fn evaluator(&self) -> &Evaluator {
        &self.evaluator
    }

    /// Evaluates what is due up to `now`.
    pub fn tick(&mut self, now: EpochSeconds) -> Vec<Event> {
        self.now = self.now.max(now);
        let transitions = self.evaluator.tick(now);
        transitions.into_iter().filter_map(|transition| self.event(transition)).collect()
    }

    /// An action was carried out, or could not be.
    pub fn acted(&mut self, event: &Event, arn: &str, result: Result<(), &str>) {
        if let Some(record) = self.records.get(&event.transition.alarm) {
            let kind = record.definition.kind();
            let result = result.map(|()| &event.notification.message);
            self.history.action(&event.transition.alarm, kind, event.transition.at, arn, result);
        }
    }

    fn event(&mut self, transition: Transition) -> Option<Event> {
        let record = self.records.get_mut(&transition.alarm)?;
        if transition.from != transition.to {
            self.history.transition(record.definition.kind(), &record.last, &transition);
        }
        if let Some(status) = self.evaluator.status(&transition.alarm) {
            record.last = status.clone();
        }
        let actions = match &transition.actions {
            ActionOutcome::Fired(actions) => actions.clone(),
            ActionOutcome::Disabled | ActionOutcome::Suppressed(_) | ActionOutcome::Muted(_) => Vec::new(),
        };
        let notification = notification::of(record, &transition, &self.region, &self.account);
        Some(Event { transition, actions, notification })
    }

    /// Does what a request asks; `None` if it is no operation on alarms.
    pub fn run(&mut self, operation: &str, input: &Value, now: EpochSeconds) -> Option<Answer> {
        self.now = self.now.max(now);
        let result = match operation {
            "SetAlarmState" => {
                return Some(match self.set_state(input) {
                    Ok(event) => Answer { result: Ok(Output::empty()), event },
                    Err(error) => Answer { result: Err(error), event: None },
                });
            }
            "PutMetricAlarm" => read(input).and_then(|input| self.put(Definition::Metric(Box::new(input)))),
            "PutCompositeAlarm" => read(input).and_then(|input| self.put(Definition::Composite(Box::new(input)))),
            "DescribeAlarms" => read(input).and_then(|input| describe::alarms(self, &input)),
            "DescribeAlarmsForMetric" => read(input).and_then(|input| describe::for_metric(self, &input)),
            "DescribeAlarmHistory" => read(input).and_then(|input| self.history.describe(&input)),
            "EnableAlarmActions" => self.enable_actions(input, true),
            "DisableAlarmActions" => self.enable_actions(input, false),
            "DeleteAlarms" => self.delete(input),
            "TagResource" => read(input).and_then(|input| tags::tag(self, &input)),
            "UntagResource" => read(input).and_then(|input| tags::untag(self, &input)),
            "ListTagsForResource" => read(input).and_then(|input| tags::list(self, &input)),
            _ => return None,
        };
        Some(Answer { result, event: None })
    }

    fn put(&mut self, definition: Definition) -> Result<Output, ApiError> {
        let name = definition.common().alarm_name.clone();
        let before = self.records.get(&name);
        if before.is_some_and(|before| before.definition.kind() != definition.kind()) {
            return Err(validation(format!("an alarm of another type has the name {name}")));
        }
        let put = match &definition {
            Definition::Metric(input) => metric_alarm::compile(input)?,
            Definition::Composite(input) => composite_alarm::compile(input, |name| {
                self.records.contains_key(name) || *name == input.common.alarm_name
            })?,
        };
        let how = if before.is_some() { "Update" } else { "Create" };
        // Tags of an alarm that is there are changed by TagResource alone.
        let tags = match before {
            Some(before) => before.tags.clone(),
            None => limits::tags(&definition.common().tags)?,
        };
        let old = before.map(|before| Output::Map(before.configuration()).to_json());
        self.evaluator.put(put);
        let Some(last) = self.evaluator.status(&name).cloned() else {
            return Err(ApiError::new(500, "InternalServiceFault", format!("{name} is not kept")));
        };
        let arn = format!("arn:aws:cloudwatch:{}:{}:alarm:{name}", self.region, self.account);
        let record = Record { definition, arn, configured: self.now, tags, last };
        let new = Output::Map(record.configuration()).to_json();
        let alarms = match old {
            None => json!({"createdAlarm": new}),
            Some(old) => json!({"updatedAlarm": new, "oldAlarm": old}),
        };
        self.history.configured(&name, record.definition.kind(), self.now, how, alarms);
        self.records.insert(name, record);
        Ok(Output::empty())
    }

    fn set_state(&mut self, input: &Value) -> Result<Option<Event>, ApiError> {
        let input: input::SetAlarmState = read(input)?;
        let to = State::parse(&input.state_value)
            .ok_or_else(|| invalid(format!("The value {} for parameter StateValue is invalid.", input.state_value)))?;
        if input.state_reason.chars().count() > 1023 || input.state_reason_data.chars().count() > 4000 {
            return Err(validation("StateReason has at most 1023 characters, StateReasonData at most 4000"));
        }
        if !input.state_reason_data.is_empty() && serde_json::from_str::<Value>(&input.state_reason_data).is_err() {
            return Err(
                ApiError::new(400, "InvalidFormatFault", "StateReasonData is not JSON").query_code("InvalidFormat")
            );
        }
        if !self.records.contains_key(&input.alarm_name) {
            return Err(no_alarm(&input.alarm_name));
        }
        let transition = self.evaluator.set_state(&input.alarm_name, to, &input.state_reason, &input.state_reason_data);
        Ok(transition.and_then(|transition| self.event(transition)))
    }

    fn enable_actions(&mut self, input: &Value, enabled: bool) -> Result<Output, ApiError> {
        let input: input::AlarmNames = read(input)?;
        if !(1..=100).contains(&input.alarm_names.len()) {
            return Err(validation("AlarmNames has 1 to 100 members"));
        }
        for name in &input.alarm_names {
            let Some(record) = self.records.get(name).filter(|record| record.definition.common().enabled() != enabled)
            else {
                continue;
            };
            let mut definition = record.definition.clone();
            definition.common_mut().actions_enabled = Some(aws_wire::Flag(enabled));
            self.put(definition)?;
        }
        Ok(Output::empty())
    }

    /// All of them, or none.
    fn delete(&mut self, input: &Value) -> Result<Output, ApiError> {
        let input: input::AlarmNames = read(input)?;
        if !(1..=100).contains(&input.alarm_names.len()) {
            return Err(validation("AlarmNames has 1 to 100 members"));
        }
        let known: Vec<_> = input.alarm_names.iter().filter(|name| self.records.contains_key(*name)).collect();
        let composites = known.iter().filter(|name| self.records[**name].definition.kind() == "CompositeAlarm").count();
        if composites > 1 {
            return Err(combination("at most one of the alarms may be a composite alarm"));
        }
        for name in &known {
            let used = self.evaluator.dependents(name).find(|parent| !known.contains(&&parent.name));
            let is_composite = self.records[*name].definition.kind() == "CompositeAlarm";
            if let Some(parent) = used.filter(|_| is_composite) {
                return Err(validation(format!(
                    "{name} can't be deleted: the composite alarm {} depends on it",
                    parent.name
                )));
            }
        }
        let known: Vec<String> = known.into_iter().cloned().collect();
        for name in known {
            self.evaluator.remove(&name);
            if let Some(record) = self.records.remove(&name) {
                let alarms = json!({"deletedAlarm": Output::Map(record.configuration()).to_json()});
                self.history.configured(&name, record.definition.kind(), self.now, "Delete", alarms);
            }
        }
        Ok(Output::empty())
    }
}

impl Recorder for AlarmService {
    fn store(&self) -> &Store {
        self.evaluator.store()
    }

    fn record(&mut self, point: &Datapoint, now: EpochSeconds) -> Result<(), Refused> {
        self.evaluator.record(point, now)
    }
}

fn no_alarm(name: &str) -> ApiError {
    ApiError::new(404, "ResourceNotFound", format!("there is no alarm {}", name))
}

#[cfg(test)]
mod tests;
