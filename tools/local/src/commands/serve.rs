//! `suite serve`: the stack's process, with the emulator as its child.

use std::{os::unix::process::CommandExt as _, path::Path, process::Command, sync::Arc};

use anyhow::{Context as _, Result, bail};
use suite::{LOCAL, Names, Suite};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use uuid::Uuid;

use crate::{
    clients::Clients,
    credentials::Credentials,
    emulator::{self, Emulator, Events, What, sdk_client},
    metrics::{Clock, Metrics},
    proxy::{Proxy, Setup},
    services::{logs::Logs, xray::Traces},
    stack::{self, ID_VARIABLE, StackFile, StackOptions, State, boot_id, started},
};

/// Runs until it is told to end, or until the state file no longer names it. When the emulator ends, it answers that it is down.
pub(crate) async fn run(suite: &Suite, state: &State, options: &StackOptions) -> Result<()> {
    let Ok(id) = std::env::var(ID_VARIABLE) else { return Err(marked().into()) };
    let Some(_serving) = state.serve_lock()? else {
        bail!("a stack runs in {} already: `suite down` ends it", state.dir().display());
    };
    let listener = listen(options.port()).await?;
    let (traces, receiver) = Traces::open(&options.region).await?;
    let pid = i32::try_from(std::process::id()).context("a pid beyond the kernel's range")?;
    let mut stack = StackFile {
        id,
        folder: std::fs::canonicalize(state.dir())?,
        boot_id: boot_id().context("/proc can't be read: the local stack needs Linux")?,
        pid,
        started: started(pid).context("/proc can't be read: the local stack needs Linux")?,
        port: listener.local_addr()?.port(),
        project_name: options.project_name.clone(),
        region: options.region.clone(),
        time_scale: options.time_scale(),
        xray_daemon: traces.daemon,
        credentials: Credentials::new(),
        ready: false,
        emulator_pid: None,
    };
    // Before the emulator: whatever happens from here on, `suite down` finds it.
    state.set_stack(&stack)?;

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let (named, id) = (stack.clone(), stack.id.clone());
    let result = tokio::select! {
        result = serve(suite, state, &options.python, &mut stack, listener, traces) => result,
        result = receiver => result?.context("the receiver of traces failed"),
        () = stack::until_it_is_not_named(state, &named) => {
            eprintln!("the state file no longer names this stack: it ends");
            Ok(())
        }
        _ = terminate.recv() => Ok(()),
        _ = interrupt.recv() => Ok(()),
    };
    stack::kill_others(&id);
    result
}

/// Starts this command again with the mark that all processes of a stack carry. Returns only if that fails.
fn marked() -> std::io::Error {
    match std::env::current_exe() {
        Ok(program) => {
            Command::new(program).args(std::env::args_os().skip(1)).env(ID_VARIABLE, Uuid::new_v4().to_string()).exec()
        }
        Err(error) => error,
    }
}

async fn listen(port: u16) -> Result<TcpListener> {
    TcpListener::bind(("127.0.0.1", port)).await.with_context(|| {
        format!("port {port} is taken: end what holds it, or choose another with LOCAL_PORT (0 takes a free one)")
    })
}

async fn serve(
    suite: &Suite,
    state: &State,
    python: &Path,
    stack: &mut StackFile,
    listener: TcpListener,
    traces: Traces,
) -> Result<()> {
    let names = Names::new(&stack.project_name, LOCAL, &stack.region);
    let integration_failure =
        suite.gateway.responses.get("DEFAULT_5XX").cloned().context("gateway.json has no DEFAULT_5XX")?;
    let clock = Clock::start(stack.time_scale);
    let (mut emulator, events, questions) = Emulator::start(&emulator::Start {
        python,
        region: &stack.region,
        endpoint: &stack.endpoint(),
        xray_daemon: stack.xray_daemon,
        credentials: &stack.credentials,
        folder: std::fs::canonicalize(state.scratch()?)?,
        log: state.log("emulator"),
    })?;
    stack.emulator_pid = emulator.child.id();
    state.set_stack(stack)?;
    emulator.wait_until_ready(&state.log("emulator")).await?;

    let http = sdk_client(emulator.client.clone());
    let clients = Clients::new(emulator::ADDRESS, &stack.region, &stack.credentials, http).await;
    let logs = Logs::new(clients.logs.clone());
    let logging = traces.log_spans(clients.logs.clone());
    let metrics = Metrics::start(clock, questions, &names, clients);
    let proxy = Proxy::new(Setup {
        id: stack.id.clone(),
        port: stack.port,
        credentials: stack.credentials.clone(),
        emulator: emulator.client.clone(),
        integration_failure,
        metrics: Arc::clone(&metrics),
        traces,
        logs,
        cors_allow_origins: suite.settings.api.cors_allow_origins.clone(),
    });
    let observing = tokio::spawn(observe(events, metrics, Arc::clone(&proxy)));
    stack.ready = true;
    state.set_stack(stack)?;
    tokio::select! {
        result = axum::serve(listener, proxy.service()) => result.context("the stack's listener failed")?,
        () = wait_for_end(&mut emulator, &proxy) => {}
    }
    observing.abort();
    logging.abort();
    Ok(())
}

/// Everything that the emulator reports, to whom it concerns.
async fn observe(mut events: Events, metrics: Arc<Metrics>, proxy: Arc<Proxy>) {
    loop {
        match events.next().await {
            Ok(Some(event)) => {
                match &event.what {
                    What::Invocation(invocation) => proxy.traces().invoked(invocation),
                    What::Request { trace_header, api } => {
                        proxy.traces().answered(trace_header.as_deref(), api.clone())
                    }
                    _ => {}
                }
                metrics.observe(event).await;
            }
            // The emulator has ended, which the proxy says.
            Ok(None) => return,
            Err(error) => return eprintln!("the emulator's events can't be read: {error:#}"),
        }
    }
}

/// Never returns: a stack without its emulator still says what is wrong, and how to fix it.
async fn wait_for_end(emulator: &mut Emulator, proxy: &Arc<Proxy>) {
    let ended = emulator.child.wait().await;
    cli::note!("the emulator ended: {ended:?}");
    proxy.emulator_ended();
    std::future::pending().await
}
