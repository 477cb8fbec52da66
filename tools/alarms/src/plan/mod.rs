//! Alarms out of `terraform show -json`, of any project.

mod composite;
mod metric;

use crate::catalogue::Catalogue;
use crate::catalogue::NotEvaluated;
use serde_json::Value;

/// Why a plan cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Not JSON.
    #[error("{0}")]
    Json(#[from] serde_json::Error),
    /// JSON of another kind.
    #[error(
        "this is not the output of `terraform show -json`: it has neither planned_values nor values; \
         write one with `terraform plan -out=plan && terraform show -json plan > plan.json`"
    )]
    Form,
}

/// What an action list holds when Terraform will know it only after the apply.
pub const KNOWN_AFTER_APPLY: &str = "(known after apply)";

impl Catalogue {
    /// Reads the alarms of a Terraform plan or state in JSON, nested modules included. What cannot be
    /// evaluated is listed in [`Catalogue::not_supported`], never guessed at.
    pub fn from_plan(text: &str) -> Result<Self, PlanError> {
        let plan: Value = serde_json::from_str(text)?;
        let root = plan.pointer("/planned_values/root_module").or_else(|| plan.pointer("/values/root_module"));
        let root = root.ok_or(PlanError::Form)?;
        let mut resources = Vec::new();
        collect(root, &mut resources);
        let mut catalogue = Catalogue::default();
        for resource in resources {
            let kind = resource["type"].as_str().unwrap_or_default();
            let address = resource["address"].as_str().unwrap_or_default();
            let unknown = unknown_of(&plan, address);
            let entry = Resource { address, values: &resource["values"], unknown };
            let read = match kind {
                "aws_cloudwatch_metric_alarm" => metric::read(&entry).map(|alarm| catalogue.metric_alarms.push(alarm)),
                "aws_cloudwatch_composite_alarm" => {
                    composite::read(&entry).map(|alarm| catalogue.composites.push(alarm))
                }
                _ => continue,
            };
            if let Err(reason) = read {
                let alarm = entry.text("alarm_name").unwrap_or(address).to_owned();
                catalogue.not_supported.push(NotEvaluated { alarm, reason });
            }
        }
        Ok(catalogue)
    }
}

fn collect<'a>(module: &'a Value, resources: &mut Vec<&'a Value>) {
    let list = |key: &str| module[key].as_array().into_iter().flatten();
    resources.extend(list("resources"));
    for child in list("child_modules") {
        collect(child, resources);
    }
}

/// What of a resource is known only after the apply.
fn unknown_of<'a>(plan: &'a Value, address: &str) -> &'a Value {
    let changes = plan["resource_changes"].as_array().into_iter().flatten();
    changes
        .into_iter()
        .find(|change| change["address"] == address)
        .map_or(&Value::Null, |change| &change["change"]["after_unknown"])
}

/// One resource of a plan.
struct Resource<'a> {
    address: &'a str,
    values: &'a Value,
    unknown: &'a Value,
}

impl<'a> Resource<'a> {
    fn text(&self, key: &str) -> Option<&'a str> {
        self.values[key].as_str().filter(|text| !text.is_empty())
    }

    fn is_unknown(&self, key: &str) -> bool {
        self.unknown[key] == Value::Bool(true)
    }

    fn required(&self, key: &str) -> Result<&'a str, String> {
        self.text(key).ok_or_else(|| {
            let why = if self.is_unknown(key) { "is known only after the apply" } else { "is missing" };
            format!("{key} {why}")
        })
    }

    fn number(&self, key: &str) -> Option<f64> {
        number(&self.values[key])
    }

    /// An action list; unknown entries count, because they will be there.
    fn actions(&self, key: &str) -> Vec<String> {
        let known = self.values[key].as_array().into_iter().flatten();
        let mut actions: Vec<String> =
            known.map(|action| action.as_str().unwrap_or(KNOWN_AFTER_APPLY).to_owned()).collect();
        let unknown = match &self.unknown[key] {
            Value::Bool(whole) => usize::from(*whole),
            Value::Array(items) => items.iter().filter(|item| **item == Value::Bool(true)).count(),
            _ => 0,
        };
        // Entries unknown at plan time are either null among the values or absent from them.
        let listed = actions.iter().filter(|action| *action == KNOWN_AFTER_APPLY).count();
        actions.extend((listed..unknown).map(|_| KNOWN_AFTER_APPLY.to_owned()));
        actions
    }

    fn all_actions(&self) -> crate::model::Actions {
        crate::model::Actions {
            enabled: self.values["actions_enabled"].as_bool().unwrap_or(true),
            alarm: self.actions("alarm_actions"),
            ok: self.actions("ok_actions"),
            insufficient_data: self.actions("insufficient_data_actions"),
        }
    }

    fn about(&self) -> crate::model::About {
        crate::model::About {
            summary: self.text("alarm_description").unwrap_or_default().to_owned(),
            ..Default::default()
        }
    }
}

/// The provider writes some numbers as strings.
fn number(value: &Value) -> Option<f64> {
    value.as_f64().or_else(|| value.as_str()?.parse().ok())
}
