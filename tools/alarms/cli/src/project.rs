//! `.alarms.yaml`: what a project says once, so that nobody repeats it on the command line.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{lint::Finding, scenario::glob};

/// The name of the file, in the folder where `alarms` is run.
pub const FILE: &str = ".alarms.yaml";

/// Its form. Paths are relative to the folder it is in.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Project {
    /// Files and folders with alarms.
    #[serde(default)]
    pub alarms: Vec<PathBuf>,
    /// Files and folders with scenarios.
    #[serde(default)]
    pub scenarios: Vec<PathBuf>,
    /// What is untested and known to be.
    pub baseline: Option<PathBuf>,
    /// Values for placeholders and for parameters of templates.
    #[serde(default)]
    pub values: BTreeMap<String, String>,
    /// What lints are held to.
    #[serde(default)]
    pub lint: Lint,
    /// Findings that somebody has looked at.
    #[serde(default)]
    pub ignore: Vec<Ignored>,
}

/// Files that lints read.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Lint {
    /// Lists of what own namespaces emit.
    #[serde(default)]
    pub emitted: Vec<PathBuf>,
    /// Settings that thresholds follow.
    pub settings: Option<PathBuf>,
    /// The folder with runbook pages.
    pub runbooks: Option<PathBuf>,
    /// The folder with dashboards' bodies.
    pub dashboards: Option<PathBuf>,
}

/// Findings of a rule about some alarms that are none here.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ignored {
    /// The rule.
    pub rule: String,
    /// Which alarms, by key, address or name; `*` stands for anything.
    #[serde(default = "every")]
    pub alarm: String,
    /// Why. It must be said.
    pub reason: String,
}

fn every() -> String {
    "*".to_owned()
}

/// Why the file can't be used.
#[derive(Debug, thiserror::Error)]
pub enum ProjectError {
    /// It is there and can't be read.
    #[error("{FILE}: {0}")]
    Io(#[from] std::io::Error),
    /// It is not of this form.
    #[error("{FILE}: {0}")]
    Form(#[from] serde_norway::Error),
    /// A finding is ignored without a reason.
    #[error("{FILE}: ignore: the rule `{0}` needs a reason")]
    NoReason(String),
}

impl Project {
    /// The file of a folder; without one, what an empty file says.
    ///
    /// # Errors
    /// When it is there and can't be used.
    pub fn of(folder: &Path) -> Result<Self, ProjectError> {
        match std::fs::read_to_string(folder.join(FILE)) {
            Ok(text) => Self::read(&text),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(error.into()),
        }
    }

    /// Reads the file.
    ///
    /// # Errors
    /// When it is not of this form.
    pub fn read(text: &str) -> Result<Self, ProjectError> {
        let project: Option<Project> = serde_norway::from_str(text)?;
        let project = project.unwrap_or_default();
        match project.ignore.iter().find(|ignored| ignored.reason.trim().is_empty()) {
            Some(ignored) => Err(ProjectError::NoReason(ignored.rule.clone())),
            None => Ok(project),
        }
    }

    /// Takes the findings out that are ignored; says how many.
    pub fn ignore(&self, findings: &mut Vec<Finding>) -> usize {
        let before = findings.len();
        findings.retain(|finding| {
            !self.ignore.iter().any(|ignored| ignored.rule == finding.rule && glob(&ignored.alarm, &finding.alarm))
        });
        before - findings.len()
    }
}
