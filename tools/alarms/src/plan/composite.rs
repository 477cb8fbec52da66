//! `aws_cloudwatch_composite_alarm`.

use super::{Resource, number};
use crate::composite::parse;
use crate::model::{CompositeAlarm, Suppressor};

pub(super) fn read(resource: &Resource<'_>) -> Result<CompositeAlarm, String> {
    let name = resource.required("alarm_name")?.to_owned();
    let rule_text = resource
        .required("alarm_rule")
        .map_err(|reason| format!("{reason}; write the rule with alarm names rather than ARNs"))?
        .to_owned();
    let rule = parse(&rule_text).map_err(|error| format!("alarm_rule: {error}"))?;
    let block = &resource.values["actions_suppressor"][0];
    let suppressor = if block.is_object() {
        let alarm =
            block["alarm"].as_str().ok_or("the actions suppressor is known only after the apply; use its name")?;
        let seconds = |key: &str| number(&block[key]).ok_or(format!("{key} is missing"));
        Some(Suppressor {
            alarm: alarm.to_owned(),
            wait_s: seconds("wait_period")? as i64,
            extension_s: seconds("extension_period")? as i64,
        })
    } else {
        None
    };
    Ok(CompositeAlarm {
        name,
        key: resource.address.to_owned(),
        about: resource.about(),
        actions: resource.all_actions(),
        rule_text,
        rule,
        suppressor,
    })
}
