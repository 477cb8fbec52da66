//! `/dashboards`: CloudWatch's dashboards from their bodies, on their own grid.

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use maud::{Markup, html};
use orders::dashboard::{AT_ONCE, Opened, Wanted};
use serde::Serialize;
use views::{Answer, Content, Variable};

use super::custom;
use crate::{
    answer::Shown,
    app::App,
    ask::Ask,
    assets::{ROWS, TALLEST},
    parts,
};

pub(crate) async fn list(app: &App) -> Result<Shown> {
    let environment = app.environment().await?;
    let names = orders::dashboard::names(&environment).await?;
    let html = html! { section.card {
        @if names.is_empty() { (parts::empty("No dashboard", &html! { "The environment has none; " code { "make deploy" } " makes those of dashboards/." })) }
        ul { @for name in &names { li { a href=(format!("/dashboards/{name}")) { (name) } } } }
    } };
    // The only one is what was meant.
    if let [only] = names.as_slice() {
        return page(app, &Ask { path: vec!["dashboards".into(), only.clone()], ..Ask::default() }, only).await;
    }
    Shown::new("Dashboards", html, &names)
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Data {
    name: String,
    start: i64,
    end: i64,
    widgets: Vec<WidgetData>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WidgetData {
    title: Option<String>,
    description: String,
    table: Option<views::Table>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_drawn: Option<String>,
}

pub(crate) async fn page(app: &App, ask: &Ask, name: &str) -> Result<Shown> {
    let environment = app.environment().await?;
    let since = ask.get("since").map(cli::time::since).transpose()?;
    // A variable of the dashboard is one of the address.
    let own = |name: &str| matches!(name, "since" | "q" | "live");
    let set =
        ask.query.iter().filter(|(name, _)| !own(name)).map(|(name, value)| (name.clone(), value.clone())).collect();
    let wanted = Wanted { name: Some(name.to_owned()), since, set, widget: None };
    let opened = orders::dashboard::open(&environment, &wanted).await?;
    let Opened { name, body, range, now, .. } = &opened;
    // A live page that is fetched anew keeps what its custom widgets show.
    let kept = ask.get("live").is_some();
    let answers = stream::iter(body.widgets.iter().enumerate()).map(async |(index, widget)| match &widget.content {
        Content::Custom(_) if kept => Answer::Nothing,
        Content::Custom(_) => custom::answer(&environment, name, index, widget, *range).await,
        _ => opened.answer(widget).await,
    });
    let answers: Vec<Answer> = answers.buffered(AT_ONCE).collect().await;
    let drawn: Vec<_> = body
        .widgets
        .iter()
        .zip(&answers)
        .enumerate()
        .map(|(index, (widget, answer))| {
            (index, widget, answer, views::draw(widget, answer, *range, body.period, *now))
        })
        .collect();
    let (_, have, all) = views::checklist::counts().pop().context("the checklist has no counts")?;
    let at =
        |at: i64| Timestamp::from_second(at).map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default();
    let mut order: Vec<_> = drawn.iter().collect();
    // As one reads: that is the order of a narrow screen, of a keyboard and of a reader aloud.
    order.sort_by_key(|(_, widget, ..)| (widget.y, widget.x));
    let html = html! {
        div.row.between {
            (parts::ranges(ask, ask.get("since").unwrap_or_default(), &["15m", "1h", "3h", "12h", "1d", "7d"]))
            span.quiet { (at(range.start)) " to " (at(range.end)) " UTC" @if app.is_local() { ", live" } }
        }
        (variables(ask, &body.variables))
        (parts::live("dashboard", "metric", &html! { div.grid { @for (index, widget, _, shown) in order {
            @let text = shown.title.is_none() && matches!(&widget.content, Content::Text(_));
            @let of_custom = custom::section(widget).map(|_| index);
            section #(format!("widget-{index}")) tabindex="0" class=(place(widget, text)) aria-label=(shown.title.as_deref().unwrap_or("Text"))
                data-custom=[of_custom] data-action=[of_custom.map(|_| custom::address(name))] {
                (linked(views::widget(shown, widget.width, widget.height)))
                @if let Some(offer) = custom::offer(app, &environment, name, *index, widget) { (offer) }
            }
        } } }))
        p.quiet { (have) " of the " (all) " fields that a dashboard's body may have are drawn; what is not is a card that says why. " code { (app.command("dashboard --checklist")) } }
        (parts::command(&app.command(&format!("dashboard {name} --out dashboard.html"))))
    };
    let widgets = drawn.iter().map(|(_, _, answer, shown)| WidgetData {
        title: shown.title.clone(),
        description: shown.description.clone(),
        table: shown.twin.clone(),
        not_drawn: match answer {
            Answer::Failed(reason) => Some(reason.clone()),
            _ => None,
        },
    });
    let data = Data { name: name.clone(), start: range.start, end: range.end, widgets: widgets.collect() };
    Shown::new(name.clone(), html, &data)
}

/// A widget's place on the grid, by the style sheet's classes.
fn place(widget: &views::Widget, text: bool) -> String {
    let kind = if text { "widget text transparent" } else { "widget" };
    let rows = if widget.y < ROWS { format!(" gy{}", widget.y) } else { String::new() };
    format!("{kind} gx{}{rows} gw{} gh{}", widget.x, widget.width, widget.height.min(TALLEST))
}

/// Links to pages of runbooks lead to them here.
pub(super) fn linked(markup: Markup) -> Markup {
    maud::PreEscaped(super::runbooks::local_links(&markup.into_string()))
}

fn variables(ask: &Ask, variables: &[Variable]) -> Markup {
    html! { @if let Some(fields) = views::variables(variables) { form.row method="get" {
        @if let Some(since) = ask.get("since") { input type="hidden" name="since" value=(since); }
        (fields)
        button { "Show" }
    } } }
}
