//! What a stack leaves on disk: `stack.json` while it runs, `outputs.json` and `env` for its users, its logs.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::{ErrorKind, Write as _},
    net::SocketAddr,
    os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _},
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};
use suite::{Outputs, StateFiles};

use super::{boot_id, lock::Lock, started};
use crate::credentials::Credentials;

/// Where a stack keeps its state, if nothing else is said.
pub(crate) const DEFAULT_DIR: &str = ".local";

/// Of one stack.
#[derive(Debug, Clone)]
pub(crate) struct State {
    dir: PathBuf,
}

/// A stack, for whoever uses or ends it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StackFile {
    /// Every process of the stack carries it.
    pub(crate) id: String,
    /// The folder that it is the stack of: a copy of the folder has a copy of this file.
    pub(crate) folder: PathBuf,
    /// Process ids and start times are of this boot of the machine.
    pub(crate) boot_id: String,
    /// The leader.
    pub(crate) pid: i32,
    /// When it started, in the kernel's clock ticks.
    pub(crate) started: u64,
    pub(crate) port: u16,
    pub(crate) project_name: String,
    pub(crate) region: String,
    pub(crate) time_scale: f64,
    /// Where X-Ray segments go by UDP.
    pub(crate) xray_daemon: SocketAddr,
    pub(crate) credentials: Credentials,
    /// Its emulator answers.
    pub(crate) ready: bool,
    pub(crate) emulator_pid: Option<u32>,
}

impl StackFile {
    /// Where AWS is, for the stack's users.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }
}

impl State {
    pub(crate) fn new(dir: PathBuf) -> Result<Self> {
        make_folder(&dir)?;
        Ok(Self { dir })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Says, before anything is changed, where.
    pub(crate) fn announce(&self) {
        cli::note!("environment: {} (this machine, {})", suite::LOCAL, self.dir.display());
    }

    pub(crate) fn log(&self, name: &str) -> PathBuf {
        self.dir.join(name).with_extension("log")
    }

    /// A new, empty folder for what the emulator unpacks.
    pub(crate) fn scratch(&self) -> Result<PathBuf> {
        let path = self.dir.join(SCRATCH);
        self.remove_scratch()?;
        make_folder(&path)?;
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

    /// Taken by a command that changes the stack, for as long as it works.
    pub(crate) async fn lock(&self) -> Result<Lock> {
        Lock::wait(&self.dir.join(LOCK), COMMAND_WITHIN, "another command").await
    }

    /// Taken by the stack's process for its life. None if there is one already.
    pub(crate) fn serve_lock(&self) -> Result<Option<Lock>> {
        Lock::take(&self.dir.join(SERVE_LOCK))
    }

    /// Does a stack run in this folder, whatever its state file says?
    pub(crate) fn is_served(&self) -> Result<bool> {
        Ok(self.serve_lock()?.is_none())
    }

    pub(crate) async fn wait_until_unserved(&self, most: Duration) -> Result<()> {
        Lock::wait(&self.dir.join(SERVE_LOCK), most, "a stack without its state file").await.map(drop)
    }

    /// Is the file this folder's own, and of this boot? Otherwise it is a copy, or names processes that are gone.
    pub(crate) fn is_own(&self, stack: &StackFile) -> bool {
        let folder = fs::canonicalize(&self.dir).ok();
        folder.is_some_and(|folder| folder == stack.folder) && boot_id().is_some_and(|boot| boot == stack.boot_id)
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
        let own = self.stack()?.filter(|stack| self.is_own(stack) && started(stack.pid) == Some(stack.started));
        own.with_context(|| format!("no stack is up in {}: run `make local`", self.dir.display()))
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
        write(&self.files().env(), &(StateFiles::env_text(variables) + AWS_CLI))
    }

    /// Where the console that runs for the stack leaves its URL.
    pub(crate) fn console(&self) -> PathBuf {
        self.files().console()
    }

    /// The stack is gone: nothing may say otherwise. Logs stay.
    pub(crate) fn clear(&self) -> Result<()> {
        let own = [STACK, PACKAGES, EXTERNAL, TERRAFORM_STATE, TERRAFORM_BACKUP].map(|name| self.dir.join(name));
        for path in own.into_iter().chain([self.files().outputs(), self.files().env(), self.console()]) {
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
    let mut open = OpenOptions::new();
    // Credentials and customers' orders are in them.
    open.create(true).write(true).truncate(true).mode(0o600);
    open.open(&new)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(&new, path))
        .with_context(|| format!("can't write {}", path.display()))
}

/// In the shell that reads `env`: the AWS CLI's version 1 does not know `AWS_ENDPOINT_URL`, and would call AWS itself.
const AWS_CLI: &str = r#"aws() { command aws ${AWS_ENDPOINT_URL:+--endpoint-url "$AWS_ENDPOINT_URL"} "$@"; }
"#;
const STACK: &str = "stack.json";
const PACKAGES: &str = "packages";
const SCRATCH: &str = "tmp";
const EXTERNAL: &str = "provisioned-externally";
const LOCK: &str = "lock";
const SERVE_LOCK: &str = "serve.lock";
/// The longest that a command may take: a first start, with all it makes.
const COMMAND_WITHIN: Duration = Duration::from_secs(180);
/// What `scripts/provision-local` has made: it is gone with the emulator.
const TERRAFORM_STATE: &str = "project/terraform/terraform.tfstate";
const TERRAFORM_BACKUP: &str = "project/terraform/terraform.tfstate.backup";

/// For its user alone: orders, logs and credentials are in it.
fn make_folder(path: &Path) -> Result<()> {
    DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path)
        .with_context(|| format!("can't make the folder {}", path.display()))
}
