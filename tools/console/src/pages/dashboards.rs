//! `/dashboards`: CloudWatch's dashboards from their bodies, on their own grid.

use std::sync::Arc;

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, stream};
use jiff::Timestamp;
use maud::{Markup, html};
use orders::{
    Environment,
    dashboard::{AT_ONCE, Opened, Wanted},
};
use serde::Serialize;
use views::{Answer, Content, Drawn, Variable, Widget};

use super::{custom, runbooks};
use crate::{
    answer::Shown,
    app::App,
    ask::Ask,
    assets::{ROWS, TALLEST},
    layout, parts,
    stream::Sender,
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

/// A dashboard that is being shown.
struct View<'a> {
    app: &'a App,
    ask: &'a Ask,
    environment: Arc<Environment>,
    opened: Opened,
}

impl<'a> View<'a> {
    async fn open(app: &'a App, ask: &'a Ask, name: &str) -> Result<Self> {
        let environment = app.environment().await?;
        let since = ask.get("since").map(cli::time::since).transpose()?;
        // A variable of the dashboard is one of the address.
        let own = |name: &str| matches!(name, "since" | "q" | "live");
        let set = ask
            .query
            .iter()
            .filter(|(name, _)| !own(name))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect();
        let wanted = Wanted { name: Some(name.to_owned()), since, set, widget: None };
        let opened = orders::dashboard::open(&environment, &wanted).await?;
        Ok(Self { app, ask, environment, opened })
    }

    /// As one reads: that is the order of a narrow screen, of a keyboard and of a reader aloud.
    fn in_order(&self) -> Vec<(usize, &Widget)> {
        let mut widgets: Vec<_> = self.opened.body.widgets.iter().enumerate().collect();
        widgets.sort_by_key(|(_, widget)| (widget.y, widget.x));
        widgets
    }

    async fn answer(&self, index: usize, widget: &Widget) -> Answer {
        match &widget.content {
            // A live page that is fetched anew keeps what its custom widgets show.
            Content::Custom(_) if self.ask.get("live").is_some() => Answer::Nothing,
            _ => self.opened.answer(&self.environment, index, widget).await,
        }
    }

    fn draw(&self, widget: &Widget, answer: &Answer) -> Drawn {
        let Opened { body, range, now, .. } = &self.opened;
        views::draw(widget, answer, *range, body.period, *now)
    }

    fn head(&self) -> Markup {
        let Opened { body, range, .. } = &self.opened;
        let at = |at: i64| {
            Timestamp::from_second(at).map(|at| at.strftime("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
        };
        html! {
            div.row.between {
                (parts::ranges(self.ask, self.ask.get("since").unwrap_or_default(), &["15m", "1h", "3h", "12h", "1d", "7d"]))
                span.quiet { (at(range.start)) " to " (at(range.end)) " UTC" @if self.app.is_local() { ", live" } }
            }
            (variables(self.ask, &body.variables))
        }
    }

    fn section(&self, index: usize, widget: &Widget, shown: &Drawn) -> Markup {
        let name = &self.opened.name;
        let text = shown.title.is_none() && matches!(&widget.content, Content::Text(_));
        let of_custom = custom::function(widget).map(|_| index);
        html! {
            section #(format!("widget-{index}")) tabindex="0" class=(place(widget, text)) aria-label=(shown.title.as_deref().unwrap_or("Text"))
                data-custom=[of_custom] data-action=[of_custom.map(|_| custom::address(name))] {
                (runbooks::linked(views::widget(shown, widget.width, widget.height)))
                @if let Some(offer) = custom::offer(self.app, &self.environment, name, index, widget) { (offer) }
            }
        }
    }

    fn foot(&self) -> Result<Markup> {
        let (_, have, all) = views::checklist::counts().pop().context("the checklist has no counts")?;
        Ok(html! {
            p.quiet { (have) " of the " (all) " fields that a dashboard's body may have are drawn; what is not is a card that says why. " code { (self.app.command("dashboard --checklist")) } }
            (parts::command(&self.app.command(&format!("dashboard {} --out dashboard.html", self.opened.name))))
        })
    }
}

/// The grid's place, to put the widgets into.
fn grid(widgets: &Markup) -> Markup {
    parts::live("dashboard", "metric", &html! { div.grid { (widgets) } })
}

/// Widget after widget, as they are answered: nobody waits for the slowest to see the first.
pub(crate) async fn send(app: &App, ask: &Ask, name: &str, page: &mut Sender) -> Result<()> {
    let view = View::open(app, ask, name).await?;
    let (before, after) = layout::around(grid);
    page.begin(&view.opened.name, html! { (view.head()) (before) }).await;
    let mut sections = stream::iter(view.in_order())
        .map(async |(index, widget)| (index, widget, view.answer(index, widget).await))
        .buffered(AT_ONCE);
    while let Some((index, widget, answer)) = sections.next().await {
        page.more(view.section(index, widget, &view.draw(widget, &answer))).await;
    }
    page.more(html! { (after) (view.foot()?) }).await;
    Ok(())
}

/// The page as a whole, and as data.
pub(crate) async fn page(app: &App, ask: &Ask, name: &str) -> Result<Shown> {
    let view = View::open(app, ask, name).await?;
    let asked =
        stream::iter(view.in_order()).map(async |(index, widget)| (index, widget, view.answer(index, widget).await));
    let answers: Vec<_> = asked.buffered(AT_ONCE).collect().await;
    let drawn: Vec<_> =
        answers.iter().map(|(index, widget, answer)| (*index, *widget, answer, view.draw(widget, answer))).collect();
    let sections = html! { @for (index, widget, _, shown) in &drawn { (view.section(*index, widget, shown)) } };
    let html = html! { (view.head()) (grid(&sections)) (view.foot()?) };
    let widgets = drawn.iter().map(|(_, _, answer, shown)| WidgetData {
        title: shown.title.clone(),
        description: shown.description.clone(),
        table: shown.twin.clone(),
        not_drawn: match answer {
            Answer::Failed(reason) => Some(reason.clone()),
            _ => None,
        },
    });
    let Opened { name, range, .. } = &view.opened;
    let data = Data { name: name.clone(), start: range.start, end: range.end, widgets: widgets.collect() };
    Shown::new(name.clone(), html, &data)
}

/// A widget's place on the grid, by the style sheet's classes.
fn place(widget: &views::Widget, text: bool) -> String {
    let kind = if text { "widget text transparent" } else { "widget" };
    let rows = if widget.y < ROWS { format!(" gy{}", widget.y) } else { String::new() };
    format!("{kind} gx{}{rows} gw{} gh{}", widget.x, widget.width, widget.height.min(TALLEST))
}

fn variables(ask: &Ask, variables: &[Variable]) -> Markup {
    html! { @if let Some(fields) = views::variables(variables) { form.row method="get" {
        @if let Some(since) = ask.get("since") { input type="hidden" name="since" value=(since); }
        (fields)
        button { "Show" }
    } } }
}
