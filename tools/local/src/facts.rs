//! The facts that Terraform reads too: settings, the API's model and answers, the policies.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use alarms::Catalogue;
use anyhow::{Context as _, Result, bail};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use crate::names::Names;

/// The project's facts, read.
#[derive(Debug)]
pub struct Facts {
    folder: PathBuf,
    /// `settings.json`.
    pub settings: Settings,
    /// `gateway.json`.
    pub(crate) gateway: Gateway,
    model: Map<String, Value>,
}

/// Timeouts, sizes and counts.
#[derive(Debug, Deserialize)]
pub struct Settings {
    pub api: ApiSettings,
    pub functions: BTreeMap<String, FunctionSettings>,
    pub queue: QueueSettings,
    pub dead_letter_queue: DeadLetterQueueSettings,
    pub event_source: EventSourceSettings,
    pub tracing: TracingSettings,
}

#[derive(Debug, Deserialize)]
pub struct ApiSettings {
    pub throttling_rate_per_s: u64,
    pub throttling_burst: u64,
    pub integration_timeout_ms: i32,
    /// Origins whose pages may send orders.
    pub cors_allow_origins: Vec<String>,
}

/// Of one function.
#[derive(Debug, Deserialize)]
pub struct FunctionSettings {
    pub memory_mb: i32,
    pub timeout_s: i32,
    pub log_retention_days: i32,
    pub environment: BTreeMap<String, String>,
}

#[derive(Debug, Deserialize)]
pub struct QueueSettings {
    pub visibility_timeout_s: i32,
    pub retention_s: u64,
    pub max_receive_count: u32,
    pub max_message_bytes: u64,
    pub receive_wait_s: u32,
}

#[derive(Debug, Deserialize)]
pub struct DeadLetterQueueSettings {
    pub visibility_timeout_s: i32,
    pub retention_s: u64,
    pub max_message_bytes: u64,
}

#[derive(Debug, Deserialize)]
pub struct EventSourceSettings {
    pub batch_size: i32,
    pub batching_window_s: i32,
    pub maximum_concurrency: i32,
}

#[derive(Debug, Deserialize)]
pub struct TracingSettings {
    pub sampling_fixed_rate: f64,
    pub sampling_reservoir_per_s: i32,
}

/// One of `queries.yaml`.
#[derive(Debug, Deserialize)]
pub(crate) struct SavedQuery {
    pub(crate) query: String,
}

/// What the API answers where no function does.
#[derive(Debug, Deserialize)]
pub(crate) struct Gateway {
    pub(crate) responses: BTreeMap<String, GatewayAnswer>,
    pub(crate) method_not_allowed: GatewayAnswer,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct GatewayAnswer {
    pub(crate) status: Option<u16>,
    pub(crate) message: String,
    #[serde(default)]
    pub(crate) headers: BTreeMap<String, String>,
}

impl Gateway {
    /// Lets pages of those origins read the gateway's own answers; `terraform/api.tf` does the same, and says why so.
    fn allow_origins(&mut self, origins: &[String]) {
        let origin = match origins {
            [] => return,
            [origin] => origin,
            _ => "*",
        };
        for answer in self.responses.values_mut().chain([&mut self.method_not_allowed]) {
            answer.headers.insert("Access-Control-Allow-Origin".into(), origin.to_owned());
            answer.headers.insert("Access-Control-Expose-Headers".into(), "Retry-After, X-Amzn-Trace-Id".into());
        }
    }
}

impl GatewayAnswer {
    /// The body's template. A message that is nothing but `$context.error.messageString` stays unquoted: API Gateway fills it
    /// in with its quotes.
    pub(crate) fn template(&self) -> String {
        const MESSAGE_STRING: &str = "$context.error.messageString";
        let body = serde_json::json!({"message": self.message}).to_string();
        body.replace(&format!("\"{MESSAGE_STRING}\""), MESSAGE_STRING)
    }
}

impl Facts {
    /// Reads the facts of the project in that folder.
    ///
    /// # Errors
    /// When it holds no project, or a file that can't be read: which one, and where.
    pub fn read(project: &Path) -> Result<Self> {
        let folder = project.join("terraform");
        if !folder.join("settings.json").is_file() {
            bail!("{} holds no terraform/settings.json: run it from the project's folder", project.display());
        }
        let settings: Settings = json(&folder.join("settings.json"))?;
        let mut gateway: Gateway = json(&folder.join("gateway.json"))?;
        gateway.allow_origins(&settings.api.cors_allow_origins);
        Ok(Self { settings, gateway, model: json(&folder.join("order.schema.json"))?, folder })
    }

    /// The settings of a function.
    ///
    /// # Errors
    /// When there are none.
    pub fn function(&self, service: &str) -> Result<&FunctionSettings> {
        self.settings.functions.get(service).with_context(|| format!("settings.json has no function {service}"))
    }

    /// The API's model: of the schema no more than the type, as in `terraform/api.tf`, which says why.
    pub(crate) fn gateway_model(&self) -> (String, String) {
        let of_schema = |key| self.model.get(key).and_then(Value::as_str).unwrap_or_default();
        let draft = "http://json-schema.org/draft-04/schema#";
        let model = serde_json::json!({"$schema": draft, "title": of_schema("title"), "type": of_schema("type")});
        (of_schema("title").to_owned(), model.to_string())
    }

    /// The project's folder.
    pub(crate) fn project(&self) -> &Path {
        self.folder.parent().unwrap_or(&self.folder)
    }

    /// The alarms, under the names of an environment.
    ///
    /// # Errors
    /// When `alarms.yaml` can't be read.
    pub fn alarms(&self, names: &Names) -> Result<Catalogue> {
        let path = self.folder.join("alarms.yaml");
        Catalogue::from_yaml(&read(&path)?, &names.holes()).with_context(|| format!("can't read {}", path.display()))
    }

    /// The dashboards' bodies by file name, with their holes filled.
    pub(crate) fn dashboards(&self, names: &Names) -> Result<BTreeMap<String, String>> {
        let folder = self.project().join("dashboards");
        let mut bodies = BTreeMap::new();
        for entry in fs::read_dir(&folder).with_context(|| format!("can't read {}", folder.display()))? {
            let path = entry?.path();
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            if path.extension().is_some_and(|extension| extension == "json") {
                let body = names.holes().fill(&read(&path)?).with_context(|| path.display().to_string())?;
                bodies.insert(name.to_owned(), body);
            }
        }
        Ok(bodies)
    }

    /// The saved queries by name.
    pub(crate) fn saved_queries(&self) -> Result<BTreeMap<String, SavedQuery>> {
        let path = self.folder.join("queries.yaml");
        serde_norway::from_str(&read(&path)?).with_context(|| format!("can't read {}", path.display()))
    }

    /// The calls that the functions' policies allow, such as `sqs:SendMessage`.
    pub(crate) fn calls(&self) -> Result<BTreeSet<String>> {
        let mut calls = BTreeSet::new();
        for service in self.settings.functions.keys() {
            let policy: Value = json(&self.folder.join("policies").join(service).with_extension("json"))?;
            for statement in policy["Statement"].as_array().into_iter().flatten() {
                let actions = match &statement["Action"] {
                    Value::Array(actions) => actions.clone(),
                    action => vec![action.clone()],
                };
                calls.extend(actions.iter().filter_map(Value::as_str).map(str::to_owned));
            }
        }
        Ok(calls)
    }

    /// A policy with its holes filled.
    pub(crate) fn policy(&self, name: &str, holes: &BTreeMap<&str, String>) -> Result<String> {
        let path = self.folder.join("policies").join(name).with_extension("json");
        let mut text = read(&path)?;
        for (hole, value) in holes {
            text = text.replace(&format!("${{{hole}}}"), value);
        }
        if let Some((_, rest)) = text.split_once("${") {
            bail!("{}: nothing fills the hole ${{{}}}", path.display(), rest.split('}').next().unwrap_or_default());
        }
        Ok(text)
    }
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&read(path)?).with_context(|| format!("can't read {}", path.display()))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}
