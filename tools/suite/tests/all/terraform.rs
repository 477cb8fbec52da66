//! The naming rule and the outputs are Terraform's: `locals.tf` and `outputs.tf` are evaluated here and say the same.

use std::{collections::BTreeSet, fs, path::Path};

use hcl::{
    Body, Value,
    eval::{Context, Evaluate as _},
    value,
};
use suite::{Names, Suite, output};

fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn body(file: &str) -> Body {
    let path = folder().join("terraform").join(file);
    hcl::from_str(&fs::read_to_string(&path).unwrap()).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The attributes of `locals`, evaluated with the variables and with those that they refer to.
fn locals(wanted: &[&str], names: &Names) -> serde_json::Value {
    let body = body("locals.tf");
    let block = body.blocks().find(|block| block.identifier() == "locals").expect("locals");
    let mut local = hcl::Map::new();
    for name in wanted {
        let attribute = block.body().attributes().find(|attribute| attribute.key() == *name);
        let attribute = attribute.unwrap_or_else(|| panic!("locals.tf has no {name}"));
        let mut context = Context::new();
        context.declare_var("local", Value::Object(local.clone()));
        context.declare_var(
            "var",
            value!({
                "project_name" = (names.project())
                "environment" = (names.environment())
                "aws_region" = (names.region())
                "runbooks_url" = (suite::RUNBOOKS)
            }),
        );
        context.declare_var(
            "data",
            value!({
                "aws_caller_identity" = { "current" = { "account_id" = (names.account()) } }
                "aws_partition" = { "current" = { "partition" = "aws" } }
            }),
        );
        let value = attribute.expr().evaluate(&context).unwrap_or_else(|error| panic!("{name}: {error}"));
        local.insert((*name).to_owned(), value);
    }
    serde_json::to_value(Value::Object(local)).expect("JSON")
}

fn names() -> Names {
    Names::new("shop", "staging", "eu-west-1").in_account("123456789012")
}

#[test]
fn the_naming_rule_is_terraforms() {
    let names = names();
    let locals = locals(&["prefix", "names", "account_id", "partition", "where", "arns"], &names);
    let of = |map: &str, key: &str| locals[map][key].as_str().unwrap_or_else(|| panic!("no {map}.{key}")).to_owned();
    for (terraform, ours) in [
        ("api", names.api()),
        ("orders_queue", names.queue()),
        ("orders_dlq", names.dead_letter_queue()),
        ("orders_table", names.table()),
        ("page_topic", names.topic("page")),
        ("ticket_topic", names.topic("ticket")),
        ("xray_group", names.prefix()),
        ("xray_sampling_rule", names.prefix()),
        ("validator_function", names.function("validator")),
        ("processor_function", names.function("processor")),
        ("validator_log_group", names.log_group("validator")),
        ("processor_log_group", names.log_group("processor")),
        ("viewer_function", names.function("viewer")),
        ("viewer_log_group", names.log_group("viewer")),
    ] {
        assert_eq!(of("names", terraform), ours, "{terraform}");
    }
    let policy = names.policy_placeholders("validator");
    for (terraform, ours) in [
        ("orders_queue", policy.get("orders_queue_arn")),
        ("orders_dlq", policy.get("orders_dlq_arn")),
        ("orders_table", policy.get("orders_table_arn")),
        ("validator_log_group", policy.get("log_group_arn")),
    ] {
        assert_eq!(Some(of("arns", terraform).as_str()), ours, "{terraform}");
    }
}

#[test]
fn terraform_fills_the_same_placeholders_with_the_same_values() {
    let names = names();
    let locals = locals(&["prefix", "names", "account_id", "partition", "where", "arns", "placeholders"], &names);
    let theirs: Vec<(String, String)> = locals["placeholders"]
        .as_object()
        .expect("a map")
        .iter()
        .map(|(name, value)| (name.clone(), value.as_str().expect("text").to_owned()))
        .collect();
    let ours: Vec<(String, String)> =
        names.placeholders().iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    assert_eq!(BTreeSet::from_iter(theirs), BTreeSet::from_iter(ours));
}

#[test]
fn every_output_has_its_name_here() {
    let body = body("outputs.tf");
    let theirs: BTreeSet<&str> =
        body.blocks().filter(|block| block.identifier() == "output").map(|block| block.labels()[0].as_str()).collect();
    let ours = BTreeSet::from([
        output::PROJECT_NAME,
        output::REGION,
        output::API_URL,
        output::API_REVISION,
        output::QUEUE_URL,
        output::DEAD_LETTER_QUEUE_URL,
        output::VALIDATOR,
        output::PROCESSOR,
        output::VIEWER,
        output::TABLE,
        output::DASHBOARD_URL,
        output::XRAY_GROUP,
        output::ON_CALL_ROTA,
        output::PAGE_TOPIC,
        output::TICKET_TOPIC,
    ]);
    assert_eq!(theirs, ours);
}

#[test]
fn the_projects_own_files_are_read_and_filled() {
    let suite = Suite::read(folder()).unwrap();
    let names = names();
    for service in suite.settings.functions.keys() {
        let policy = suite.policy(service, &names.policy_placeholders(service)).unwrap();
        assert!(policy.contains(":123456789012:") && !policy.contains("${"), "{policy}");
    }
    assert!(suite.dashboards(&names).unwrap().contains_key("orders"));
    assert!(!suite.saved_queries().unwrap().is_empty());
    assert!(suite.allowed_calls().unwrap().contains("sqs:SendMessage"));
    names.placeholders().fill(&suite.alarms().unwrap()).unwrap();
    let error = Suite::read(Path::new("/")).unwrap_err().to_string();
    assert!(error.contains("run the command in the project's folder"), "{error}");
}
