//! Starting a stack's process, so that it outlives the command.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use super::{StackFile, StackOptions, State};

const UP_WITHIN: Duration = Duration::from_secs(90);

/// Starts `suite serve` for the project in that folder, and waits for its state file.
pub(crate) async fn start(project: &Path, state: &State, options: &StackOptions) -> Result<StackFile> {
    let log = state.log("stack");
    let out = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--dir")
        .arg(fs::canonicalize(state.dir())?)
        .arg("--project")
        .arg(fs::canonicalize(project)?)
        .args(["serve", "--project-name", &options.project_name, "--region", &options.region])
        .args(["--time-scale", &options.time_scale().to_string()])
        .args(["--port", &options.port().to_string(), "--python"])
        .arg(std::path::absolute(&options.python)?)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        // A group of its own: a Ctrl-C here does not reach it, and all of it can be ended at once.
        .process_group(0)
        .spawn()?;
    let begun = Instant::now();
    loop {
        if let Some(stack) = state.stack()? {
            // Were it not waited for, its process group would seem to live on after its end.
            std::thread::spawn(move || child.wait());
            return Ok(stack);
        }
        if let Some(status) = child.try_wait()? {
            match last_words(&log) {
                Some(words) => bail!("{words}"),
                None => bail!("the stack ended at once, {status}: see {}", log.display()),
            }
        }
        if begun.elapsed() > UP_WITHIN {
            give_up_on(&mut child);
            bail!("the stack is not up within {} s: see {}", UP_WITHIN.as_secs(), log.display());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn give_up_on(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        eprintln!("process {} can't be ended: {error}", child.id());
    }
}

/// Why the stack ended, as it said.
fn last_words(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    Some(text.lines().last()?.strip_prefix("suite: ")?.to_owned())
}
