//! `orders schema`: what the commands print with `--json`, as JSON Schemas out of `json.yaml`.

use std::{collections::BTreeMap, process::ExitCode};

use anyhow::{Context as _, Result};
use clap::Args;
use cli::{output, table::Table};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
    orders schema              the commands, and whether each prints one document or a document a line\n  \
    orders schema dlq list     the JSON Schema of `orders dlq list --json`\n  \
    orders schema alarms --watch")]
pub(crate) struct SchemaArgs {
    /// Which command, as it is called
    #[arg(value_name = "COMMAND", trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<String>,
}

/// How documents come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Form {
    /// One, to the end of the output.
    Document,
    /// One a line.
    Lines,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contract {
    form: Form,
    schema: Map<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Contracts {
    commands: BTreeMap<String, Contract>,
    types: Map<String, Value>,
}

impl Contracts {
    fn read() -> Result<Self> {
        serde_norway::from_str(include_str!("../../json.yaml")).context("can't read json.yaml")
    }

    /// A schema of its own, with the types that it names.
    fn schema(&self, command: &str) -> Result<Value> {
        let contract = self.commands.get(command).with_context(|| {
            let known: Vec<&str> = self.commands.keys().map(String::as_str).collect();
            format!("`orders {command}` prints no JSON. These do: {}", known.join(", "))
        })?;
        let mut named = Map::new();
        self.name(&Value::Object(contract.schema.clone()), &mut named);
        let mut schema = Map::from_iter([
            ("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema")),
            ("title".to_owned(), json!(format!("orders {command} --json"))),
            ("x-form".to_owned(), json!(contract.form)),
        ]);
        schema.extend(contract.schema.clone());
        if !named.is_empty() {
            schema.insert("$defs".to_owned(), Value::Object(named));
        }
        Ok(Value::Object(schema))
    }

    /// Adds the types that a schema leads to.
    fn name(&self, schema: &Value, named: &mut Map<String, Value>) {
        match schema {
            Value::Object(members) => {
                let name = members.get("$ref").and_then(Value::as_str).and_then(|path| path.strip_prefix("#/$defs/"));
                if let Some((name, kind)) = name.and_then(|name| Some((name, self.types.get(name)?)))
                    && named.insert(name.to_owned(), kind.clone()).is_none()
                {
                    self.name(kind, named);
                }
                members.values().for_each(|member| self.name(member, named));
            }
            Value::Array(items) => items.iter().for_each(|item| self.name(item, named)),
            _ => {}
        }
    }
}

pub(crate) fn run(args: &SchemaArgs, json: bool) -> Result<ExitCode> {
    let contracts = Contracts::read()?;
    if !args.command.is_empty() {
        output::json(&contracts.schema(&args.command.join(" "))?)?;
    } else if json {
        let forms: BTreeMap<&str, Form> =
            contracts.commands.iter().map(|(name, it)| (name.as_str(), it.form)).collect();
        output::json(&forms)?;
    } else {
        let mut table = Table::new(["COMMAND", "PRINTS WITH --json"]);
        for (name, contract) in &contracts.commands {
            let form = if contract.form == Form::Document { "one document" } else { "a document a line" };
            table.row([name.as_str(), form]);
        }
        table.print()?;
    }
    Ok(ExitCode::SUCCESS)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// Of every command, without options.
    pub(crate) fn commands() -> Vec<String> {
        let contracts = Contracts::read().unwrap();
        contracts.commands.into_keys().filter(|name| !name.contains("--")).collect()
    }

    #[test]
    fn every_schema_is_one_and_holds_all_that_it_refers_to() {
        let contracts = Contracts::read().unwrap();
        for name in contracts.commands.keys() {
            let schema = contracts.schema(name).unwrap();
            let checked = jsonschema::validator_for(&schema).unwrap_or_else(|error| panic!("{name}: {error}"));
            assert!(!checked.is_valid(&json!(17)), "{name} takes anything");
        }
        let waiting = json!({"waiting": 1, "inFlight": 0, "delayed": 0});
        let queue = jsonschema::validator_for(&contracts.schema("queue").unwrap()).unwrap();
        assert!(queue.is_valid(&json!({"orders": waiting, "deadLetters": waiting})));
        assert!(!queue.is_valid(&json!({"orders": waiting, "deadLetters": {"waiting": "1"}})));
        assert!(!queue.is_valid(&json!({"orders": waiting, "deadLetters": waiting, "more": 1})));
    }

    #[test]
    fn a_command_without_json_is_told_which_have() {
        let error = Contracts::read().unwrap().schema("completions").unwrap_err().to_string();
        assert!(error.contains("prints no JSON") && error.contains("dlq list"), "{error}");
    }
}
