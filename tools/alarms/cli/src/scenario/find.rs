//! Which alarm a scenario means.

use alarms::{Catalogue, catalogue::Alarm};

use crate::sources::Group;

/// An alarm by its key or address, or its name; in a plan also by the key of its instance (`this["queue-age"]`). What could be two
/// alarms is none.
pub fn find<'a>(group: &'a Group, wanted: &str) -> Option<Alarm<'a>> {
    if let Some(alarm) = group.catalogue.find(wanted) {
        return Some(alarm);
    }
    let open = group.open.iter().map(|open| &open.alarm);
    if let Some(alarm) = open.clone().find(|alarm| alarm.spec.key == wanted || alarm.spec.name == wanted) {
        return Some(Alarm::Metric(alarm));
    }
    by_instance(&group.catalogue, wanted)
}

fn by_instance<'a>(catalogue: &'a Catalogue, wanted: &str) -> Option<Alarm<'a>> {
    let ending = format!("[\"{wanted}\"]");
    let mut found = catalogue.alarms().filter(|alarm| alarm.key().ends_with(&ending));
    match (found.next(), found.next()) {
        (Some(alarm), None) => Some(alarm),
        _ => None,
    }
}

/// The key between the brackets of `aws_cloudwatch_metric_alarm.this["queue-age"]`.
pub(super) fn instance_key(address: &str) -> Option<&str> {
    address.strip_suffix("\"]")?.rsplit_once("[\"").map(|(_, key)| key)
}
