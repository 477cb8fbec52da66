//! The frame around every page: where one is, where one can go, and how the suite is doing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{answer::Shown, app::App, ask::Ask, parts};

/// Address, name, and the key behind `g`.
const PAGES: [(&str, &str, &str); 10] = [
    ("/", "Now", "n"),
    ("/dashboards", "Dashboards", "d"),
    ("/alarms", "Alarms", "a"),
    ("/traces", "Traces", "t"),
    ("/map", "Map", "m"),
    ("/logs", "Logs", "l"),
    ("/dlq", "Dead letters", "q"),
    ("/runbooks", "Runbooks", "r"),
    ("/cost", "Cost", "c"),
    ("/health", "Health", "h"),
];

fn head(title: &str) -> Markup {
    html! {
        meta charset="utf-8";
        meta name="viewport" content="width=device-width, initial-scale=1";
        meta name="color-scheme" content="light dark";
        title { (title) }
        link rel="icon" href="/assets/icon.svg" type="image/svg+xml";
        link rel="stylesheet" href="/assets/console.css";
    }
}

pub(crate) async fn page(app: &App, ask: &Ask, shown: Shown) -> Markup {
    let clock = app.clock().await.ok();
    let here = ask.path.first().map_or("/".to_owned(), |first| format!("/{first}"));
    let here = if here == "/orders" || here == "/search" { "/traces".to_owned() } else { here };
    html! {
        (DOCTYPE)
        html lang="en" {
            head { (head(&format!("{} · {}", shown.title, app.name()))) script type="module" src="/assets/console.js" {} }
            body data-start=(app.started.as_millisecond()) data-token=(app.access.form) {
                a.skip href="#content" { "Skip to the content" }
                header.top {
                    a.brand href="/" { (mark()) span { "orders" } }
                    span.badge.local[app.is_local()] title=(if app.is_local() { "The stack on this machine" } else { "An environment on AWS, only looked at from here" }) { (app.name()) }
                    @if let Some(clock) = clock.filter(|clock| clock.scale != 1.0) {
                        span.badge.fast title="The clock of metrics and alarms runs faster than this machine's" { (clock.scale) "× clock " (parts::clock(clock.now)) }
                    }
                    form.search action="/search" method="get" role="search" {
                        label.hidden for="q" { "Search" }
                        input #q name="q" type="search" placeholder="Order, trace, request or message id" autocomplete="off" spellcheck="false" value=(ask.get("q").filter(|_| here == "/traces").unwrap_or_default());
                        kbd aria-hidden="true" { "/" }
                    }
                    @if app.is_local() { span #live.live hidden role="status" { "live" } }
                }
                nav.side aria-label="Pages" { ul { @for (address, name, key) in PAGES {
                    li { a href=(address) data-key=(key) aria-current=[(here == address).then_some("page")] { (name) } }
                } } }
                main #content tabindex="-1" {
                    div.title {
                        h1 { (shown.title) }
                        div.tools { a href=(ask.json_address()) { "JSON" } @if !app.is_local() { " " a href=(ask.with(&[])) { "Refresh" } } }
                    }
                    (shown.html)
                }
                dialog #keys aria-labelledby="keys-title" {
                    h2 #keys-title { "Keys" }
                    dl { dt { kbd { "/" } } dd { "search" } dt { kbd { "?" } } dd { "this list" } dt { kbd { "r" } } dd { "load again" }
                        @for (_, name, key) in PAGES { dt { kbd { "g" } " " kbd { (key) } } dd { (name) } } }
                    form method="dialog" { button { "Close" } }
                }
            }
        }
    }
}

/// What stands where a page's content belongs: no text has this in it.
const HERE: &str = "\u{0}";

/// The frame, before and behind a page's content.
pub(crate) async fn frame(app: &App, ask: &Ask, title: &str) -> (String, String) {
    let (title, html) = (title.to_owned(), here());
    let shown = Shown { title, html, data: serde_json::Value::Null, status: axum::http::StatusCode::OK };
    let (before, after) = around_here(&page(app, ask, shown).await);
    (before.0, after.0)
}

/// A place in markup for what is sent later.
pub(crate) fn here() -> Markup {
    PreEscaped(HERE.to_owned())
}

/// What markup puts before and behind its content.
pub(crate) fn around(markup: impl FnOnce(&Markup) -> Markup) -> (Markup, Markup) {
    around_here(&markup(&here()))
}

/// What is before and behind [`here`].
pub(crate) fn around_here(markup: &Markup) -> (Markup, Markup) {
    let (before, after) = markup.0.split_once(HERE).unwrap_or((&markup.0, ""));
    (PreEscaped(before.to_owned()), PreEscaped(after.to_owned()))
}

/// Without the frame, for those who are not in.
pub(crate) fn plain(title: &str, content: &Markup) -> Markup {
    html! { (DOCTYPE) html lang="en" { head { (head(title)) } body.plain { main { h1 { (title) } (content) } } } }
}

/// The door behind a link with the token.
pub(crate) fn entry(target: &str) -> Markup {
    plain("Orders", &html! { p { a href=(target) { "Go on to the console" } } })
}

/// Why a page has no answer, and what to do.
pub(crate) fn problem(app: &App, said: &str) -> Markup {
    html! {
        div.card.problem role="alert" {
            p { strong { "✗ " (said) } }
            @if app.is_local() { p.quiet { "Is the stack up? " code { "make local" } " starts it; " code { (app.command("status")) } " says what is wrong." } }
            @else { p.quiet { "Are the credentials still good? " code { (app.command("status")) } " says what is wrong." } }
        }
    }
}

fn mark() -> Markup {
    html! { svg viewBox="0 0 20 20" width="20" height="20" aria-hidden="true" { rect x="1" y="4" width="12" height="3" rx="1.5" class="v-f0" {} rect x="5" y="9" width="14" height="3" rx="1.5" class="v-f2" {} rect x="3" y="14" width="9" height="3" rx="1.5" class="v-f1" {} } }
}
