//! What preparing a peer takes: a program that may be missing, and a step that is only repeated when its input has changed.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash as _, Hasher as _},
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result, bail};

/// Runs a program to its end; its words only appear when it fails.
pub(crate) fn run(program: &str, arguments: &[&str], folder: &Path, variables: &[(&str, &str)]) -> Result<()> {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .envs(variables.iter().copied())
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{program} is not installed"))?;
    if !output.status.success() {
        let words = String::from_utf8_lossy(&output.stderr);
        let last = words.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or("it said nothing");
        bail!("{program} {} failed: {}", arguments.first().unwrap_or(&""), last.escape_debug());
    }
    Ok(())
}

/// Makes `folder` anew from `inputs` unless that has been done with the same inputs.
pub(crate) fn once(folder: &Path, inputs: &[&Path], make: impl FnOnce() -> Result<()>) -> Result<()> {
    let mut hasher = DefaultHasher::new();
    for input in inputs {
        fs::read(input).with_context(|| format!("can't read {}", input.display()))?.hash(&mut hasher);
    }
    let (stamp, wanted) = (folder.join(".made-of"), hasher.finish().to_string());
    if fs::read_to_string(&stamp).is_ok_and(|made_of| made_of == wanted) {
        return Ok(());
    }
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    fs::create_dir_all(folder)?;
    eprintln!("preparing {} (minutes at first, once)", folder.file_name().unwrap_or_default().display());
    make()?;
    fs::write(stamp, wanted)?;
    Ok(())
}

/// Copies files into a folder under their own names.
pub(crate) fn copy(files: &[&Path], into: &Path) -> Result<()> {
    for file in files {
        let name = file.file_name().context("no file")?;
        fs::copy(file, into.join(name)).with_context(|| format!("can't copy {}", file.display()))?;
    }
    Ok(())
}
