use super::{Observability, Source};
use alarms::Catalogue;
use alarms::evaluate::Options;
use alarms::model;
use alarms::scenario::{self, Scenario};
use anyhow::{Context as _, bail};
use cli::output;
use std::path::{Path, PathBuf};
use suite::Names;

impl Source {
    pub(super) fn names(&self) -> Names {
        Names::new(&self.project_name, &self.environment, &self.region)
    }

    pub(super) fn options(&self) -> Options {
        Options { range_beyond_n: self.range_beyond_n, hourly_minute: self.hourly_minute, ..Options::default() }
    }

    /// The file the alarms are read from.
    pub(super) fn file(&self) -> &Path {
        self.plan.as_deref().unwrap_or(&self.catalogue)
    }

    pub(super) fn read(&self) -> anyhow::Result<Catalogue> {
        let file = self.file();
        let text = read(file)
            .with_context(|| "run it from the project's root, or name the alarms with --catalogue or --plan")?;
        let catalogue = match self.plan {
            Some(_) => Catalogue::from_plan(&text).map_err(anyhow::Error::from),
            None => Catalogue::from_yaml(&text, &self.names().placeholders()).map_err(anyhow::Error::from),
        };
        let catalogue = catalogue.with_context(|| file.display().to_string())?.at(match self.observability {
            Observability::Full => model::Observability::Full,
            Observability::Lean => model::Observability::Lean,
        });
        for left_out in &catalogue.not_supported {
            output::note(format_args!("not evaluated: {}: {}", left_out.alarm, left_out.reason));
        }
        if catalogue.is_empty() && catalogue.not_supported.is_empty() {
            bail!("{} declares no alarm", file.display());
        }
        Ok(catalogue)
    }

    /// The scenarios of some files and folders, in the order of their names.
    pub(super) fn scenarios(&self, paths: &[PathBuf]) -> anyhow::Result<Vec<Scenario>> {
        // Also for a plan, which may be of this project; the scenarios of another one have no placeholders of ours.
        let placeholders = self.names().placeholders();
        let mut scenarios = Vec::new();
        for file in scenario_files(paths)? {
            let text = read(&file)?;
            let found = scenario::read(&text, &placeholders);
            scenarios.extend(found.with_context(|| file.display().to_string())?);
        }
        Ok(scenarios)
    }
}

/// The YAML files of some files and folders.
pub(super) fn scenario_files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).with_context(|| path.display().to_string())?;
        for entry in entries {
            let file = entry.with_context(|| path.display().to_string())?.path();
            if file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml") {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
