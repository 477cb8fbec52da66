//! Runs a page's commands, as a person would.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use crate::{
    block::{Block, Kind},
    expect,
    page::Page,
};

/// Where and with what the commands run.
#[derive(Debug, Clone)]
pub struct Runner {
    folder: PathBuf,
    variables: BTreeMap<OsString, OsString>,
}

/// A command did not do what its page says.
#[derive(Debug, thiserror::Error)]
#[error("runbooks/{page}.md:{line}: `{command}`: {what}\n--- stdout\n{stdout}--- stderr\n{stderr}")]
pub struct Failure {
    page: String,
    line: usize,
    command: String,
    what: String,
    stdout: String,
    stderr: String,
}

impl Runner {
    /// In a project's folder, with its tools' folder first in `PATH`. Nobody can be asked: `ORDERS_YES` is the answer.
    pub fn new(folder: impl Into<PathBuf>, tools: &Path) -> Self {
        let mut path = tools.as_os_str().to_owned();
        if let Some(rest) = std::env::var_os("PATH") {
            path.push(":");
            path.push(rest);
        }
        Self {
            folder: folder.into(),
            variables: BTreeMap::from([("PATH".into(), path), ("ORDERS_YES".into(), "1".into())]),
        }
    }

    /// Sets a variable, such as a page's placeholder.
    #[must_use]
    pub fn with(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.variables.insert(name.into(), value.into());
        self
    }

    /// Runs a page's blocks of one kind, in order; with a name, only those of that name.
    ///
    /// # Errors
    /// The first command that fails, or whose output is not as the page says. A page without such a block is a failure too.
    pub fn run(&self, page: &Page, kind: Kind, name: Option<&str>) -> Result<(), Box<Failure>> {
        let mut blocks = page.blocks_of(kind, name).peekable();
        if blocks.peek().is_none() {
            let what = format!("the page has no {kind:?} block {}", name.unwrap_or_default());
            return Err(failure(page, 1, "", what, String::new(), String::new()));
        }
        blocks.try_for_each(|block| self.block(page, block))
    }

    fn block(&self, page: &Page, block: &Block) -> Result<(), Box<Failure>> {
        let (mut all, mut errors) = (String::new(), String::new());
        for (n, command) in block.commands.iter().enumerate() {
            let line = block.line + 1 + n;
            let output = Command::new("sh")
                .args(["-c", command])
                .current_dir(&self.folder)
                .envs(&self.variables)
                .stdin(Stdio::null())
                .output()
                .map_err(|error| failure(page, line, command, error.to_string(), String::new(), String::new()))?;
            let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            // `make` turns its commands' codes into 2; a signal is no code at all.
            if output.status.code().is_none_or(|code| code > block.kind.largest_exit_code()) {
                return Err(failure(page, line, command, format!("it ended with {}", output.status), stdout, stderr));
            }
            all.push_str(&stdout);
            errors.push_str(&stderr);
        }
        match block.expected.as_deref().map_or(Ok(()), |expected| expect::matches(expected, &all)) {
            Ok(()) => Ok(()),
            Err(what) => Err(failure(page, block.line, &block.commands.join("; "), what, all, errors)),
        }
    }
}

fn failure(page: &Page, line: usize, command: &str, what: String, stdout: String, stderr: String) -> Box<Failure> {
    Box::new(Failure { page: page.name.clone(), line, command: command.to_owned(), what, stdout, stderr })
}
