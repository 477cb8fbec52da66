//! What stands around all functions: AWS, the X-Ray daemon, and a folder.

use std::path::PathBuf;

use anyhow::{Context as _, Result};
use tempfile::TempDir;
use uuid::Uuid;

use crate::stub::{aws::Aws, xray::Daemon};

/// What stands around all functions.
#[derive(Debug)]
pub(crate) struct Surroundings {
    pub(crate) aws: Aws,
    pub(crate) xray: Daemon,
    folder: TempDir,
}

impl Surroundings {
    pub(crate) async fn start() -> Result<Self> {
        let folder = tempfile::tempdir().context("can't make a temporary folder")?;
        let aws = Aws::start(&folder.path().join("roots.pem")).await?;
        Ok(Self { aws, xray: Daemon::start().await?, folder })
    }

    pub(crate) fn roots(&self) -> PathBuf {
        self.folder.path().join("roots.pem")
    }

    /// A new one for each process.
    pub(crate) fn log_file(&self) -> PathBuf {
        self.folder.path().join(format!("{}.log", Uuid::new_v4()))
    }
}

/// How AWS is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    Http,
    Https,
}
