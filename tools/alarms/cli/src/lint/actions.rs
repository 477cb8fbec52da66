//! Somebody is told: directly, or through a composite.

use std::collections::BTreeSet;

use alarms::{
    Catalogue,
    composite::{alarm_name, references},
    model::Severity,
};

use super::{Context, Findings};

const RULE: &str = "action";
/// So many are named.
const NAMED: usize = 3;

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    let used = used(context.catalogue);
    let mut silent = Vec::new();
    for alarm in context.catalogue.alarms() {
        let actions = alarm.actions();
        if (actions.alarm.is_empty() || !actions.enabled) && !used.contains(alarm.name()) {
            silent.push(alarm.key());
        }
        if context.ours && alarm.about().severity != Some(Severity::None) && alarm.about().drill.is_none() {
            findings.add(RULE, alarm.key(), "nothing proves that it fires".into(), "name the drill, or `scenario`");
        }
    }
    if context.ours {
        for key in silent {
            let fix = "give it an action (a severity), or use it in a composite";
            findings.add(RULE, key, "it turns red and nobody is told".into(), fix);
        }
        return;
    }
    // A project that tells people in another way has decided so once.
    if let [first, ..] = silent[..] {
        let names = silent.iter().take(NAMED).copied().collect::<Vec<_>>().join(", ");
        let more = if silent.len() > NAMED { ", ..." } else { "" };
        let what = format!(
            "{} of {} alarms turn red and tell nobody: no action for ALARM, and in no composite ({names}{more})",
            silent.len(),
            context.catalogue.len()
        );
        let fix = "give them alarm actions, or ignore this rule in .alarms.yaml with the reason";
        findings.add(RULE, if silent.len() == 1 { first } else { "(project)" }, what, fix);
    }
}

/// The names in rules of composites, and of suppressors.
fn used(catalogue: &Catalogue) -> BTreeSet<&str> {
    catalogue.composites.iter().flat_map(references).map(alarm_name).collect()
}
