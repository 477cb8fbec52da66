//! The emulator as a child of the stack.

mod events;
mod socket;

use std::{
    fs::{self, File},
    net::SocketAddr,
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
pub(crate) use events::{Event, Events, Invocation, Questions, QueueState, What};
pub(crate) use socket::{EmulatorClient, sdk_client};
use tokio::process::{Child, Command};

use crate::{credentials::Credentials, http, stack::ID_VARIABLE};

/// The Python package that runs the emulator. It travels in the binary, and is written into the stack's folder.
const PACKAGE: &[(&str, &str)] = &[
    ("__init__.py", include_str!("../../emulator/__init__.py")),
    ("__main__.py", include_str!("../../emulator/__main__.py")),
    ("credentials.py", include_str!("../../emulator/credentials.py")),
    ("events.py", include_str!("../../emulator/events.py")),
    ("gateway.py", include_str!("../../emulator/gateway.py")),
    ("invocations.py", include_str!("../../emulator/invocations.py")),
    ("logs.py", include_str!("../../emulator/logs.py")),
    ("network.py", include_str!("../../emulator/network.py")),
    ("patch.py", include_str!("../../emulator/patch.py")),
    ("patches.py", include_str!("../../emulator/patches.py")),
    ("permissions.py", include_str!("../../emulator/permissions.py")),
    ("queues.py", include_str!("../../emulator/queues.py")),
    ("server.py", include_str!("../../emulator/server.py")),
];
/// Where the emulator's version is pinned.
const REQUIREMENTS: &str = include_str!("../../../../scripts/requirements.in");
const READY_WITHIN: Duration = Duration::from_secs(60);

/// The address of requests over the socket.
pub(crate) const ADDRESS: &str = "http://localhost";

/// What the emulator is started with.
#[derive(Debug)]
pub(crate) struct Start<'a> {
    /// The Python that has it.
    pub(crate) python: &'a Path,
    pub(crate) region: &'a str,
    /// Where functions find the services.
    pub(crate) endpoint: &'a str,
    /// Where functions send their segments.
    pub(crate) xray_daemon: SocketAddr,
    pub(crate) credentials: &'a Credentials,
    /// Its working folder, readable by the user alone.
    pub(crate) folder: PathBuf,
    pub(crate) log: PathBuf,
}

/// Running; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) child: Child,
    pub(crate) client: EmulatorClient,
}

impl Emulator {
    /// Starts the emulator. It answers when [`Emulator::wait_until_ready`] says so.
    pub(crate) fn start(start: &Start<'_>) -> Result<(Self, Events, Questions)> {
        let package = start.folder.join("emulator");
        fs::create_dir_all(&package).with_context(|| format!("can't make {}", package.display()))?;
        for (name, text) in PACKAGE {
            fs::write(package.join(name), text).with_context(|| format!("can't write {}", package.display()))?;
        }
        let log = File::create(&start.log).with_context(|| format!("can't write {}", start.log.display()))?;
        let mut child = Command::new(start.python)
            .args(["-m", "emulator"])
            .current_dir(&start.folder)
            .env_clear()
            // Nothing of the caller's environment reaches the functions but what finding programs needs, and the stack's mark.
            .envs(std::env::vars().filter(|(name, _)| matches!(name.as_str(), "PATH" | "HOME" | "LANG" | ID_VARIABLE)))
            .env("PYTHONPATH", &start.folder)
            .env("PYTHONDONTWRITEBYTECODE", "1")
            // What it unpacks goes with the stack: 13 MB, which it leaves behind when it is killed.
            .env("TMPDIR", &start.folder)
            .env("AUTH", "true")
            // It would listen for devices wherever the Python has the library for it.
            .env("IOT_MTLS_ENABLED", "0")
            .env("MINISTACK_REGION", start.region)
            .env("EMULATOR_VERSION", pinned_version())
            .env("AWS_ENDPOINT_URL", start.endpoint)
            .env("AWS_ACCESS_KEY_ID", &start.credentials.access_key)
            .env("AWS_SECRET_ACCESS_KEY", &start.credentials.secret_key)
            // Functions inherit it.
            .env("AWS_XRAY_DAEMON_ADDRESS", start.xray_daemon.to_string())
            .env("LOG_LEVEL", "INFO")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("can't start {}: run `make install`", start.python.display()))?;
        let events = Events::new(child.stdout.take().context("the emulator has no standard output")?);
        let questions = Questions::new(child.stdin.take().context("the emulator has no standard input")?);
        Ok((Self { child, client: socket::client(&start.folder)? }, events, questions))
    }

    pub(crate) async fn wait_until_ready(&mut self, log: &Path) -> Result<()> {
        let url = format!("{ADDRESS}/_ministack/health");
        let ready = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    bail!("{}", why_it_ended(log, status));
                }
                if http::get(&self.client, &url).await.is_ok_and(|(status, _)| status.is_success()) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(READY_WITHIN, ready).await.unwrap_or_else(|_| {
            bail!("the emulator does not answer within {} s: see {}", READY_WITHIN.as_secs(), log.display())
        })
    }
}

fn pinned_version() -> &'static str {
    REQUIREMENTS
        .lines()
        .find_map(|line| line.strip_prefix("ministack==")?.split_whitespace().next())
        .unwrap_or_default()
}

/// In the emulator's own words, where they say what to do.
fn why_it_ended(log: &Path, status: std::process::ExitStatus) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    match text.find("the emulator ministack") {
        Some(at) => text[at..].trim_end().to_owned(),
        None if text.contains("No module named") => {
            format!("the emulator is not installed ({status}): run `make install`")
        }
        None => format!("the emulator ended at once, {status}: see {}", log.display()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_in_the_binary_is_the_whole_folder() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("emulator");
        let mut there: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .filter_map(|entry| entry.unwrap().file_name().into_string().ok())
            .filter(|name| name.ends_with(".py"))
            .collect();
        there.sort();
        assert_eq!(there, PACKAGE.iter().map(|(name, _)| *name).collect::<Vec<_>>());
        assert!(!pinned_version().is_empty());
    }
}
