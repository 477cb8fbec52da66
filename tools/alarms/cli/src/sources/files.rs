//! Which files to read.

use std::{
    io::Read as _,
    path::{Path, PathBuf},
};

use super::SourceError;

/// A file's name as it was given, and what it holds.
#[derive(Clone, Debug)]
pub struct Input {
    /// `-` for standard input.
    pub name: String,
    /// As they are on disk.
    pub bytes: Vec<u8>,
    /// Named by somebody, other than found in a folder: then it must hold something that is known.
    pub is_named: bool,
}

/// No file of this kind is larger.
const MOST_BYTES: u64 = 512 << 20;
const DEEPEST: usize = 4;
const MOST_FILES: usize = 2_000;
const SKIPPED: [&str; 6] = ["node_modules", "target", "vendor", "venv", "asset", "__pycache__"];

/// Reads files; of a folder, those in it and below that may hold alarms.
///
/// # Errors
/// When one can't be read.
pub fn gather(paths: &[PathBuf]) -> Result<Vec<Input>, SourceError> {
    let mut inputs = Vec::new();
    for path in paths {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            let mut stdin = std::io::stdin().lock().take(MOST_BYTES);
            stdin.read_to_end(&mut bytes).map_err(|error| SourceError::whole("-", error.to_string()))?;
            inputs.push(Input { name: "-".into(), bytes, is_named: true });
        } else if path.is_dir() {
            let mut files = Vec::new();
            walk(path, 0, &mut files)
                .map_err(|error| SourceError::whole(&path.display().to_string(), error.to_string()))?;
            files.sort();
            for file in files {
                inputs.push(read(&file, false)?);
            }
        } else {
            inputs.push(read(path, true)?);
        }
    }
    Ok(inputs)
}

fn read(path: &Path, is_named: bool) -> Result<Input, SourceError> {
    let name = path.display().to_string();
    let name = name.strip_prefix("./").unwrap_or(&name).to_owned();
    let size = std::fs::metadata(path).map(|meta| meta.len());
    let wrong = |error: std::io::Error| SourceError::whole(&name, format!("it can't be read: {error}"));
    if size.map_err(wrong)? > MOST_BYTES {
        return Err(SourceError::whole(&name, format!("it has more than {} MiB", MOST_BYTES >> 20)));
    }
    let bytes = std::fs::read(path).map_err(wrong)?;
    Ok(Input { name, bytes, is_named })
}

fn walk(folder: &Path, depth: usize, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        let name = entry.file_name().to_string_lossy().into_owned();
        if name.starts_with('.') || files.len() >= MOST_FILES {
            continue;
        }
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if depth < DEEPEST && !SKIPPED.iter().any(|skipped| name.starts_with(skipped)) {
                walk(&path, depth + 1, files)?;
            }
        } else if kind.is_file() && may_hold_alarms(&name) {
            files.push(path);
        }
    }
    Ok(())
}

fn may_hold_alarms(name: &str) -> bool {
    let name = name.strip_suffix(".gz").unwrap_or(name);
    ["json", "yaml", "yml", "template", "tfstate"]
        .iter()
        .any(|ending| name.rsplit_once('.').is_some_and(|(_, extension)| extension.eq_ignore_ascii_case(ending)))
}
