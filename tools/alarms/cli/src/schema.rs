//! A catalogue's contract: what `terraform/alarms.schema.json` allows, Terraform binds.

use anyhow::Context as _;
use jsonschema::Validator;
use serde_json::Value;

use crate::{lint::Finding, scenario::Location};

/// The project's, which editors complete too.
const SCHEMA: &str = include_str!("../data/alarms.schema.json");
const RULE: &str = "schema";

/// What of a catalogue's text is against the contract, each with its line.
///
/// # Errors
/// When the text is no YAML.
pub fn check(file: &str, text: &str) -> anyhow::Result<Vec<Finding>> {
    let catalogue: Value = serde_norway::from_str(text)?;
    let schema: Value = serde_json::from_str(SCHEMA).context("terraform/alarms.schema.json")?;
    let validator = Validator::new(&schema).context("terraform/alarms.schema.json")?;
    let finding = |error: jsonschema::ValidationError<'_>| {
        let path: Vec<String> = error.instance_path().to_string().split('/').skip(1).map(str::to_owned).collect();
        let place = if path.is_empty() { "the catalogue".to_owned() } else { path.join(".") };
        Finding {
            alarm: path.get(1).cloned().unwrap_or_else(|| "catalogue".to_owned()),
            rule: RULE,
            message: format!("line {}: {place}: {}", line(text, &path), without_dump(&error)),
            fix: "write it as alarms.schema.json says, which Terraform reads by".to_owned(),
            is_note: false,
            place: Some(Location { file: file.to_owned(), line: line(text, &path) }),
        }
    };
    Ok(validator.iter_errors(&catalogue).map(finding).collect())
}

/// Messages begin with the whole object that is wrong; its place says enough.
fn without_dump(error: &jsonschema::ValidationError<'_>) -> String {
    let text = error.to_string();
    match text.strip_prefix('{').and_then(|_| text.rsplit_once("} ")) {
        Some((_, rest)) => rest.to_owned(),
        None => text,
    }
}

/// The line on which a part of a block-style document begins, counted from 1: that of its deepest key.
fn line(text: &str, path: &[String]) -> usize {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = 0;
    let mut from = 0;
    let mut indent = 0;
    let mut in_item = false;
    for part in path {
        let inside = |line: &&str| line.trim().is_empty() || line.trim().starts_with('#') || depth(line) >= indent;
        // The line of an item's dash is a part of it.
        let rest = from + usize::from(in_item);
        let end = rest + lines[rest.min(lines.len())..].iter().take_while(|line| inside(line)).count();
        let place = match part.parse::<usize>() {
            // Items may be indented as deep as their list's key.
            Ok(index) => {
                let dash = |line: &&str| line.trim_start().starts_with("- ");
                let first = lines[from..].iter().find(|line| dash(line)).map(|line| depth(line));
                let items = (from..lines.len()).filter(|at| dash(&lines[*at]) && Some(depth(lines[*at])) == first);
                items.take(index + 1).last()
            }
            Err(_) => (from..end).find(|at| {
                let line = lines[*at].trim_start().trim_start_matches("- ");
                line.strip_prefix(part.as_str()).is_some_and(|rest| rest.trim_start().starts_with(':'))
            }),
        };
        let Some(place) = place else { break };
        found = place;
        indent = depth(lines[place]) + 1;
        in_item = part.parse::<usize>().is_ok();
        from = if in_item { place } else { place + 1 };
    }
    found + 1
}

fn depth(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test")]

    use super::*;
    use crate::sources::catalogue;

    const CATALOGUE: &str = include_str!("../../../../terraform/alarms.yaml");
    const BINDING: &str = include_str!("../../../../terraform/observability.tf");

    fn messages(text: &str) -> Vec<String> {
        check("alarms.yaml", text).unwrap().into_iter().map(|finding| finding.message).collect()
    }

    #[test]
    fn the_catalogue_keeps_its_contract_and_names_it() {
        assert_eq!(messages(CATALOGUE), [""; 0]);
        assert!(CATALOGUE.starts_with("# yaml-language-server: $schema=alarms.schema.json\n"));
    }

    #[test]
    fn what_is_left_out_is_told_with_the_line_of_its_alarm() {
        let at = CATALOGUE.lines().position(|line| line == "  api-latency:").unwrap() + 1;
        let (before, after) = CATALOGUE.split_once("  api-latency:").unwrap();
        for field in ["missing_data: notBreaching", "datapoints_to_alarm: 3", "runbook: api-latency"] {
            let broken = format!("{before}  api-latency:{}", after.replacen(&format!("    {field}\n"), "", 1));
            let name = field.split(':').next().unwrap();
            assert_eq!(
                messages(&broken),
                [format!("line {at}: alarms.api-latency: \"{name}\" is a required property")]
            );
        }
    }

    #[test]
    fn a_wrong_value_is_told_with_its_line() {
        let text = CATALOGUE.replacen("        stat: Sum\n", "        stat: Sum\n        unit: Furlongs\n", 1);
        let at = text.lines().position(|line| line.contains("Furlongs")).unwrap() + 1;
        let found = messages(&text);
        assert!(found.iter().any(|message| message.starts_with(&format!("line {at}: "))), "{found:?}");
        let error = catalogue::read(&text, Some("p")).unwrap_err();
        assert!(!error.to_string().is_empty());
    }

    /// Every property of the schema, by the definition that has it.
    fn properties(definition: &str) -> Vec<String> {
        let schema: Value = serde_json::from_str(SCHEMA).unwrap();
        schema["definitions"][definition]["properties"].as_object().unwrap().keys().cloned().collect()
    }

    #[test]
    fn terraform_binds_every_property() {
        // Words for tools: `follows` is a lint's, a drill a test's; the index is written of them.
        let others = ["follows", "drill"];
        for (definition, value) in
            [("alarm", "each.value"), ("composite", "each.value"), ("metric", "metric_query.value")]
        {
            for property in properties(definition).iter().filter(|property| !others.contains(&property.as_str())) {
                let bound =
                    [value, "alarm", "composite"].iter().any(|value| BINDING.contains(&format!("{value}.{property}")));
                assert!(bound, "{definition}: {property}");
            }
        }
    }

    #[test]
    fn the_reader_knows_every_property_and_no_other() {
        let base = "alarms:\n  a: { summary: s, severity: page, runbook: r, drill: d, observability: lean, comparison: LessThanThreshold, threshold: 1, period: 60, \
             evaluation_periods: 1, datapoints_to_alarm: 1, missing_data: missing, follows: { times: { a: 1 }, plus: 2 }, metrics: [{ id: m, \
             label: l, namespace: n, metric: x, stat: Sum, unit: Count, dimensions: { D: d } }, { id: e, expression: m }] }\n\
             composites:\n  c: { summary: s, severity: page, runbook: r, drill: d, observability: lean, rule: 'ALARM(a)', suppressor: a, suppressor_wait_s: 1, \
             suppressor_extension_s: 1 }\n";
        for definition in ["alarm", "composite", "metric"] {
            for property in properties(definition) {
                assert!(base.contains(&format!("{property}: ")), "{definition}: {property} is not in the example");
            }
        }
        let read = |text: &str| catalogue::read(text, None);
        assert_eq!(messages(base), [""; 0]);
        read(base).unwrap();
        for broken in [
            base.replacen("severity: page", "severity: loud", 1),
            base.replacen("period: 60", "period: 61", 1),
            base.replacen("threshold: 1", "threshold: high", 1),
            base.replacen("unit: Count", "unit: Furlongs", 1),
            base.replacen("missing: missing", "missing: maybe", 1).replacen(
                "missing_data: missing",
                "missing_data: maybe",
                1,
            ),
            base.replacen("evaluation_periods: 1", "evaluation_periods: 1.7", 1),
            base.replacen("summary: s", "summary: s, more: 1", 1),
            base.replacen("dimensions: { D: d }", "dimensions: [D]", 1),
            base.replacen(", suppressor_wait_s: 1", "", 1),
            base.replacen("stat: Sum, ", "", 1),
        ] {
            assert!(read(&broken).is_err(), "the reader takes {broken}");
            assert!(!messages(&broken).is_empty(), "the schema takes {broken}");
        }
    }
}
