//! `/search`: any id of an order leads to its page.

use anyhow::Result;
use maud::html;

use crate::{answer::Shown, app::App, ask::Ask, parts};

pub(crate) async fn page(app: &App, ask: &Ask) -> Result<Shown> {
    let Some(wanted) = ask.get("q").map(str::trim) else {
        let html = parts::empty(
            "Search by an id",
            &html! { "An orderId, a trace id (1-…), a message id or a request id, as log lines, answers and dead letters have them." },
        );
        return Shown::new("Search", html, &serde_json::json!({}));
    };
    match orders::trace::id(wanted) {
        Ok(id) => super::order::page(app, ask, &id).await,
        Err(_) => {
            let html = parts::empty(
                "That is no id",
                &html! { "Letters, digits and hyphens, such as 50107687-2281-44d9-a75c-996f7a4f50ed. For words in log lines: " a href=(format!("/logs?filter={}", crate::ask::encoded(&format!("\"{}\"", wanted.replace('"', ""))))) { "search the log lines" } "." },
            );
            Shown::new("Search", html, &serde_json::json!({"error": "no id"}))
        }
    }
}
