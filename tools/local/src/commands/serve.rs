//! `suite serve`: the stack's process, with the emulator as its child.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    clients::Clients,
    emulator::Emulator,
    http,
    metrics::{Clock, Metrics, Observer},
    proxy::Proxy,
    services::xray::Traces,
    stack::{StackFile, StackOptions, State, started},
};
use suite::{LOCAL, Names, Suite};

/// Runs until it is told to end, or until the emulator does: then it answers that it is down.
pub(crate) async fn run(suite: &Suite, state: &State, options: &StackOptions) -> Result<()> {
    let port = options.port();
    let listener = TcpListener::bind(("127.0.0.1", port)).await.with_context(|| {
        format!("port {port} is taken: end what holds it, or choose another with LOCAL_PORT (0 takes a free one)")
    })?;
    let port = listener.local_addr()?.port();
    let http = http::client();
    let endpoint = format!("http://127.0.0.1:{port}");
    let (traces, receiver) = Traces::open(&options.region).await?;
    let xray_daemon = traces.daemon;
    let names = Names::new(&options.project_name, LOCAL, &options.region);
    let (clock, observer) = (Clock::start(options.time_scale()), Observer::bind().await?);
    let observed = [("LOCAL_OBSERVER", observer.address.to_string())];
    let mut emulator =
        Emulator::start(state, &options.python, &options.region, &endpoint, xray_daemon, &observed, &http).await?;
    let clients = Clients::new(&format!("http://127.0.0.1:{}", emulator.port), &options.region).await;
    let integration_failure =
        suite.gateway.responses.get("DEFAULT_5XX").cloned().context("gateway.json has no DEFAULT_5XX")?;
    let metrics = Metrics::start(clock, observer, &names, clients);
    let proxy = Proxy::new(http, emulator.port, integration_failure, metrics, traces);

    let pid = i32::try_from(std::process::id()).context("a pid beyond the kernel's range")?;
    state.set_stack(&StackFile {
        pid,
        started: started(pid).context("/proc can't be read: the local stack needs Linux")?,
        port,
        project_name: options.project_name.clone(),
        region: options.region.clone(),
        time_scale: options.time_scale(),
        xray_daemon: Some(xray_daemon),
        emulator_port: emulator.port,
        emulator_pid: emulator.child.id().and_then(|id| i32::try_from(id).ok()).context("the emulator has ended")?,
    })?;

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let served = axum::serve(listener, proxy.router());
    tokio::select! {
        result = served => result.context("the stack's listener failed")?,
        result = receiver => result?.context("the receiver of traces failed")?,
        () = wait_for_end(&mut emulator, &proxy) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    emulator.child.kill().await.ok();
    Ok(())
}

/// Never returns: a stack without its emulator still says what is wrong, and how to fix it.
async fn wait_for_end(emulator: &mut Emulator, proxy: &Arc<Proxy>) {
    let ended = emulator.child.wait().await;
    cli::note!("the emulator ended: {ended:?}");
    proxy.emulator_ended();
    std::future::pending().await
}
