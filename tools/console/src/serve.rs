//! Listening, the URL with its token, and the end.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::Path,
    process::ExitCode,
    sync::Arc,
};

use anyhow::{Context as _, Result};
use axum::{Router, middleware};
use orders::Environment;
use suite::StateFiles;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};

use crate::{app::App, arguments::Arguments, browse, guard, watch};

/// Beside the local stack's 4566.
const USUAL_PORT: u16 = 4567;

pub(crate) async fn run(arguments: &Arguments) -> Result<ExitCode> {
    let environment = Environment::read(arguments.env.as_deref(), &arguments.local_dir).await?;
    let listener = listen(arguments.port).await?;
    let port = listener.local_addr()?.port();
    let url_file = environment.is_local().then(|| StateFiles::in_folder(environment.local_dir()).console());
    let app = Arc::new(App::new(environment, port, &arguments.local_dir));
    let url = app.access.url();
    if let Some(path) = &url_file {
        write(path, &url)?;
    }
    cli::output::line(&url)?;
    cli::note!("The console runs until Ctrl-C.");
    tokio::spawn(watch::watch(Arc::clone(&app)));
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::select! {
        result = axum::serve(listener, router(app)) => result.context("the console's listener failed")?,
        _ = interrupt.recv() => {}
        _ = terminate.recv() => {}
    }
    if let Some(path) = url_file
        && fs::read_to_string(&path).is_ok_and(|text| text.trim() == url)
    {
        fs::remove_file(&path).with_context(|| format!("can't remove {}", path.display()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Everything passes the checks first.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .fallback(browse::browse)
        .layer(middleware::from_fn_with_state(Arc::clone(&app), guard::check))
        .with_state(app)
}

async fn listen(port: Option<u16>) -> Result<TcpListener> {
    let bind = |port: u16| TcpListener::bind(("127.0.0.1", port));
    match port {
        Some(port) => bind(port).await.with_context(|| {
            format!("port {port} is taken: choose another with --port or CONSOLE_PORT (0 takes a free one)")
        }),
        None => match bind(USUAL_PORT).await {
            Ok(listener) => Ok(listener),
            Err(_) => bind(0).await.context("no port is free"),
        },
    }
}

fn write(path: &Path, url: &str) -> Result<()> {
    let mut file = OpenOptions::new()
        .create(true)
        .write(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("can't write {}", path.display()))?;
    writeln!(file, "{url}").with_context(|| format!("can't write {}", path.display()))
}
