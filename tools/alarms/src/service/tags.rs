//! TagResource, UntagResource, ListTagsForResource.

use aws_wire::{ApiError, Output};
use cloudwatch::api::error::{invalid, not_found};

use super::{AlarmService, input::Tagging, limits, record::Record};

fn find<'a>(service: &'a mut AlarmService, arn: &str) -> Result<&'a mut Record, ApiError> {
    let record = service.records.values_mut().find(|record| record.arn == arn);
    record.ok_or_else(|| not_found(format!("there is no alarm {arn}")))
}

pub(super) fn tag(service: &mut AlarmService, input: &Tagging) -> Result<Output, ApiError> {
    let new = limits::tags(&input.tags)?;
    let record = find(service, &input.resource_arn)?;
    let added = new.keys().filter(|key| !record.tags.contains_key(*key)).count();
    if record.tags.len() + added > 50 {
        return Err(invalid("more than 50 tags"));
    }
    record.tags.extend(new);
    Ok(Output::empty())
}

pub(super) fn untag(service: &mut AlarmService, input: &Tagging) -> Result<Output, ApiError> {
    let record = find(service, &input.resource_arn)?;
    record.tags.retain(|key, _| !input.tag_keys.contains(key));
    Ok(Output::empty())
}

pub(super) fn list(service: &mut AlarmService, input: &Tagging) -> Result<Output, ApiError> {
    let record = find(service, &input.resource_arn)?;
    let tag = |(key, value): (&String, &String)| {
        Output::Map(vec![("Key", Output::from(key)), ("Value", Output::from(value))])
    };
    Ok(Output::Map(vec![("Tags", Output::List(record.tags.iter().map(tag).collect()))]))
}
