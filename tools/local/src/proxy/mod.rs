//! The plane: what stands in front of the emulator, for its users and for its functions.

mod control;
mod faults;
mod gateway;
mod proxy;
mod saved_queries;
mod traces;

use std::sync::{Arc, atomic::AtomicBool};

use anyhow::{Context as _, Result};
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{
    cli::ServeArgs,
    emulator::Emulator,
    facts::{Facts, GatewayAnswer},
    http::{self, HttpClient},
    metrics::{self, Metrics},
    names::{ENVIRONMENT, Names},
    process,
    provision::Clients,
    state::{PlaneFile, State},
};

pub(crate) use control::{FAULTS, HEALTH, Health};
pub(crate) use faults::{Effect, Fault};
pub(crate) use proxy::{operation, signed_for};

/// What every request needs.
#[derive(Debug)]
struct Plane {
    http: HttpClient,
    emulator_port: u16,
    emulator_is_up: AtomicBool,
    faults: faults::Faults,
    /// What the API answers when its function fails.
    integration_failure: GatewayAnswer,
    metrics: Arc<Metrics>,
    traces: traces::Traces,
    saved_queries: saved_queries::SavedQueries,
}

/// Runs until it is told to end, or until the emulator does: then it answers that it is down.
pub(crate) async fn serve(facts: &Facts, state: &State, args: &ServeArgs) -> Result<()> {
    let listener = TcpListener::bind(("127.0.0.1", args.port)).await.with_context(|| {
        format!(
            "port {} is taken: end what holds it, or choose another with LOCAL_PORT (0 takes a free one)",
            args.port
        )
    })?;
    let port = listener.local_addr()?.port();
    let http = http::client();
    let endpoint = format!("http://127.0.0.1:{port}");
    let (traces, receiver) = traces::Traces::open(&args.region).await?;
    let xray_daemon = traces.daemon;
    let names = Names::new(&args.project_name, ENVIRONMENT, &args.region);
    let catalogue = facts.alarms(&names)?;
    let (clock, observer) = (metrics::Clock::start(args.time_scale), metrics::Observer::bind().await?);
    let observed = [("LOCAL_OBSERVER", observer.address.to_string()), ("LOCAL_CLOCK", clock.to_environment())];
    let mut emulator =
        Emulator::start(state, &args.python, &args.region, &endpoint, xray_daemon, &observed, &http).await?;
    let clients = Clients::new(&format!("http://127.0.0.1:{}", emulator.port), &args.region).await;
    let plane = Arc::new(Plane {
        http,
        emulator_port: emulator.port,
        emulator_is_up: AtomicBool::new(true),
        faults: faults::Faults::default(),
        integration_failure: facts
            .gateway
            .responses
            .get("DEFAULT_5XX")
            .cloned()
            .context("gateway.json has no DEFAULT_5XX")?,
        metrics: Metrics::start(clock, observer, catalogue, &names, clients),
        traces,
        saved_queries: saved_queries::SavedQueries::default(),
    });

    let pid = i32::try_from(std::process::id()).context("a pid beyond the kernel's range")?;
    state.set_plane(&PlaneFile {
        pid,
        started: process::started(pid).context("/proc can't be read: the local stack needs Linux")?,
        port,
        project_name: args.project_name.clone(),
        region: args.region.clone(),
        time_scale: args.time_scale,
        xray_daemon: Some(xray_daemon),
        emulator_port: emulator.port,
        emulator_pid: emulator.child.id().and_then(|id| i32::try_from(id).ok()).context("the emulator has ended")?,
    })?;

    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let served = axum::serve(listener, proxy::router(Arc::clone(&plane)));
    tokio::select! {
        result = served => result.context("the plane's listener failed")?,
        result = receiver => result?.context("the receiver of traces failed")?,
        () = plane.mark_end_of(&mut emulator) => {}
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    emulator.child.kill().await.ok();
    Ok(())
}

impl Plane {
    /// Never returns: a plane without its emulator still says what is wrong, and how to mend it.
    async fn mark_end_of(&self, emulator: &mut Emulator) {
        let ended = emulator.child.wait().await;
        eprintln!("the emulator ended: {ended:?}");
        self.emulator_is_up.store(false, std::sync::atomic::Ordering::Relaxed);
        std::future::pending().await
    }
}
