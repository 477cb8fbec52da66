//! From an address to its page.

use std::sync::Arc;

use anyhow::{Result, bail};
use axum::{
    body::to_bytes,
    extract::{Request, State},
    http::{Method, StatusCode},
    response::{IntoResponse as _, Response},
};
use futures::future::LocalBoxFuture;
use maud::html;
use tokio::runtime::Handle;

use crate::{
    answer::{self, Answer, Shown},
    app::App,
    ask::Ask,
    assets, layout, pages,
    stream::{self, Sender},
};

/// Forms are small.
const MAX_FORM: usize = 64 * 1024;

pub(crate) async fn browse(State(app): State<Arc<App>>, request: Request) -> Response {
    app.asked();
    let (parts, body) = request.into_parts();
    if let Some(asset) = assets::find(parts.uri.path()) {
        return asset;
    }
    if parts.uri.path() == "/events" && parts.method == Method::GET {
        return app.live.stream(app.started).into_response();
    }
    let form = match parts.method {
        Method::GET | Method::HEAD => None,
        Method::POST => match to_bytes(body, MAX_FORM).await {
            Ok(form) => Some(form),
            Err(_) => return (StatusCode::PAYLOAD_TOO_LARGE, "a form has at most 64 kB").into_response(),
        },
        _ => return StatusCode::METHOD_NOT_ALLOWED.into_response(),
    };
    let ask = Ask::of(&parts.uri, form.as_deref().unwrap_or_default());
    let streamed = match &form {
        None => is_streamed(&ask),
        Some(_) => is_streamed_act(&app, &ask) && app.access.may_post(&parts.headers, ask.field("token")),
    };
    if form.is_none() && parts.uri.path() == "/export.zip" {
        return match here(pages::export::bundle(&app, async |ask| page(&app, ask).await)) {
            Ok(response) => response,
            Err(error) => failed(&app, &ask, &format!("{error:#}")).await,
        };
    }
    if streamed {
        return match stream::answer(&app, &ask, send).await {
            Ok(response) => response,
            Err(error) => failed(&app, &ask, &format!("{error:#}")).await,
        };
    }
    let result = match form {
        None => here(page(&app, &ask)).map(Answer::from),
        Some(_) if !app.access.may_post(&parts.headers, ask.field("token")) => {
            app.refused();
            refused()
        }
        Some(_) => here(act(&app, &ask)),
    };
    match result {
        Ok(Answer::To(target)) => answer::redirect(&target),
        Ok(Answer::Page(shown)) if ask.json => answer::json(shown.status, &shown.data),
        Ok(Answer::Page(shown)) => stream::whole(&app, &ask, *shown).await,
        Err(error) => failed(&app, &ask, &format!("{error:#}")).await,
    }
}

async fn failed(app: &App, ask: &Ask, said: &str) -> Response {
    if ask.json {
        return answer::json(StatusCode::BAD_GATEWAY, &serde_json::json!({"error": said}));
    }
    let shown = Shown {
        title: "This page has no answer".into(),
        html: layout::problem(app, said),
        data: serde_json::Value::Null,
        status: StatusCode::BAD_GATEWAY,
    };
    stream::whole(app, ask, shown).await
}

/// On this thread to its end: what a page asks is asked by futures that stay where they are.
fn here<T>(work: impl Future<Output = T>) -> T {
    tokio::task::block_in_place(|| Handle::current().block_on(work))
}

fn refused() -> Result<Answer> {
    let html = html! { p { "The form's token is missing, or of an earlier start: load the page again, and press the button there." } };
    Ok(Shown::new("Refused", html, &serde_json::json!({"error": "the form's token is missing or wrong"}))?
        .with_status(StatusCode::FORBIDDEN)
        .into())
}

/// Is there a page there that is sent so?
fn is_streamed(ask: &Ask) -> bool {
    let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
    !ask.json && matches!(path.as_slice(), [] | ["dashboards", _])
}

/// Is there something there that is done while the page is sent?
fn is_streamed_act(app: &App, ask: &Ask) -> bool {
    let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
    !ask.json && app.is_local() && matches!(path.as_slice(), ["runbooks", _, "run"])
}

/// A page, while it is made.
fn send<'a>(app: &'a App, ask: &'a Ask, page: &'a mut Sender) -> LocalBoxFuture<'a, Result<()>> {
    Box::pin(async move {
        match ask.path.as_slice() {
            [_, name, _] => pages::run::send(app, ask, name, page).await,
            [_, name] => pages::dashboards::send(app, ask, name, page).await,
            _ => pages::now::send(app, ask, page).await,
        }
    })
}

async fn page(app: &Arc<App>, ask: &Ask) -> Result<Shown> {
    let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        [] => pages::now::page(app, ask).await,
        ["search"] => pages::search::page(app, ask).await,
        ["orders", id] => pages::order::page(app, ask, id).await,
        ["traces"] => pages::traces::page(app, ask).await,
        ["map"] => pages::map::page(app, ask).await,
        ["dashboards"] => pages::dashboards::list(app).await,
        ["dashboards", name] | ["dashboards", name, "custom"] => pages::dashboards::page(app, ask, name).await,
        ["alarms"] => pages::alarms::page(app, ask).await,
        // What is only posted to answers a page all the same: it is left, and kept up to date, at its own address.
        ["alarms", name] | ["alarms", name, "scenario" | "state" | "mute"] => pages::alarm::page(app, ask, name).await,
        ["logs"] => pages::logs::page(app, ask).await,
        ["dlq"] | ["dlq", "redrive" | "discard"] => pages::dlq::page(app, ask).await,
        ["dlq", id] => pages::dlq::message(app, ask, id).await,
        ["runbooks"] => pages::runbooks::list(app).await,
        ["runbooks", name] | ["runbooks", name, "run"] => pages::runbooks::page(app, ask, name, None).await,
        ["cost"] => pages::cost::page(app, ask).await,
        ["health"] => pages::health::page(app).await,
        _ => {
            let html = html! { p { "There is no such page. " a href="/" { "Now" } " says how orders are doing." } };
            Ok(Shown::new("No such page", html, &serde_json::json!({"error": "no such page"}))?
                .with_status(StatusCode::NOT_FOUND))
        }
    }
}

/// What changes something: on this machine only.
async fn act(app: &Arc<App>, ask: &Ask) -> Result<Answer> {
    if !app.is_local() {
        bail!(
            "{} is only looked at from here: what changes it is done in a terminal, such as `{}`",
            app.name(),
            app.command("dlq redrive --dry-run")
        );
    }
    let path: Vec<&str> = ask.path.iter().map(String::as_str).collect();
    match path.as_slice() {
        ["send"] => pages::actions::send(app, ask).await,
        ["fault"] => pages::actions::fault(app, ask).await,
        ["consumer"] => pages::actions::consumer(app, ask).await,
        ["orders", id, "replay"] => pages::order::replay(app, ask, id).await,
        ["alarms", name, "state"] => pages::alarm_actions::set_state(app, ask, name).await,
        ["alarms", name, "mute"] => pages::alarm_actions::mute(app, ask, name).await,
        ["alarms", name, "scenario"] => pages::scenario::save(app, ask, name).await,
        ["dashboards", name, "custom"] => pages::custom::act(app, ask, name).await,
        ["dlq", "redrive"] => pages::dlq::act(app, ask, true).await,
        ["dlq", "discard"] => pages::dlq::act(app, ask, false).await,
        ["runbooks", name, "run"] => pages::run::run(app, ask, name).await.map(Answer::from),
        _ => bail!("nothing is done at this address"),
    }
}
