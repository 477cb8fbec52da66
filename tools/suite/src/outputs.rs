//! Terraform's outputs of an environment; the local stack gives the same ones.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde_json::Value;

/// Their names, as in `terraform/outputs.tf`.
pub mod output {
    /// The project that the environment was applied for.
    pub const PROJECT_NAME: &str = "project_name";
    /// The region that the environment is in.
    pub const REGION: &str = "aws_region";
    /// Where orders are sent with POST.
    pub const API_URL: &str = "api_url";
    /// Hash of everything that the API serves; not of a local stack.
    pub const API_REVISION: &str = "api_revision";
    /// The queue between the functions.
    pub const QUEUE_URL: &str = "orders_queue_url";
    /// The dead-letter queue.
    pub const DEAD_LETTER_QUEUE_URL: &str = "orders_dlq_url";
    /// The function behind the API.
    pub const VALIDATOR: &str = "validator_lambda_name";
    /// The function behind the queue.
    pub const PROCESSOR: &str = "processor_lambda_name";
    /// The function behind the dashboard's custom widgets, where there is one.
    pub const VIEWER: &str = "viewer_function_arn";
    /// The table of stored orders.
    pub const TABLE: &str = "orders_table_name";
    /// The dashboard in the console; not of a local stack.
    pub const DASHBOARD_URL: &str = "dashboard_url";
    /// The X-Ray group.
    pub const XRAY_GROUP: &str = "xray_group";
    /// Where the people on call are listed.
    pub const ON_CALL_ROTA: &str = "on_call_rota";
    /// The topic of pages.
    pub const PAGE_TOPIC: &str = "page_topic_arn";
    /// The topic of tickets.
    pub const TICKET_TOPIC: &str = "ticket_topic_arn";
}

/// The outputs that are text, by name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Outputs(BTreeMap<String, String>);

impl Outputs {
    /// Reads what `terraform output -json` prints: each output an object with a `value`. Those that are no text are nobody's here.
    ///
    /// # Errors
    /// When it is no such JSON.
    pub fn from_terraform(json: &[u8]) -> Result<Self, serde_json::Error> {
        let outputs: BTreeMap<String, Value> = serde_json::from_slice(json)?;
        Ok(outputs
            .into_iter()
            .filter_map(|(name, output)| Some((name, output.get("value")?.as_str()?.to_owned())))
            .collect())
    }

    /// Reads a stack's `outputs.json`: names and values.
    ///
    /// # Errors
    /// When it is no such JSON.
    pub fn from_state(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json).map(Self)
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// All of them, by name.
    #[must_use]
    pub fn all(&self) -> &BTreeMap<String, String> {
        &self.0
    }

    /// Is there none? Then the environment is not deployed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Outputs {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

/// Where a local stack leaves what its users read.
#[derive(Debug, Clone)]
pub struct StateFiles(PathBuf);

impl StateFiles {
    /// Of the stack in that folder.
    pub fn in_folder(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }

    /// The folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.0
    }

    /// [`Outputs`], as [`Outputs::from_state`] reads them.
    #[must_use]
    pub fn outputs(&self) -> PathBuf {
        self.0.join("outputs.json")
    }

    /// Shell exports, so that any AWS client finds the stack after `. .local/env`.
    #[must_use]
    pub fn env(&self) -> PathBuf {
        self.0.join("env")
    }

    /// The URL of the console that runs for the stack, with its token.
    #[must_use]
    pub fn console(&self) -> PathBuf {
        self.0.join("console")
    }

    /// The text of [`StateFiles::env`].
    #[must_use]
    pub fn env_text<'v>(variables: impl IntoIterator<Item = (&'v str, &'v str)>) -> String {
        variables.into_iter().map(|(name, value)| format!("export {name}='{value}'\n")).collect()
    }

    /// The variables of such a text.
    #[must_use]
    pub fn env_variables(text: &str) -> BTreeMap<String, String> {
        text.lines()
            .filter_map(|line| line.strip_prefix("export ")?.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.trim_matches('\'').to_owned()))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_as_terraform_prints_them() {
        let text = r#"{"api_url": {"sensitive": false, "type": "string", "value": "http://x"},
                       "emails": {"type": ["set", "string"], "value": []}}"#;
        let outputs = Outputs::from_terraform(text.as_bytes()).unwrap();
        assert_eq!(outputs.all(), &BTreeMap::from([("api_url".to_owned(), "http://x".to_owned())]));
        assert!(Outputs::from_terraform("╷\n│ Warning: No outputs found".as_bytes()).is_err());
        assert!(Outputs::from_terraform(b"{}").unwrap().is_empty());
    }

    #[test]
    fn an_env_file_reads_back_as_written() {
        let written = StateFiles::env_text([("AWS_REGION", "us-east-1"), ("AWS_ENDPOINT_URL", "http://127.0.0.1:1")]);
        let read = StateFiles::env_variables(&written);
        assert_eq!(read["AWS_ENDPOINT_URL"], "http://127.0.0.1:1");
        assert_eq!(read.len(), 2);
    }
}
