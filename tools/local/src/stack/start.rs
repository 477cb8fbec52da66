//! Starting a stack's process, so that it outlives the command.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use tokio::signal::unix::Signal;
use uuid::Uuid;

use super::{ID_VARIABLE, StackFile, StackOptions, State, members};

const UP_WITHIN: Duration = Duration::from_secs(90);

/// Starts `suite serve` for the project in that folder, and waits until it is ready. One that does not get ready is ended, also
/// when whoever waits for it gives up. One listener for all of a start: a new one would not know of a Ctrl-C before it.
pub(crate) async fn start(
    project: &Path,
    state: &State,
    options: &StackOptions,
    interrupt: &mut Signal,
) -> Result<StackFile> {
    let log = state.log("stack");
    let out = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
    let id = Uuid::new_v4().to_string();
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--dir")
        .arg(fs::canonicalize(state.dir())?)
        .arg("--project")
        .arg(fs::canonicalize(project)?)
        .args(["serve", "--project-name", &options.project_name, "--region", &options.region])
        .args(["--time-scale", &options.time_scale().to_string()])
        .args(["--port", &options.port().to_string(), "--python"])
        .arg(std::path::absolute(&options.python)?)
        .env(ID_VARIABLE, &id)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        // A group of its own: a Ctrl-C here does not reach it.
        .process_group(0)
        .spawn()?;
    let leader = i32::try_from(child.id()).context("a pid beyond the kernel's range")?;
    let begun = Instant::now();
    let why = loop {
        if let Some(stack) = state.stack()?.filter(|stack| stack.id == id && stack.ready) {
            // Were it not waited for, it would stay as a zombie until this command ends.
            std::thread::spawn(move || child.wait());
            return Ok(stack);
        }
        if let Some(status) = child.try_wait()? {
            let why = last_words(&log).or_else(|| full(state.dir()));
            break why.unwrap_or_else(|| format!("the stack ended at once, {status}{}", see(&log)));
        }
        if begun.elapsed() > UP_WITHIN {
            break format!("the stack is not up within {} s{}", UP_WITHIN.as_secs(), see(&log));
        }
        tokio::select! {
            () = tokio::time::sleep(Duration::from_millis(50)) => {}
            _ = interrupt.recv() => break "interrupted: the stack is not started".to_owned(),
        }
    };
    members::end(&id, leader).await;
    state.clear()?;
    bail!(why)
}

/// Why the stack ended, as it said.
fn last_words(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).ok()?;
    Some(text[text.rfind("suite: ")?..].strip_prefix("suite: ")?.trim_end().to_owned())
}

/// What it wanted to say had no room.
fn full(dir: &Path) -> Option<String> {
    let probe = dir.join("probe");
    // More than a file system may still have in the last block of a file.
    let written = fs::write(&probe, [0; 64 * 1024]).and_then(|()| File::open(&probe)?.sync_all());
    // It may never have been there.
    let _ = fs::remove_file(&probe);
    written.err().map(|error| format!("the stack can't write in {}: {error}", dir.display()))
}

/// No advice to read what is not there, as on a full disk.
fn see(log: &Path) -> String {
    match fs::metadata(log) {
        Ok(found) if found.len() > 0 => format!(": see {}", log.display()),
        _ => String::new(),
    }
}
