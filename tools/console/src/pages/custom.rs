//! Custom widgets of a dashboard. What their functions answer is filtered as CloudWatch filters it. The environment's own viewer is
//! called by itself, any other function only at a click: it may do anything.

use anyhow::{Context as _, Result, bail};
use maud::{Markup, html};
use orders::{
    Environment,
    dashboard::{Placed, Wanted, is_own},
};
use serde_json::{Value, json};
use views::{Content, Widget};

use crate::{
    answer::{Answer, Shown},
    app::App,
    ask::Ask,
    parts,
};

/// The function behind a widget.
pub(super) fn function(widget: &Widget) -> Option<&str> {
    match &widget.content {
        Content::Custom(custom) => Some(&custom.endpoint),
        _ => None,
    }
}

/// The button that calls a function which is not called by itself.
pub(super) fn offer(app: &App, environment: &Environment, name: &str, index: usize, widget: &Widget) -> Option<Markup> {
    let endpoint = function(widget).filter(|endpoint| !is_own(environment, endpoint))?;
    let (index, short) = (index.to_string(), endpoint.rsplit(':').next().unwrap_or(endpoint));
    let fields = [("widget", &*index), ("endpoint", endpoint)];
    Some(parts::button(app, &address(name), &format!("Call {short}"), &fields, ""))
}

pub(super) fn address(name: &str) -> String {
    format!("/dashboards/{}/custom", crate::ask::encoded(name))
}

/// A click within a widget: calls a function that the dashboard names, and shows what it answers.
pub(crate) async fn act(app: &App, ask: &Ask, name: &str) -> Result<Answer> {
    let environment = app.environment().await?;
    let field = |name: &str| ask.field(name).with_context(|| format!("the form has no {name}"));
    let parse = |name: &str| match ask.field(name) {
        Some(text) => serde_json::from_str::<Value>(text).with_context(|| format!("{name} is not JSON")),
        None => Ok(json!({})),
    };
    let index: usize = field("widget")?.parse().context("which widget?")?;
    let endpoint = field("endpoint")?;
    let wanted = Wanted { name: Some(name.to_owned()), ..Wanted::default() };
    let opened = orders::dashboard::open(&environment, &wanted).await?;
    // A widget's HTML may name any function: only those that the dashboard's owner has put on it are called.
    if !opened.body.widgets.iter().any(|widget| function(widget) == Some(endpoint)) {
        bail!("{endpoint} is no function of this dashboard, so it is not called");
    }
    let widget = opened.body.widgets.get(index).context("the dashboard has no such widget")?;
    let placed = Placed::of(name, index, widget, opened.range).context("this widget has no function")?;
    let said = placed.call(&environment, endpoint, &parse("parameters")?, &parse("forms")?).await?;
    app.live.tell("order");
    let html = html! {
        section.card { div #custom-answer.custom { (super::runbooks::linked(views::custom(&said))) } }
        p { a href=(format!("/dashboards/{}", crate::ask::encoded(name))) { "Back to the dashboard" } }
    };
    Ok(Shown::new(widget.title().unwrap_or("Custom widget"), html, &said)?.into())
}
