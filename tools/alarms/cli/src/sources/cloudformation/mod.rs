//! Templates of CloudFormation, SAM and CDK: `Resources`, with their intrinsic functions resolved as far as a template alone can.

mod intrinsics;
mod tags;

use std::collections::BTreeMap;

use serde_json::Value;
pub(super) use tags::from_yaml;

use self::intrinsics::Template;
use super::{
    Given, definition,
    found::{Found, Kind, Place},
    resource::{Resource, TYPES},
};

pub(super) fn is(value: &Value) -> bool {
    value["Resources"].is_object()
}

pub(super) fn read(value: &Value, given: &Given, found: &mut Found) {
    let template = Template::new(value, &given.values);
    let region = given.values.get("AWS::Region").cloned();
    for (id, resource) in value["Resources"].as_object().into_iter().flatten() {
        let kind = resource["Type"].as_str().unwrap_or_default();
        if id.starts_with("Fn::ForEach") {
            found
                .not_supported(id, "not supported: Fn::ForEach; deploy tools can expand it (`sam build`, `cdk synth`)");
            continue;
        }
        // A condition that is known to be false leaves the resource out.
        if resource["Condition"].as_str().is_some_and(|name| template.condition(name, 0) == Some(false)) {
            continue;
        }
        let of = match kind {
            "AWS::CloudWatch::Alarm" => Kind::Metric,
            "AWS::CloudWatch::CompositeAlarm" => Kind::Composite,
            "AWS::CloudWatch::AlarmMuteRule" => Kind::Mute,
            kind if kind.starts_with("AWS::CloudWatch::") && kind.contains("Alarm") => {
                found.not_supported(id, &format!("not supported: {kind}"));
                continue;
            }
            _ => {
                if let Some(one) = of_interest(id, kind, &properties_of(value, kind, resource), &template) {
                    found.resources.push(one);
                }
                continue;
            }
        };
        let properties = template.resolve(&resource["Properties"], 0);
        let name = template.name_of(id, 0);
        found.add(Place { region: region.clone(), account: None }, of, &properties, &name, id, id);
    }
    let targets = dead_letter_targets(value);
    for resource in &mut found.resources {
        resource.is_dead_letter_queue |= targets.contains(&resource.address);
    }
    found.unknown += template.open();
}

/// A resource's properties; of SAM's types, with what `Globals` says of all of them.
fn properties_of(template: &Value, kind: &str, resource: &Value) -> Value {
    let globals = kind.strip_prefix("AWS::Serverless::").map(|name| &template["Globals"][name]);
    let mut all = globals.and_then(Value::as_object).cloned().unwrap_or_default();
    all.extend(resource["Properties"].as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

fn of_interest(id: &str, kind: &str, properties: &Value, template: &Template<'_>) -> Option<Resource> {
    let of = TYPES.iter().find(|of| of.kind == kind)?;
    let properties = template.resolve(properties, 0);
    let known = |property: &str| {
        let text = definition::text(&properties, property).map(str::to_owned);
        text.unwrap_or_else(|| format!("${{{id}}}"))
    };
    #[expect(clippy::cast_possible_truncation, reason = "seconds")]
    let bound = |property: &str| definition::number(&properties[property]).map(|number| number as i64);
    let name = id.to_ascii_lowercase();
    Some(Resource {
        address: id.to_owned(),
        kind: of.kind,
        dimensions: of.dimensions.iter().map(|(name, property, _)| (*name, known(property))).collect(),
        bounds: of
            .bounds
            .iter()
            .filter_map(|(n, property, _)| Some((*n, bound(property)?)))
            .collect::<BTreeMap<_, _>>(),
        is_dead_letter_queue: of.kind == "AWS::SQS::Queue" && (name.contains("dlq") || name.contains("deadletter")),
    })
}

/// Logical ids that a `RedrivePolicy` or a `DeadLetterConfig` names.
fn dead_letter_targets(template: &Value) -> Vec<String> {
    let mut targets = Vec::new();
    for resource in template["Resources"].as_object().into_iter().flat_map(|map| map.values()) {
        let target = &resource["Properties"]["RedrivePolicy"]["deadLetterTargetArn"];
        let attribute = &target["Fn::GetAtt"];
        let id =
            attribute[0].as_str().or_else(|| attribute.as_str()?.split('.').next()).or_else(|| target["Ref"].as_str());
        targets.extend(id.map(str::to_owned));
    }
    targets
}

#[cfg(test)]
mod tests;
