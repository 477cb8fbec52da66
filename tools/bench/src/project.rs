//! The project's folder, and what the benchmark takes from it.

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};
use suite::Suite;

#[derive(Debug, Clone)]
pub(crate) struct Project {
    pub(crate) folder: PathBuf,
    /// Where the zips are.
    pub(crate) packages: PathBuf,
}

impl Project {
    /// The project whose folder this is, with the zips in `packages`, `dist/` by default.
    pub(crate) fn here(packages: Option<PathBuf>) -> Result<Self> {
        let folder = std::env::current_dir()?;
        Ok(Self { packages: packages.unwrap_or_else(|| folder.join("dist")), folder })
    }

    /// The project's facts.
    pub(crate) fn suite(&self) -> Result<Suite> {
        Ok(Suite::read(&self.folder)?)
    }

    /// Where the benchmark builds and installs.
    pub(crate) fn work(&self) -> PathBuf {
        self.folder.join("target/bench")
    }

    pub(crate) fn peer(&self, name: &str) -> PathBuf {
        self.folder.join("tools/bench/peers").join(name)
    }

    pub(crate) fn schema(&self) -> PathBuf {
        self.folder.join("terraform/order.schema.json")
    }

    /// The commit that is checked out, with a plus when files differ from it.
    pub(crate) fn commit(&self) -> String {
        let git = |arguments: &[&str]| {
            let output = Command::new("git").current_dir(&self.folder).args(arguments).output().ok()?;
            output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
        };
        let Some(commit) = git(&["rev-parse", "--short=10", "HEAD"]) else { return "unknown".to_owned() };
        // What the benchmark itself writes is no difference.
        let changed = git(&["status", "--porcelain", "--untracked-files=no", "--", ".", ":!docs"]);
        if changed.is_some_and(|changed| changed.is_empty()) { commit } else { commit + "+" }
    }
}

pub(crate) fn read_json<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T> {
    let text = fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("can't read {}", path.display()))
}

/// Takes the program out of a function's zip, as Lambda does.
pub(crate) fn unpack(zip: &Path, into: &Path) -> Result<PathBuf> {
    let file = File::open(zip).with_context(|| format!("{} is missing: run make package", zip.display()))?;
    fs::create_dir_all(into)?;
    zip::ZipArchive::new(file)?.extract(into).with_context(|| format!("can't unpack {}", zip.display()))?;
    Ok(into.join("bootstrap"))
}

/// Bytes of a zip with everything in that folder.
pub(crate) fn zipped_bytes(folder: &Path) -> Result<u64> {
    let mut zip = zip::ZipWriter::new(tempfile::tempfile()?);
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next)? {
            let path = entry?.path();
            if path.is_symlink() || path.file_name().is_some_and(|name| name == "__pycache__") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap_or(&path);
                zip.start_file(name.to_string_lossy(), options)?;
                std::io::copy(&mut File::open(&path)?, &mut zip)?;
            }
        }
    }
    Ok(zip.finish()?.metadata()?.len())
}
