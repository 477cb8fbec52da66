//! PutDashboard, GetDashboard, ListDashboards, DeleteDashboards.

mod body;

use std::collections::BTreeMap;

use aws_wire::{ApiError, Output, Page, read};
use serde::Deserialize;
use serde_json::{Value, json};

use super::error::{invalid, missing};
use crate::metric::EpochSeconds;

const PAGE: usize = 1_000;

/// The dashboards of one account.
#[derive(Debug)]
pub struct Dashboards {
    account: String,
    kept: BTreeMap<String, Dashboard>,
}

#[derive(Debug)]
struct Dashboard {
    body: String,
    modified: EpochSeconds,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Put {
    dashboard_name: String,
    dashboard_body: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Get {
    dashboard_name: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct List {
    dashboard_name_prefix: Option<String>,
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Delete {
    #[serde(default)]
    dashboard_names: Vec<String>,
}

impl Dashboards {
    /// None yet.
    #[must_use]
    pub fn new(account: &str) -> Self {
        Self { account: account.to_owned(), kept: BTreeMap::new() }
    }

    /// Does what a request asks; `None` if it is no operation on dashboards.
    pub fn run(&mut self, operation: &str, input: &Value, now: EpochSeconds) -> Option<Result<Output, ApiError>> {
        Some(match operation {
            "PutDashboard" => read(input).and_then(|input| self.put(input, now)),
            "GetDashboard" => read(input).and_then(|input| self.get(&input)),
            "ListDashboards" => read(input).and_then(|input| self.list(&input)),
            "DeleteDashboards" => read(input).and_then(|input| self.delete(&input)),
            _ => return None,
        })
    }

    fn put(&mut self, input: Put, now: EpochSeconds) -> Result<Output, ApiError> {
        let name = input.dashboard_name;
        let plain = name.chars().all(|char| char.is_ascii_alphanumeric() || matches!(char, '-' | '_'));
        if !(1..=255).contains(&name.len()) || !plain {
            return Err(invalid(format!(
                "The value {name} for field DashboardName contains invalid characters. It can only contain alphanumerics, dash (-) and underscore (_)."
            )));
        }
        let body = input.dashboard_body.ok_or_else(|| missing("The parameter DashboardBody is required."))?;
        let findings = body::check(&body);
        let (errors, warnings): (Vec<_>, Vec<_>) = findings.into_iter().partition(|finding| finding.refused);
        if !errors.is_empty() {
            return Err(refusal(&errors));
        }
        self.kept.insert(name, Dashboard { body, modified: now });
        let warnings = warnings.iter().map(body::Finding::output);
        Ok(Output::Map(vec![("DashboardValidationMessages", Output::List(warnings.collect()))]))
    }

    fn get(&self, input: &Get) -> Result<Output, ApiError> {
        let name = &input.dashboard_name;
        let dashboard = self.kept.get(name).ok_or_else(|| not_found(name))?;
        Ok(Output::Map(vec![
            ("DashboardArn", self.arn(name).into()),
            ("DashboardBody", Output::from(&dashboard.body)),
            ("DashboardName", Output::from(name)),
        ]))
    }

    fn list(&self, input: &List) -> Result<Output, ApiError> {
        let prefix = input.dashboard_name_prefix.as_deref().unwrap_or_default();
        let found: Vec<_> = self.kept.iter().filter(|(name, _)| name.starts_with(prefix)).collect();
        let page = Page::of(&found, input.next_token.as_deref(), PAGE)?;
        let entry = |(name, dashboard): &(&String, &Dashboard)| {
            Output::Map(vec![
                ("DashboardName", Output::from(*name)),
                ("DashboardArn", self.arn(name).into()),
                ("LastModified", Output::Time(dashboard.modified as f64)),
                ("Size", Output::Integer(i64::try_from(dashboard.body.len()).unwrap_or(i64::MAX))),
            ])
        };
        let mut members = vec![("DashboardEntries", Output::List(page.items.iter().map(entry).collect()))];
        members.extend(page.token());
        Ok(Output::Map(members))
    }

    /// All of them, or none.
    fn delete(&mut self, input: &Delete) -> Result<Output, ApiError> {
        if input.dashboard_names.is_empty() {
            return Err(missing("The parameter DashboardNames is required."));
        }
        if let Some(name) = input.dashboard_names.iter().find(|name| !self.kept.contains_key(*name)) {
            return Err(not_found(name));
        }
        for name in &input.dashboard_names {
            self.kept.remove(name);
        }
        Ok(Output::empty())
    }

    fn arn(&self, name: &str) -> String {
        format!("arn:aws:cloudwatch::{}:dashboard/{name}", self.account)
    }
}

fn not_found(name: &str) -> ApiError {
    ApiError::new(404, "DashboardNotFoundError", format!("Dashboard {name} does not exist"))
        .query_code("ResourceNotFound")
}

fn refusal(errors: &[body::Finding]) -> ApiError {
    let list: Value =
        errors.iter().map(|finding| json!({"dataPath": finding.path, "message": finding.message})).collect();
    let message = format!("The dashboard body is invalid, there are {} validation errors: {list}", errors.len());
    let outputs = errors.iter().map(body::Finding::output);
    ApiError::new(400, "DashboardInvalidInputError", message)
        .query_code("InvalidParameterInput")
        .with("dashboardValidationMessages", Output::List(outputs.collect()))
}

#[cfg(test)]
mod tests;
