//! Who gets in: this machine's own browser, with the token of this start, on pages of this origin.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use maud::html;

use crate::{
    access::{Access, Proof, text},
    app::App,
    layout,
};

/// Nothing but what this server sends: no script or style in a page, nothing from elsewhere, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// The host first (another name for this address is somebody's trick), then the page that asks, then the token.
pub(crate) async fn check(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let mut response = match refuse(&app, &request) {
        Some(refusal) => refusal,
        None => next.run(request).await,
    };
    let headers = response.headers_mut();
    for (name, value) in [
        ("content-security-policy", POLICY),
        ("x-content-type-options", "nosniff"),
        // Not `no-referrer`: with that a form of this origin comes from `null`.
        ("referrer-policy", "same-origin"),
        ("cross-origin-opener-policy", "same-origin"),
        ("cross-origin-resource-policy", "same-origin"),
        ("x-frame-options", "DENY"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}

fn refuse(app: &App, request: &Request) -> Option<Response> {
    let (access, headers, uri) = (&app.access, request.headers(), request.uri());
    let refused = |status: StatusCode, says: &'static str| {
        app.refused();
        Some((status, Html(layout::plain("Refused", &html! { p { (says) } }).into_string())).into_response())
    };
    let host = text(headers, header::HOST.as_str()).unwrap_or_default();
    if !access.is_named(host) {
        return refused(StatusCode::MISDIRECTED_REQUEST, "This console has no such name: it is on 127.0.0.1 only.");
    }
    let safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let origin = text(headers, header::ORIGIN.as_str());
    if origin.is_some_and(|origin| origin != format!("http://{host}")) {
        return refused(StatusCode::FORBIDDEN, "A page of another origin may ask nothing here.");
    }
    let site = text(headers, "sec-fetch-site");
    if site.is_some_and(|site| !matches!(site, "same-origin" | "none")) && (!safe || !is_entry(uri)) {
        return refused(StatusCode::FORBIDDEN, "A page of another site may ask nothing here.");
    }
    if safe && let Some(token) = query(uri, "token") {
        return match access.is_token(&token) {
            true => Some(enter(access, uri)),
            false => refused(StatusCode::UNAUTHORIZED, "This token is of an earlier start: open the URL of this one."),
        };
    }
    if access.proves(headers) == Proof::None {
        app.refused();
        let page = layout::plain(
            "The console needs its token",
            &html! {
                p { "Open the URL that " code { "make local" } " or " code { "orders console" } " has printed: it has the token of this start." }
                p { "Lost it? " code { (app.command("console")) } " prints it again." }
            },
        );
        return Some((StatusCode::UNAUTHORIZED, Html(page.into_string())).into_response());
    }
    None
}

/// Where a link from a terminal or an editor leads.
fn is_entry(uri: &Uri) -> bool {
    query(uri, "token").is_some()
}

fn query(uri: &Uri, name: &str) -> Option<String> {
    let pairs = form_urlencoded::parse(uri.query()?.as_bytes());
    pairs.into_iter().find(|(key, _)| key == name).map(|(_, value)| value.into_owned())
}

/// The token goes into a cookie and out of the address, where a screenshot would show it.
fn enter(access: &Access, uri: &Uri) -> Response {
    let rest: Vec<(String, String)> = form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes())
        .filter(|(key, _)| key != "token")
        .map(|(key, value)| (key.into_owned(), value.into_owned()))
        .collect();
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(rest).finish();
    let target = if query.is_empty() { uri.path().to_owned() } else { format!("{}?{query}", uri.path()) };
    // Two slashes would lead to another host.
    let target = format!("/{}", target.trim_start_matches('/'));
    // A redirect within the chain of a foreign page would not carry a strict cookie: the page itself goes on.
    let page = layout::entry(&target);
    let mut response = Html(page.into_string()).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&access.cookie()) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={target}")) {
        response.headers_mut().insert("refresh", refresh);
    }
    response
}
