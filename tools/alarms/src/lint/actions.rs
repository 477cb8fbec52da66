//! Somebody is told: directly, or through a composite.

use super::{Context, Findings};
use crate::catalogue::{Alarm, Catalogue};
use crate::composite::alarm_name;
use crate::model::Severity;

const RULE: &str = "action";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in context.catalogue.alarms() {
        let actions = alarm.actions();
        let used = is_used(context.catalogue, alarm);
        let silent = actions.alarm.is_empty() || !actions.enabled;
        if silent && !used {
            findings.add(
                RULE,
                alarm.key(),
                "it turns red and nobody is told".into(),
                "give it an action (a severity), or use it in a composite",
            );
        }
        if context.ours && alarm.about().severity != Some(Severity::None) && alarm.about().drill.is_none() {
            findings.add(RULE, alarm.key(), "nothing proves that it fires".into(), "name the drill, or `scenario`");
        }
    }
}

/// In the rule of a composite, or as its suppressor.
fn is_used(catalogue: &Catalogue, alarm: Alarm<'_>) -> bool {
    catalogue.composites.iter().any(|composite| {
        let named = composite.rule.alarms().into_iter().chain(composite.suppressor.iter().map(|s| s.alarm.as_str()));
        named.into_iter().any(|reference| alarm_name(reference) == alarm.name())
    })
}
