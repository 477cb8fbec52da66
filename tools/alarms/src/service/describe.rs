//! DescribeAlarms and DescribeAlarmsForMetric.

use std::collections::HashMap;

use aws_wire::{ApiError, Output, Page};
use cloudwatch::api::error::{combination, invalid, not_found, validation};

use super::{
    AlarmService,
    input::{DescribeAlarms, DescribeAlarmsForMetric},
    limits,
    record::{Definition, Record, key},
};
use crate::{composite::alarm_name, evaluate::Status, model::State};

const PAGE: usize = 50;

type Found<'a> = (&'a Record, &'a Status);

pub(super) fn alarms(service: &AlarmService, input: &DescribeAlarms) -> Result<Output, ApiError> {
    let size = limits::records(input.max_records, PAGE)?;
    let found = matching(service, input)?;
    let page = Page::of(&found, input.next_token.as_deref(), size)?;
    // Of relatives CloudWatch tells little more than who they are.
    let brief = input.children_of_alarm_name.is_some() || input.parents_of_alarm_name.is_some();
    let of = |kind: &str| {
        let of_kind = page.items.iter().filter(|(record, _)| record.definition.kind() == kind);
        let describe =
            |(record, status): &Found<'_>| if brief { identity(record, status) } else { record.describe(status) };
        Output::List(of_kind.map(describe).collect())
    };
    let mut members = vec![("MetricAlarms", of("MetricAlarm")), ("CompositeAlarms", of("CompositeAlarm"))];
    members.extend(page.token());
    Ok(Output::Map(members))
}

fn identity(record: &Record, status: &Status) -> Output {
    Output::Map(vec![
        ("AlarmName", Output::from(&record.definition.common().alarm_name)),
        ("AlarmArn", Output::from(&record.arn)),
        ("StateValue", Output::from(status.state.as_str())),
        ("StateUpdatedTimestamp", Output::Time(status.since as f64)),
    ])
}

fn matching<'a>(service: &'a AlarmService, input: &DescribeAlarms) -> Result<Vec<Found<'a>>, ApiError> {
    if !input.alarm_names.is_empty() && input.alarm_name_prefix.is_some() {
        return Err(combination("AlarmNames and AlarmNamePrefix can't be there together"));
    }
    if input.alarm_names.len() > 100 {
        return Err(validation("AlarmNames has at most 100 members"));
    }
    let state = input.state_value.as_deref().map(|text| {
        State::parse(text).ok_or_else(|| invalid(format!("The value {text} for parameter StateValue is invalid.")))
    });
    let state = state.transpose()?;
    if let Some(other) = input.alarm_types.iter().find(|kind| !KINDS.contains(&kind.as_str())) {
        return Err(invalid(format!("The value {other} for parameter AlarmTypes is invalid.")));
    }
    let relatives = relatives(service, input)?;
    // Without a type only metric alarms are told, whatever there is.
    let kinds = |kind: &str| match input.alarm_types.as_slice() {
        [] => relatives.is_some() || kind == "MetricAlarm",
        types => types.iter().any(|wanted| wanted == kind),
    };
    let statuses: HashMap<&str, &Status> =
        service.evaluator.statuses().iter().map(|status| (status.alarm.as_str(), status)).collect();
    let found = service.records.iter().filter_map(|(name, record)| {
        let status = *statuses.get(name.as_str())?;
        let common = record.definition.common();
        let actions = [&common.alarm_actions, &common.ok_actions, &common.insufficient_data_actions];
        let is_wanted = kinds(record.definition.kind())
            && (input.alarm_names.is_empty() || input.alarm_names.contains(name))
            && input.alarm_name_prefix.as_ref().is_none_or(|prefix| name.starts_with(prefix))
            && relatives.as_ref().is_none_or(|relatives| relatives.contains(name))
            && state.is_none_or(|state| status.state == state)
            && input.action_prefix.as_ref().is_none_or(|prefix| {
                actions.iter().any(|actions| actions.iter().any(|action| action.starts_with(prefix)))
            });
        is_wanted.then_some((record, status))
    });
    Ok(found.collect())
}

const KINDS: [&str; 3] = ["MetricAlarm", "CompositeAlarm", "LogAlarm"];

/// The names of an alarm's children, or of its parents.
fn relatives(service: &AlarmService, input: &DescribeAlarms) -> Result<Option<Vec<String>>, ApiError> {
    let missing = |name: &str| not_found(format!("there is no alarm {name}"));
    match (&input.children_of_alarm_name, &input.parents_of_alarm_name) {
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(combination("ChildrenOfAlarmName and ParentsOfAlarmName can't be there together")),
        (Some(parent), None) => {
            let composites = &service.evaluator.catalogue().composites;
            let rule = composites.iter().find(|alarm| alarm.name == *parent).map(|alarm| &alarm.rule);
            let rule = rule.ok_or_else(|| missing(parent))?;
            Ok(Some(rule.alarms().into_iter().map(|alarm| alarm_name(alarm).to_owned()).collect()))
        }
        (None, Some(child)) => {
            if !service.records.contains_key(child) {
                return Err(missing(child));
            }
            Ok(Some(service.evaluator.dependents(child).map(|alarm| alarm.name.clone()).collect()))
        }
    }
}

/// Alarms of the plain form on that very metric: expressions that use it are not told.
pub(super) fn for_metric(service: &AlarmService, input: &DescribeAlarmsForMetric) -> Result<Output, ApiError> {
    let dimensions = cloudwatch::api::dimensions(input.dimensions.clone())?;
    let same = |wanted: &Option<String>, found: &Option<String>| wanted.is_none() || wanted == found;
    let found = service.records.iter().filter_map(|(name, record)| {
        let Definition::Metric(alarm) = &record.definition else { return None };
        let key = key(alarm);
        let is_wanted = key.namespace == input.namespace
            && key.name == input.metric_name
            && key.dimensions == dimensions
            && same(&input.statistic, &alarm.statistic)
            && same(&input.extended_statistic, &alarm.extended_statistic)
            && same(&input.unit, &alarm.unit)
            && (input.period.is_none() || input.period == alarm.period);
        let status = service.evaluator.status(name)?;
        is_wanted.then(|| record.describe(status))
    });
    Ok(Output::Map(vec![("MetricAlarms", Output::List(found.collect()))]))
}
