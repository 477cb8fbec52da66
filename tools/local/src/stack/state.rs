//! What a stack leaves on disk: `stack.json` while it runs, `outputs.json` and `env` for its users, its logs.

use std::{
    fs,
    io::ErrorKind,
    net::SocketAddr,
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use suite::{Outputs, StateFiles};

/// Where a stack keeps its state, if nothing else is said.
pub(crate) const DEFAULT_DIR: &str = ".local";

/// Of one stack.
#[derive(Debug, Clone)]
pub(crate) struct State {
    dir: PathBuf,
}

/// The processes of a running stack.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StackFile {
    /// The leader; all its children are in its process group.
    pub(crate) pid: i32,
    /// When it started, in the kernel's clock ticks: a pid alone may be somebody else's by now.
    pub(crate) started: u64,
    pub(crate) port: u16,
    #[serde(default)]
    pub(crate) project_name: String,
    #[serde(default)]
    pub(crate) region: String,
    #[serde(default)]
    pub(crate) time_scale: f64,
    /// Where X-Ray segments go by UDP. What has a default is not in a file of an earlier version, whose stack must still be found
    /// and ended.
    #[serde(default)]
    pub(crate) xray_daemon: Option<SocketAddr>,
    pub(crate) emulator_port: u16,
    pub(crate) emulator_pid: i32,
}

impl StackFile {
    /// Where AWS is, for the stack's users.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl State {
    pub(crate) fn new(dir: PathBuf) -> Result<Self> {
        fs::create_dir_all(&dir).with_context(|| format!("can't make the folder {}", dir.display()))?;
        Ok(Self { dir })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.dir.join(name).with_extension("log")
    }

    /// A new, empty folder for what the emulator unpacks.
    pub(crate) fn scratch(&self) -> Result<PathBuf> {
        let path = self.dir.join(SCRATCH);
        self.remove_scratch()?;
        fs::create_dir_all(&path).with_context(|| format!("can't make the folder {}", path.display()))?;
        Ok(path)
    }

    fn remove_scratch(&self) -> Result<()> {
        match fs::remove_dir_all(self.dir.join(SCRATCH)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                Err(error).with_context(|| format!("can't remove {}", self.dir.join(SCRATCH).display()))
            }
            _ => Ok(()),
        }
    }

    /// The stack that was started last, alive or not.
    pub(crate) fn stack(&self) -> Result<Option<StackFile>> {
        match fs::read_to_string(self.dir.join(STACK)) {
            // A file cut off by a crash tells no more than no file.
            Ok(text) => Ok(serde_json::from_str(&text).ok()),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).with_context(|| format!("can't read {}", self.dir.join(STACK).display())),
        }
    }

    /// The stack that is up.
    pub(crate) fn running(&self) -> Result<StackFile> {
        self.stack()?.with_context(|| format!("no stack is up in {}: run `make local`", self.dir.display()))
    }

    pub(crate) fn set_stack(&self, stack: &StackFile) -> Result<()> {
        self.write(STACK, &serde_json::to_string_pretty(stack)?)
    }

    /// Which packages the functions were made of.
    pub(crate) fn packages(&self) -> Option<String> {
        fs::read_to_string(self.dir.join(PACKAGES)).ok()
    }

    pub(crate) fn set_packages(&self, hash: &str) -> Result<()> {
        self.write(PACKAGES, hash)
    }

    /// Is somebody else to provision the stack?
    pub(crate) fn is_provisioned_externally(&self) -> bool {
        self.dir.join(EXTERNAL).exists()
    }

    pub(crate) fn set_provisioned_externally(&self) -> Result<()> {
        self.write(EXTERNAL, "")
    }

    /// What its users read.
    fn files(&self) -> StateFiles {
        StateFiles::in_folder(&self.dir)
    }

    pub(crate) fn outputs(&self) -> Result<Outputs> {
        let path = self.files().outputs();
        let text = fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
        Outputs::from_state(&text).with_context(|| format!("can't read {}", path.display()))
    }

    pub(crate) fn set_outputs(&self, outputs: &Outputs) -> Result<()> {
        write(&self.files().outputs(), &(serde_json::to_string_pretty(outputs.all())? + "\n"))
    }

    /// Shell exports, so that any AWS client finds the stack after `. .local/env`.
    pub(crate) fn set_env(&self, variables: &[(&str, String)]) -> Result<()> {
        let variables = variables.iter().map(|(name, value)| (*name, value.as_str()));
        write(&self.files().env(), &StateFiles::env_text(variables))
    }

    /// The stack is gone: nothing may say otherwise. Logs stay.
    pub(crate) fn clear(&self) -> Result<()> {
        let own = [STACK, PACKAGES, EXTERNAL, TERRAFORM_STATE].map(|name| self.dir.join(name));
        for path in own.into_iter().chain([self.files().outputs(), self.files().env()]) {
            match fs::remove_file(&path) {
                Err(error) if error.kind() != ErrorKind::NotFound => {
                    return Err(error).with_context(|| format!("can't remove {}", path.display()));
                }
                _ => {}
            }
        }
        self.remove_scratch()
    }

    fn write(&self, name: &str, text: &str) -> Result<()> {
        write(&self.dir.join(name), text)
    }
}

/// Readers see the old file or the new one, never half of it.
fn write(path: &Path, text: &str) -> Result<()> {
    let new = path.with_added_extension("new");
    fs::write(&new, text)
        .and_then(|()| fs::rename(&new, path))
        .with_context(|| format!("can't write {}", path.display()))
}

const STACK: &str = "stack.json";
const PACKAGES: &str = "packages";
const SCRATCH: &str = "tmp";
const EXTERNAL: &str = "provisioned-externally";
/// What `scripts/provision-local` has made: it is gone with the emulator.
const TERRAFORM_STATE: &str = "project/terraform/terraform.tfstate";
