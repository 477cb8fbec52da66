//! Who gets in: this machine's own browser, with the token of this start, on pages of this origin.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, Uri, header},
    middleware::Next,
    response::{Html, IntoResponse as _, Response},
};
use maud::html;
use uuid::Uuid;

use crate::{app::App, layout};

/// Nothing but what this server sends: no script or style in a page, nothing from elsewhere, no frame around it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; \
    base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Of one start.
#[derive(Debug)]
pub(crate) struct Access {
    port: u16,
    token: String,
    /// In every form: a page of another origin can't read it.
    pub(crate) form: String,
}

impl Access {
    pub(crate) fn new(port: u16) -> Self {
        let secret = || format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple());
        Self { port, token: secret(), form: secret() }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/?token={}", self.port, self.token)
    }

    /// Cookies know no port: each console has a name of its own.
    fn cookie_name(&self) -> String {
        format!("console-{}", self.port)
    }

    fn is_named(&self, host: &str) -> bool {
        ["127.0.0.1", "localhost"].iter().any(|name| host == format!("{name}:{}", self.port))
    }

    /// By cookie, as browsers have it, or by header, as scripts do.
    fn proves(&self, headers: &HeaderMap) -> Proof {
        let bearer = text(headers, header::AUTHORIZATION.as_str()).and_then(|value| value.strip_prefix("Bearer "));
        if bearer.is_some_and(|token| same(token, &self.token)) {
            return Proof::Header;
        }
        let name = self.cookie_name();
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let own = cookies
            .flat_map(|cookies| cookies.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(key, _)| *key == name);
        if own.is_some_and(|(_, token)| same(token, &self.token)) { Proof::Cookie } else { Proof::None }
    }

    /// A form's token, which a script that has shown the header need not have.
    pub(crate) fn may_post(&self, headers: &HeaderMap, form: Option<&str>) -> bool {
        self.proves(headers) == Proof::Header || form.is_some_and(|token| same(token, &self.form))
    }
}

#[derive(Debug, PartialEq, Eq)]
enum Proof {
    None,
    Cookie,
    Header,
}

/// As long for a good guess as for a bad one.
fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |differs, (a, b)| differs | (a ^ b)) == 0
}

fn text<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers.get(name)?.to_str().ok()
}

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
        return match same(&token, &access.token) {
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
    let cookie = format!("{}={}; Path=/; HttpOnly; SameSite=Strict", access.cookie_name(), access.token);
    // Two slashes would lead to another host.
    let target = format!("/{}", target.trim_start_matches('/'));
    // A redirect within the chain of a foreign page would not carry a strict cookie: the page itself goes on.
    let page = layout::entry(&target);
    let mut response = Html(page.into_string()).into_response();
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    if let Ok(refresh) = HeaderValue::from_str(&format!("0; url={target}")) {
        response.headers_mut().insert("refresh", refresh);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_s_names_with_this_port_are_its_own() {
        let access = Access::new(4567);
        for (host, own) in [
            ("127.0.0.1:4567", true),
            ("localhost:4567", true),
            ("127.0.0.1:4568", false),
            ("127.0.0.1", false),
            ("evil.example:4567", false),
            ("127.0.0.1.evil.example:4567", false),
            ("", false),
        ] {
            assert_eq!(access.is_named(host), own, "{host}");
        }
    }

    #[test]
    fn a_token_is_proved_by_cookie_or_header_and_a_form_needs_its_own() {
        let access = Access::new(1);
        let with =
            |name: &'static str, value: String| HeaderMap::from_iter([(name.parse().unwrap(), value.parse().unwrap())]);
        let cookie = with("cookie", format!("a=b; console-1={}", access.token));
        let (bearer, nothing) = (with("authorization", format!("Bearer {}", access.token)), HeaderMap::new());
        assert_eq!(access.proves(&cookie), Proof::Cookie);
        assert_eq!(access.proves(&bearer), Proof::Header);
        assert_eq!(access.proves(&with("cookie", format!("console-2={}", access.token))), Proof::None);
        assert!(!access.may_post(&cookie, None) && !access.may_post(&nothing, Some("guess")));
        assert!(access.may_post(&cookie, Some(&access.form)) && access.may_post(&bearer, None));
    }
}
