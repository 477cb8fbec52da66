//! Composites refer to what exists, without a circle, and can be created in two waves.

use std::collections::BTreeSet;

use alarms::{
    catalogue::Alarm,
    composite::{alarm_name, order, references},
};

use super::{Context, Findings};

const RULE: &str = "composite";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for (index, reason) in order(&context.catalogue.composites).circles {
        let name = &context.catalogue.composites[index].key;
        findings.add(RULE, name, reason, "take the circle out of the rule or the suppressor");
    }
    let not_supported = context.catalogue.not_supported.iter().map(|left_out| left_out.alarm.as_str());
    let names: BTreeSet<&str> = context.catalogue.names().chain(not_supported).collect();
    for composite in &context.catalogue.composites {
        let suppressor = composite.suppressor.as_ref();
        if suppressor.is_some_and(|s| s.wait_s < 0 || s.extension_s < 0) {
            findings.add(
                RULE,
                &composite.key,
                "a suppressor's periods cannot be negative".into(),
                "use whole seconds from 0",
            );
        }
        for reference in references(composite).filter(|reference| !names.contains(alarm_name(reference))) {
            let what = format!("it refers to `{reference}`, which is not among the alarms");
            match context.ours {
                true => findings.add(RULE, &composite.key, what, "correct the rule or the suppressor"),
                // Unknown here is not nowhere.
                false => findings.note(
                    RULE,
                    &composite.key,
                    what,
                    "if it belongs to another stack, scenarios give its state (`states:`); otherwise correct the rule",
                ),
            }
        }
        if !context.ours {
            continue;
        }
        for reference in references(composite) {
            let named = context.catalogue.find(alarm_name(reference));
            if let Some(named) = named.filter(|named| composite.about.observability > named.about().observability) {
                findings.add(
                    RULE,
                    &composite.key,
                    format!(
                        "it is lean and names {}, which is full: a lean environment has no such alarm",
                        named.key()
                    ),
                    format!("make {} lean, or this one full", named.key()),
                );
            }
            let Some(Alarm::Composite(other)) = named else {
                continue;
            };
            if composite.suppressor.is_none() || other.suppressor.is_some() {
                findings.add(
                    RULE,
                    &composite.key,
                    format!("it names the composite {}, and Terraform creates composites in two waves: without a suppressor first, with one second", other.key),
                    "name metric alarms, or give it a suppressor that has none itself",
                );
            }
        }
    }
}
