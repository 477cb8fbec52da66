//! Every way in: files are known by what they hold, not by flags.

pub mod catalogue;
mod cloudformation;
mod definition;
mod described;
mod error;
mod files;
mod found;
mod lines;
mod open;
mod resource;
mod symbol;
mod terraform;
mod text;

use std::collections::BTreeMap;

pub use error::SourceError;
pub use files::{Input, gather};
pub use found::{Form, Found, Group, Place};
pub use open::{Need, OpenAlarm, given_key, is_given};
pub use resource::Resource;
use serde_json::Value;
pub use symbol::{KNOWN_AFTER_APPLY, is_symbolic, known_after_apply};
pub use text::decode;

use self::found::Kind;

/// What a reader may be told.
#[derive(Clone, Debug, Default)]
pub struct Given {
    /// Values for the placeholders of catalogues and scenarios, and for the parameters of templates.
    pub values: BTreeMap<String, String>,
}

/// Reads the alarms of one file into `found`.
///
/// # Errors
/// When it can't be read, or holds nothing that this knows.
pub fn read(input: &Input, given: &Given, found: &mut Found) -> Result<Form, SourceError> {
    let text = decode(&input.name, &input.bytes)?;
    found.begin(&input.name, &text);
    let trimmed = text.trim_start();
    if trimmed.is_empty() {
        return Err(SourceError::whole(&input.name, "it is empty"));
    }
    if trimmed.starts_with(['{', '[']) {
        match serde_json::from_str::<Value>(trimmed) {
            Ok(value) => return json(&input.name, &value, trimmed, given, found),
            Err(error) if error.is_syntax() && is_stream(trimmed) => return Err(stream(&input.name)),
            // `{ a: 1 }` is YAML; `{"a": ` is JSON with a mistake in it, and what nests deeper than JSON may is nothing.
            Err(json) => {
                let first = trimmed[1..].trim_start().chars().next();
                let is_json = matches!(first, Some('"' | '{' | '[')) || json.to_string().contains("recursion limit");
                if is_json || serde_norway::from_str::<serde_norway::Value>(trimmed).is_err() {
                    let mut error = SourceError::json(&input.name, &json);
                    let before = text[..text.len() - trimmed.len()].matches('\n').count();
                    error.line = error.line.map(|line| line + before);
                    return Err(error);
                }
            }
        }
    }
    yaml(&input.name, &text, given, found)
}

fn json(file: &str, value: &Value, text: &str, given: &Given, found: &mut Found) -> Result<Form, SourceError> {
    if terraform::is_shown(value) {
        terraform::read_shown(value, found);
        return Ok(Form::Terraform);
    }
    if terraform::is_state(value) {
        terraform::read_state(value, found);
        return Ok(Form::Terraform);
    }
    if described::is(value) {
        described::read(value, found);
        return Ok(Form::Described);
    }
    if cloudformation::is(value) {
        cloudformation::read(value, given, found);
        return Ok(Form::Template);
    }
    if value["alarms"].is_object() || value["composites"].is_object() {
        return read_catalogue(file, text, given, found);
    }
    if value["@level"].is_string() {
        return Err(stream(file));
    }
    if value["scenarios"].is_array() {
        return Ok(Form::Scenarios);
    }
    Err(unknown(file))
}

fn yaml(file: &str, text: &str, given: &Given, found: &mut Found) -> Result<Form, SourceError> {
    if nests_too_deep(text) {
        return Err(SourceError::whole(file, "it nests deeper than any template does"));
    }
    let value: serde_norway::Value = serde_norway::from_str(text).map_err(|error| SourceError::yaml(file, &error))?;
    let has = |key: &str| value.get(key).is_some();
    if has("scenarios") {
        return Ok(Form::Scenarios);
    }
    if has("Resources") {
        let value = cloudformation::from_yaml(value).map_err(|message| SourceError::whole(file, message))?;
        cloudformation::read(&value, given, found);
        return Ok(Form::Template);
    }
    if has("alarms") || has("composites") {
        return read_catalogue(file, text, given, found);
    }
    let value = serde_json::to_value(&value).unwrap_or_default();
    if described::is(&value) {
        described::read(&value, found);
        return Ok(Form::Described);
    }
    Err(unknown(file))
}

/// The parser of YAML takes the square of its time for brackets in brackets, before it refuses them.
fn nests_too_deep(text: &str) -> bool {
    const DEEPEST: i32 = 1_000;
    let mut depth = 0_i32;
    text.bytes().any(|byte| {
        match byte {
            b'[' | b'{' => depth = depth.saturating_add(1),
            b']' | b'}' => depth = depth.saturating_sub(1).max(0),
            _ => {}
        }
        depth > DEEPEST
    })
}

fn read_catalogue(file: &str, text: &str, given: &Given, found: &mut Found) -> Result<Form, SourceError> {
    let filled = catalogue::fill(text, &given.values);
    let prefix = given.values.get("prefix").map_or("${prefix}", String::as_str);
    let catalogue = catalogue::read(&filled, Some(prefix).filter(|_| text.contains("${prefix}")));
    let catalogue = catalogue.map_err(|error| match error {
        catalogue::CatalogueError::Yaml(error) => SourceError::yaml(file, &error),
        catalogue::CatalogueError::Alarm { ref alarm, .. } => SourceError {
            file: file.to_owned(),
            line: lines::of_key(text, alarm),
            column: None,
            message: error.to_string(),
        },
    })?;
    found.take(catalogue);
    Ok(Form::Catalogue)
}

fn is_stream(text: &str) -> bool {
    let first = text.lines().next().and_then(|line| serde_json::from_str::<Value>(line).ok());
    first.is_some_and(|value| value["@level"].is_string())
}

fn stream(file: &str) -> SourceError {
    let message = "this is the progress of `terraform plan -json`, which names resources without their values: run \
                   `terraform plan -out=plan && terraform show -json plan > plan.json`, and name plan.json";
    SourceError::whole(file, message)
}

fn unknown(file: &str) -> SourceError {
    let message = "it holds no alarms that this knows: neither `terraform show -json` nor a state, no CloudFormation, SAM or CDK \
                   template, no answer of `aws cloudwatch describe-alarms`, no catalogue (`alarms:`)";
    SourceError::whole(file, message)
}
