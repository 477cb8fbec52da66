//! Which resources of a plan or a template have no alarm on what matters.

use std::{collections::BTreeMap, fmt::Write};

use alarms::model::{MetricKey, Source};
use serde::{Deserialize, Serialize};

use crate::sources::{Found, Resource};

const TABLE: &str = include_str!("../data/coverage.yaml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    namespace: String,
    #[serde(default)]
    metrics: Vec<Row>,
    #[serde(default)]
    dead_letter: Vec<Row>,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    any: Vec<String>,
    alarm: String,
    why: String,
}

/// What is said about one resource.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Covered {
    /// Its address, or its logical id.
    pub resource: String,
    /// CloudFormation's name of its kind.
    pub kind: &'static str,
    /// What some alarm watches.
    pub watched: Vec<String>,
    /// What none does.
    pub missing: Vec<Missing>,
}

/// Something that no alarm watches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Missing {
    /// The metric; the first of those that would do.
    pub metric: String,
    /// What it would tell.
    pub why: String,
    /// An alarm to begin with.
    pub alarm: String,
}

/// Every resource of a kind that is known.
///
/// # Errors
/// When the table that is built in can't be read.
pub fn coverage(found: &Found) -> Result<Vec<Covered>, serde_norway::Error> {
    let table: BTreeMap<String, Kind> = serde_norway::from_str(TABLE)?;
    let alarms = found
        .groups
        .iter()
        .flat_map(|group| group.catalogue.metric_alarms.iter().chain(group.open.iter().map(|open| &open.alarm)));
    let watched: Vec<&MetricKey> = alarms
        .flat_map(|alarm| &alarm.spec.queries)
        .filter_map(|query| match &query.source {
            Source::Metric { metric, .. } => Some(metric),
            Source::Expression(_) => None,
        })
        .collect();
    let mut all = Vec::new();
    for resource in &found.resources {
        let Some(kind) = table.get(resource.kind) else { continue };
        let rows = if resource.is_dead_letter_queue { &kind.dead_letter } else { &kind.metrics };
        let mut covered = Covered {
            resource: resource.address.clone(),
            kind: resource.kind,
            watched: Vec::new(),
            missing: Vec::new(),
        };
        for row in rows {
            let by = watched
                .iter()
                .find(|key| key.namespace == kind.namespace && row.any.contains(&key.name) && is_of(key, resource));
            match by {
                Some(key) => covered.watched.push(key.name.clone()),
                None => covered.missing.push(Missing {
                    metric: row.any.first().cloned().unwrap_or_default(),
                    why: row.why.clone(),
                    alarm: row.alarm.clone(),
                }),
            }
        }
        all.push(covered);
    }
    Ok(all)
}

/// Whether a metric is of a resource: its dimensions say so, or name it while its name is not known yet.
fn is_of(key: &MetricKey, resource: &Resource) -> bool {
    resource.dimensions.iter().any(|(name, value)| {
        key.dimensions.get(*name).is_some_and(|found| found == value || names(found, &resource.address))
    })
}

/// `(known after apply: aws_sqs_queue.work.name)` and `${Work.QueueName}` name what they come from.
fn names(symbol: &str, address: &str) -> bool {
    let inside = symbol
        .strip_prefix("(known after apply: ")
        .and_then(|rest| rest.strip_suffix(')'))
        .or_else(|| symbol.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')));
    let rest = inside.and_then(|inside| inside.strip_prefix(address));
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

/// A table for a comment on a pull request.
pub fn markdown(covered: &[Covered]) -> String {
    let missing = covered.iter().filter(|one| !one.missing.is_empty()).count();
    let mut text = format!(
        "### Alarms: {} of {} resources are watched in all that matters\n\n",
        covered.len() - missing,
        covered.len()
    );
    if missing == 0 {
        return text;
    }
    // Writing to a String cannot fail.
    let _ = writeln!(text, "| Resource | No alarm on | because then | to begin with |\n|---|---|---|---|");
    for one in covered {
        for gap in &one.missing {
            let _ = writeln!(
                text,
                "| `{}` | {} | {} | {} |",
                cell(&one.resource),
                cell(&gap.metric),
                cell(&gap.why),
                cell(&gap.alarm)
            );
        }
    }
    text
}

/// Nothing in a cell ends it.
fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('`', "'").replace(['\n', '\r'], " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sources::{Given, Input, read};

    #[test]
    fn what_has_no_alarm_is_found_and_what_has_one_is_not() {
        let text = "Resources:\n  Work: { Type: AWS::SQS::Queue, Properties: { RedrivePolicy: { deadLetterTargetArn: !GetAtt Lost.Arn } } }\n  \
                    Lost: { Type: AWS::SQS::Queue }\n  Age:\n    Type: AWS::CloudWatch::Alarm\n    Properties: { Namespace: AWS/SQS, MetricName: \
                    ApproximateAgeOfOldestMessage, Dimensions: [{ Name: QueueName, Value: !GetAtt Work.QueueName }], Statistic: Maximum, Period: \
                    60, EvaluationPeriods: 1, ComparisonOperator: GreaterThanThreshold, Threshold: 60 }\n";
        let mut found = Found::default();
        let input = Input { name: "t.yaml".into(), bytes: text.as_bytes().to_vec(), is_named: true };
        read(&input, &Given::default(), &mut found).unwrap();
        let covered = coverage(&found).unwrap();
        let of = |name: &str| covered.iter().find(|one| one.resource == name).unwrap();
        assert_eq!(of("Work").missing, []);
        assert_eq!(of("Work").watched, ["ApproximateAgeOfOldestMessage"]);
        assert_eq!(of("Lost").missing[0].metric, "ApproximateNumberOfMessagesVisible");
        let text = markdown(&covered);
        assert!(text.starts_with("### Alarms: 1 of 2 resources"), "{text}");
        assert!(text.contains("| `Lost` | ApproximateNumberOfMessagesVisible | messages were given up |"), "{text}");
    }

    #[test]
    fn the_table_knows_what_is_read_of_templates() {
        let table: BTreeMap<String, Kind> = serde_norway::from_str(TABLE).unwrap();
        let emitted = crate::lint::Emitted::aws().unwrap();
        assert!(table.len() > 20 && emitted.namespaces() >= 40);
    }
}
