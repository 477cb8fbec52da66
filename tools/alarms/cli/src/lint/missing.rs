//! What a missing datapoint means is said, not left to the default.

use super::{Context, Findings};

const RULE: &str = "missing-data";

pub(super) fn check(context: &Context<'_>, findings: &mut Findings) {
    for alarm in &context.catalogue.metric_alarms {
        if alarm.spec.missing_data.is_some() {
            continue;
        }
        let dynamodb = alarm.metrics().any(|(_, metric, _)| metric.namespace == "AWS/DynamoDB");
        let default = if dynamodb { "ignore, for AWS/DynamoDB" } else { "missing" };
        findings.add(
            RULE,
            &alarm.spec.key,
            format!("the treatment of missing data is left to the default ({default})"),
            "say notBreaching, breaching, ignore or missing",
        );
    }
}
