//! Completions for shells and manual pages, out of a tool's own command line: the same two commands for every tool.

use std::{fs, path::PathBuf};

use anyhow::{Context as _, Result};
use clap::{Args, Command};
use clap_complete::{Shell, aot::Generator as _};

use crate::output;

/// `TOOL completions SHELL`
#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// Whose words to print, to stdout
    shell: Shell,
}

/// `TOOL manual FOLDER`
#[derive(Debug, Args)]
pub struct ManualArgs {
    /// Where a page for each command is written to
    folder: PathBuf,
}

/// Prints what a shell sources.
///
/// # Errors
/// When it can't be printed.
pub fn completions(mut command: Command, args: &CompletionsArgs) -> Result<()> {
    let name = command.get_name().to_owned();
    command.set_bin_name(name);
    command.build();
    let mut script = Vec::new();
    args.shell.try_generate(&command, &mut script)?;
    output::text(String::from_utf8_lossy(&script))
}

/// Writes `TOOL.1`, and `TOOL-COMMAND.1` for each command.
///
/// # Errors
/// When a page can't be written.
pub fn pages(command: Command, args: &ManualArgs) -> Result<()> {
    let folder = &args.folder;
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    clap_mangen::generate_to(command, folder).with_context(|| format!("can't write to {}", folder.display()))
}

#[cfg(test)]
mod tests {
    use clap::Arg;

    use super::*;

    #[test]
    fn every_command_has_its_page() {
        let folder = tempfile::tempdir().unwrap();
        let list = Command::new("list").about("What lies there").arg(Arg::new("limit").long("limit"));
        let tool = Command::new("tool").subcommand(Command::new("dlq").subcommand(list));
        pages(tool, &ManualArgs { folder: folder.path().join("man1") }).unwrap();
        let page = fs::read_to_string(folder.path().join("man1/tool-dlq-list.1")).unwrap();
        assert!(page.contains("What lies there") && page.contains("limit"), "{page}");
        for name in ["tool.1", "tool-dlq.1"] {
            assert!(folder.path().join("man1").join(name).is_file(), "{name}");
        }
    }
}
