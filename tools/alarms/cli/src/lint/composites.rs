//! Composites refer to what exists, without a circle, and can be created in two waves.

use super::{Context, Findings};
use alarms::catalogue::Alarm;
use alarms::composite::{alarm_name, references};
use alarms::evaluate::Evaluator;

const RULE: &str = "composite";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let evaluator = Evaluator::with_options(context.catalogue.clone(), context.options.clone());
    let unsupported = &context.catalogue.not_supported;
    for left_out in evaluator.not_evaluated().iter().filter(|alarm| !unsupported.contains(alarm)) {
        findings.add(RULE, &left_out.alarm, left_out.reason.clone(), "correct the rule or the suppressor");
    }
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
