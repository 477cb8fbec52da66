//! What can go wrong with a file of the suite.

use std::path::PathBuf;

use crate::placeholders::PlaceholderError;

/// Of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// A file of the suite can't be used. Each names the file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The folder is not this project's.
    #[error("{} holds no terraform/settings.json: run the command in the project's folder", .0.display())]
    NoProject(PathBuf),
    /// It can't be read.
    #[error("can't read {}", .0.display())]
    Read(PathBuf, #[source] std::io::Error),
    /// It is not JSON, or not of the form that is expected.
    #[error("can't read {}", .0.display())]
    Json(PathBuf, #[source] serde_json::Error),
    /// It is not YAML, or not of the form that is expected.
    #[error("can't read {}", .0.display())]
    Yaml(PathBuf, #[source] serde_norway::Error),
    /// One of its placeholders.
    #[error("{}", .0.display())]
    Placeholder(PathBuf, #[source] PlaceholderError),
    /// `settings.json` has no such function.
    #[error("settings.json has no function {0}")]
    NoFunction(String),
}
