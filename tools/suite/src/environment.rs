//! Environments: what one may be called, and which there are.

use std::{collections::BTreeSet, fmt, fs, path::Path, str::FromStr};

use crate::names::is_plain;

/// The name of the local stack's environment.
pub const LOCAL: &str = "local";

/// An environment's name: `local`, or a Terraform workspace.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Environment(String);

/// A name that no environment can have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` can't be an environment's name: lower-case letters, digits and dashes, starting with a letter and not ending with a \
     dash, such as prod"
)]
pub struct EnvironmentError(String);

impl Environment {
    /// The stack on this machine.
    #[must_use]
    pub fn local() -> Self {
        Self(LOCAL.to_owned())
    }

    /// Is it the stack on this machine?
    #[must_use]
    pub fn is_local(&self) -> bool {
        self.0 == LOCAL
    }

    /// Its name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Environment {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for Environment {
    type Err = EnvironmentError;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        if is_plain(name) { Ok(Self(name.to_owned())) } else { Err(EnvironmentError(name.to_owned())) }
    }
}

/// The environments that this folder knows, without asking anybody: `local`, those with a variable file in `terraform/envs/`,
/// and those whose workspace has a state here. One whose state is elsewhere, and that has no file, can't be known.
#[must_use]
pub fn known_environments(project: &Path) -> BTreeSet<Environment> {
    let terraform = project.join("terraform");
    let files = names_in(&terraform.join("envs"), Some("tfvars")).filter(|name| name != "example");
    let workspaces = names_in(&terraform.join("terraform.tfstate.d"), None);
    files.chain(workspaces).filter_map(|name| name.parse().ok()).chain([Environment::local()]).collect()
}

fn names_in(folder: &Path, extension: Option<&'static str>) -> impl Iterator<Item = String> + use<> {
    fs::read_dir(folder).into_iter().flatten().filter_map(move |entry| {
        let path = entry.ok()?.path();
        let of_kind = match extension {
            Some(extension) => path.extension().is_some_and(|it| it == extension),
            // Terraform makes the folder for any name that it is asked about.
            None => path.join("terraform.tfstate").is_file(),
        };
        of_kind.then(|| path.file_stem().and_then(|stem| stem.to_str()).map(str::to_owned))?
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn environments_are_known_by_their_files_and_workspaces() {
        let folder = tempfile::tempdir().unwrap();
        let terraform = folder.path().join("terraform");
        for path in ["envs", "terraform.tfstate.d/staging", "terraform.tfstate.d/UPPER", "terraform.tfstate.d/stagin"] {
            fs::create_dir_all(terraform.join(path)).unwrap();
        }
        for file in ["prod.tfvars", "example.tfvars", "backend.s3.tfbackend.example"] {
            fs::write(terraform.join("envs").join(file), "").unwrap();
        }
        for workspace in ["staging", "UPPER"] {
            fs::write(terraform.join("terraform.tfstate.d").join(workspace).join("terraform.tfstate"), "{}").unwrap();
        }
        let known: Vec<String> = known_environments(folder.path()).iter().map(ToString::to_string).collect();
        assert_eq!(known, ["local", "prod", "staging"]);
        let nothing = tempfile::tempdir().unwrap();
        assert_eq!(known_environments(nothing.path()), BTreeSet::from([Environment::local()]));
    }
}
