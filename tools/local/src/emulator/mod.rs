//! The emulator as a child of the stack.

use std::{
    fs::File,
    net::{SocketAddr, TcpListener},
    path::Path,
    process::Stdio,
    time::Duration,
};

use anyhow::{Context as _, Result, bail};
use tokio::process::{Child, ChildStdin, Command};

use crate::{
    http::{self, HttpClient},
    stack::State,
};

/// One program: what watches the emulator, then what starts it.
const PROGRAM: &str = concat!(include_str!("observe.py"), "\n", include_str!("launch.py"));
const READY_WITHIN: Duration = Duration::from_secs(60);

/// Running; ends when it is dropped.
#[derive(Debug)]
pub(crate) struct Emulator {
    pub(crate) port: u16,
    pub(crate) child: Child,
    /// The emulator ends when this closes; `Child::wait` would close it if it were left there.
    _lifeline: ChildStdin,
}

impl Emulator {
    /// Starts the emulator on a free port, for functions that find the services at `endpoint` and the X-Ray daemon at
    /// `xray_daemon`, and waits until it answers.
    pub(crate) async fn start(
        state: &State,
        python: &Path,
        region: &str,
        endpoint: &str,
        xray_daemon: SocketAddr,
        observed: &[(&str, String)],
        http: &HttpClient,
    ) -> Result<Self> {
        let port = free_port()?;
        let log = state.log("emulator");
        let out = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
        let mut child = Command::new(python)
            .args(["-c", PROGRAM])
            .env_clear()
            // Nothing of the caller's environment reaches the functions but what finding programs needs.
            .envs(std::env::vars().filter(|(name, _)| matches!(name.as_str(), "PATH" | "HOME" | "LANG")))
            // What it unpacks goes with the stack: 13 MB, which it leaves behind when it is killed.
            .env("TMPDIR", state.scratch()?)
            .env("AUTH", "true")
            .env("BIND_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .env("MINISTACK_REGION", region)
            .env("AWS_ENDPOINT_URL", endpoint)
            .envs(observed.iter().map(|(name, value)| (name, value)))
            // Functions inherit it.
            .env("AWS_XRAY_DAEMON_ADDRESS", xray_daemon.to_string())
            .env("LOG_LEVEL", "INFO")
            .env("PYTHONDONTWRITEBYTECODE", "1")
            .stdin(Stdio::piped())
            .stdout(out.try_clone()?)
            .stderr(out)
            .kill_on_drop(true)
            .spawn()
            .with_context(|| format!("can't start {}: run `make install`", python.display()))?;
        let lifeline = child.stdin.take().context("the emulator has no standard input")?;
        let mut emulator = Self { port, child, _lifeline: lifeline };
        emulator.wait_until_ready(http).await.with_context(|| format!("see {}", log.display()))?;
        Ok(emulator)
    }

    async fn wait_until_ready(&mut self, http: &HttpClient) -> Result<()> {
        let url = format!("http://127.0.0.1:{}/_ministack/health", self.port);
        let ready = async {
            loop {
                if let Some(status) = self.child.try_wait()? {
                    bail!("the emulator ended at once, {status}: is it installed (`make install`)?");
                }
                if http::get(http, &url).await.is_ok_and(|(status, _)| status.is_success()) {
                    return Ok(());
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(READY_WITHIN, ready)
            .await
            .unwrap_or_else(|_| bail!("the emulator does not answer within {} s", READY_WITHIN.as_secs()))
    }
}

/// Free now; should another process take it first, the emulator says so and ends.
fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0)).context("no free port on loopback")?.local_addr()?.port())
}
