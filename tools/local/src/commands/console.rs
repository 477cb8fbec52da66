//! The console beside the stack: a process of the stack's, on a port of its own.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::stack::{ID_VARIABLE, StackFile, State};

const UP_WITHIN: Duration = Duration::from_secs(10);

/// Starts it, and waits for its URL. It carries the stack's id: whoever ends the stack ends it.
pub(super) async fn start(project: &Path, state: &State, stack: &StackFile) -> Result<String> {
    let url_file = state.console();
    if let Some(url) = told(&url_file).filter(|_| is_up(&url_file)) {
        return Ok(url);
    }
    let program = std::env::current_exe()?.with_file_name("console");
    if !program.is_file() {
        bail!("{} is not there: `make tools` builds it", program.display());
    }
    if url_file.exists() {
        // Of one that is gone.
        fs::remove_file(&url_file).with_context(|| format!("can't remove {}", url_file.display()))?;
    }
    let log = state.log("console");
    let out = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
    let mut child = Command::new(&program)
        .args(["--env", suite::LOCAL, "--local-dir"])
        .arg(fs::canonicalize(state.dir())?)
        .env(ID_VARIABLE, &stack.id)
        .current_dir(project)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        .process_group(0)
        .spawn()
        .with_context(|| format!("can't start {}", program.display()))?;
    let begun = Instant::now();
    loop {
        if let Some(url) = told(&url_file) {
            // Were it not waited for, it would stay as a zombie until this command ends.
            std::thread::spawn(move || child.wait());
            return Ok(url);
        }
        if let Some(status) = child.try_wait()? {
            bail!("it ended at once, {status}: see {}", log.display());
        }
        if begun.elapsed() > UP_WITHIN {
            bail!("it is not up within {} s: see {}", UP_WITHIN.as_secs(), log.display());
        }
        tokio::time::sleep(Duration::from_millis(30)).await;
    }
}

fn told(url_file: &Path) -> Option<String> {
    let url = fs::read_to_string(url_file).ok()?;
    url.ends_with('\n').then(|| url.trim().to_owned())
}

fn is_up(url_file: &Path) -> bool {
    let address = told(url_file).and_then(|url| url.strip_prefix("http://")?.split('/').next()?.parse().ok());
    address.is_some_and(|address| std::net::TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok())
}
