//! The files that Terraform reads too, read once for everybody else.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use crate::{
    error::{Error, Result},
    gateway::Gateway,
    names::{Names, ORDER_FUNCTIONS, VIEWER},
    placeholders::Placeholders,
    prices::PriceList,
    settings::{FunctionSettings, Settings},
};

/// The project in a folder.
#[derive(Debug)]
pub struct Suite {
    folder: PathBuf,
    /// `terraform/settings.json`.
    pub settings: Settings,
    /// `terraform/gateway.json`.
    pub gateway: Gateway,
    model: Map<String, Value>,
}

/// One of `terraform/queries.yaml`.
#[derive(Debug, Clone, Deserialize)]
pub struct SavedQuery {
    /// In CloudWatch Logs Insights' language.
    pub query: String,
}

impl Suite {
    /// Reads the project in that folder.
    ///
    /// # Errors
    /// When it holds no project, or a file that can't be read: which one, and where.
    pub fn read(folder: &Path) -> Result<Self> {
        let terraform = folder.join("terraform");
        if !terraform.join("settings.json").is_file() {
            return Err(Error::NoProject(folder.to_owned()));
        }
        let settings: Settings = parsed(&terraform.join("settings.json"))?;
        let mut gateway: Gateway = parsed(&terraform.join("gateway.json"))?;
        gateway.allow_origins(&settings.api.cors_allow_origins);
        Ok(Self { settings, gateway, model: parsed(&terraform.join("order.schema.json"))?, folder: folder.to_owned() })
    }

    /// The project's folder.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// A file of `terraform/`.
    #[must_use]
    pub fn terraform(&self, name: &str) -> PathBuf {
        self.folder.join("terraform").join(name)
    }

    /// The settings of a function.
    ///
    /// # Errors
    /// When there are none.
    pub fn function(&self, service: &str) -> Result<&FunctionSettings> {
        self.settings.functions.get(service).ok_or_else(|| Error::NoFunction(service.to_owned()))
    }

    /// The functions of an environment: those on an order's way, and the viewer if it is enabled.
    #[must_use]
    pub fn functions(&self) -> Vec<&'static str> {
        ORDER_FUNCTIONS.into_iter().chain(self.settings.viewer.enabled.then_some(VIEWER)).collect()
    }

    /// The API's model and its name: of the schema no more than the type, as in `terraform/api.tf`, which says why.
    #[must_use]
    pub fn api_model(&self) -> (String, String) {
        let of_schema = |key| self.model.get(key).and_then(Value::as_str).unwrap_or_default();
        let draft = "http://json-schema.org/draft-04/schema#";
        let model = json!({"$schema": draft, "title": of_schema("title"), "type": of_schema("type")});
        (of_schema("title").to_owned(), model.to_string())
    }

    /// The text of `terraform/alarms.yaml`, its placeholders open: whoever reads it fills them.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn alarms(&self) -> Result<String> {
        read(&self.terraform("alarms.yaml"))
    }

    /// `terraform/prices.json`.
    ///
    /// # Errors
    /// When it can't be read.
    pub fn prices(&self) -> Result<PriceList> {
        parsed(&self.terraform("prices.json"))
    }

    /// The dashboards' bodies by file name, filled.
    ///
    /// # Errors
    /// When one can't be read or filled.
    pub fn dashboards(&self, names: &Names) -> Result<BTreeMap<String, String>> {
        let folder = self.folder.join("dashboards");
        let entries = fs::read_dir(&folder).map_err(|error| Error::Read(folder.clone(), error))?;
        let mut bodies = BTreeMap::new();
        for entry in entries {
            let path = entry.map_err(|error| Error::Read(folder.clone(), error))?.path();
            let Some(name) = path.file_stem().and_then(|name| name.to_str()) else { continue };
            if path.extension().is_some_and(|extension| extension == "json") {
                bodies.insert(name.to_owned(), filled(&path, &names.placeholders())?);
            }
        }
        Ok(bodies)
    }

    /// The saved queries by name.
    ///
    /// # Errors
    /// When `queries.yaml` can't be read.
    pub fn saved_queries(&self) -> Result<BTreeMap<String, SavedQuery>> {
        let path = self.terraform("queries.yaml");
        serde_norway::from_str(&read(&path)?).map_err(|error| Error::Yaml(path, error))
    }

    /// A policy of `terraform/policies/`, filled.
    ///
    /// # Errors
    /// When it can't be read or filled.
    pub fn policy(&self, name: &str, placeholders: &Placeholders) -> Result<String> {
        filled(&self.policy_file(name), placeholders)
    }

    fn policy_file(&self, name: &str) -> PathBuf {
        self.terraform("policies").join(name).with_extension("json")
    }

    /// The calls that the functions' policies allow, such as `sqs:SendMessage`.
    ///
    /// # Errors
    /// When a policy can't be read.
    pub fn allowed_calls(&self) -> Result<BTreeSet<String>> {
        let mut calls = BTreeSet::new();
        for service in self.settings.functions.keys() {
            let policy: Value = parsed(&self.policy_file(service))?;
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
}

fn filled(path: &Path, placeholders: &Placeholders) -> Result<String> {
    placeholders.fill(&read(path)?).map_err(|error| Error::Placeholder(path.to_owned(), error))
}

fn parsed<T: DeserializeOwned>(path: &Path) -> Result<T> {
    serde_json::from_str(&read(path)?).map_err(|error| Error::Json(path.to_owned(), error))
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::Read(path.to_owned(), error))
}
