//! Machine programs: the functions' zips, the floors in Rust, and Go.

use std::{collections::BTreeMap, fs, path::Path};

use anyhow::{Context as _, Result};
use suite::Suite;

use super::{
    Contestant, Job,
    setup::{copy, once, run},
};
use crate::project::{Project, unpack, zipped_bytes};

/// One of the functions, out of its zip.
pub(super) fn ours(
    project: &Project,
    id: &'static str,
    function: &'static str,
    title: &'static str,
    job: Job,
) -> Result<Contestant> {
    packed(project, &project.packages, (id, function), title, job)
}

/// The validator, out of the zip that `make bench` makes of it with PGO=1.
pub(super) fn ours_by_profile(project: &Project, id: &'static str, title: &'static str) -> Result<Contestant> {
    packed(project, &project.packages.join("pgo"), (id, "validator"), title, Job::Request)
}

fn packed(
    project: &Project,
    packages: &Path,
    (id, function): (&'static str, &'static str),
    title: &'static str,
    job: Job,
) -> Result<Contestant> {
    let zip = packages.join(function).with_extension("zip");
    let folder = project.work().join("ours").join(id);
    let program = unpack(&zip, &folder)?;
    Ok(Contestant {
        id,
        title,
        job,
        command: vec![program.display().to_string()],
        folder,
        zip_bytes: fs::metadata(&zip)?.len(),
        own: true,
        native: true,
        variables: variables(&project.suite()?, function)?,
    })
}

/// A function's program where it lies.
pub(super) fn of_program(suite: &Suite, function: &'static str, path: &Path) -> Result<Contestant> {
    let path = path.canonicalize().with_context(|| format!("{} is missing", path.display()))?;
    Ok(Contestant {
        id: function,
        title: function,
        job: if function == "validator" { Job::Request } else { Job::Batch(10) },
        command: vec![path.display().to_string()],
        folder: path.parent().unwrap_or(&path).to_owned(),
        zip_bytes: 0,
        own: true,
        native: true,
        variables: variables(suite, function)?,
    })
}

/// What settings.json gives a function, and of the rest what is no name or URL; `terraform/functions.tf` gives the same.
fn variables(suite: &Suite, function: &str) -> Result<BTreeMap<String, String>> {
    let mut variables = suite.function(function)?.environment.clone();
    for (name, value) in [
        ("MAX_MESSAGE_BYTES", suite.settings.queue.max_message_bytes.to_string()),
        ("MAX_RECEIVE_COUNT", suite.settings.queue.max_receive_count.to_string()),
        ("CORS_ALLOW_ORIGINS", suite.settings.api.cors_allow_origins.join(",")),
    ] {
        variables.insert(name.to_owned(), value);
    }
    Ok(variables)
}

/// A floor: a `program` of `peers/rust`.
pub(super) fn rust_peer(
    project: &Project,
    id: &'static str,
    program: &str,
    title: &'static str,
    job: Job,
) -> Result<Contestant> {
    // As scripts/package builds the functions, so that nothing but their code differs.
    let path = format!("{}:{}", project.folder.join(".venv/bin").display(), std::env::var("PATH").unwrap_or_default());
    let arch = std::env::consts::ARCH;
    run(
        "cargo",
        &[
            "lambda",
            "build",
            "--quiet",
            "--release",
            "--locked",
            "--package",
            "bench-peers",
            "--target",
            &format!("{arch}-unknown-linux-gnu.2.34"),
            "--output-format",
            "zip",
        ],
        &project.folder,
        &[("PATH", &path)],
    )?;
    let zip = project.folder.join("target/lambda").join(program).join("bootstrap.zip");
    let folder = project.work().join("rust").join(id);
    let program = unpack(&zip, &folder)?;
    Ok(Contestant {
        id,
        title,
        job,
        command: vec![program.display().to_string()],
        folder,
        zip_bytes: fs::metadata(&zip)?.len(),
        own: false,
        native: true,
        variables: BTreeMap::new(),
    })
}

pub(super) fn go(project: &Project) -> Result<Contestant> {
    let (peer, folder) = (project.peer("go"), project.work().join("go"));
    let inputs = [peer.join("main.go"), peer.join("go.mod"), peer.join("go.sum"), project.schema()];
    let inputs: Vec<&Path> = inputs.iter().map(std::path::PathBuf::as_path).collect();
    once(&folder, &inputs, || {
        let sources = folder.join("sources");
        fs::create_dir_all(&sources)?;
        copy(&inputs, &sources)?;
        run(
            "go",
            &["build", "-trimpath", "-ldflags=-s -w", "-tags=lambda.norpc", "-o", "../program/bootstrap", "."],
            &sources,
            &[("CGO_ENABLED", "0")],
        )
    })?;
    let folder = folder.join("program");
    Ok(Contestant {
        id: "go",
        title: "Go, aws-sdk-go-v2 + X-Ray SDK",
        job: Job::Request,
        command: vec![folder.join("bootstrap").display().to_string()],
        zip_bytes: zipped_bytes(&folder)?,
        folder,
        own: false,
        native: false,
        variables: BTreeMap::new(),
    })
}
