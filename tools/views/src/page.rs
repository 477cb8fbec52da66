//! A dashboard as one HTML page that loads nothing.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::{
    body::{InputType, Variable},
    custom::custom,
    data::{Alarm, Range},
    markdown,
    picture::{Place, chart_size, embedded, marks},
    scale::minute_text,
    theme::Theme,
    widget::{Drawn, Shown},
};

/// What a page shows.
#[derive(Debug)]
pub struct Page<'a> {
    /// The dashboard's name.
    pub name: &'a str,
    /// The time it is about.
    pub range: Range,
    /// Its widgets.
    pub widgets: &'a [(Place, Drawn)],
    /// Its variables, with what is chosen.
    pub variables: &'a [Variable],
    /// Its colours.
    pub theme: Theme,
}

/// The page, whole.
#[must_use]
pub fn page(page: &Page<'_>) -> String {
    let Page { name, range, widgets, variables, theme } = page;
    let mut order: Vec<&(Place, Drawn)> = widgets.iter().collect();
    // As one reads: that is the order of a narrow screen, of a keyboard and of a reader aloud.
    order.sort_by_key(|((x, y, _, _), _)| (*y, *x));
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content=(match theme { Theme::Light => "light", Theme::Dark => "dark", Theme::Auto => "light dark" });
                title { (name) }
                style { (PreEscaped(theme.page_css())) (PreEscaped(places(&order))) }
            }
            body {
                header { h1 { (name) } span class="quiet" { (minute_text(range.start, 0)) " to " (minute_text(range.end, 0)) " UTC" } }
                @if let Some(fields) = self::variables(variables) { form class="variables" method="get" { (fields) } }
                main class="grid" { @for (index, (place, drawn)) in order.iter().enumerate() { (section(index, *place, drawn)) } }
            }
        }
    }
    .into_string()
        + "\n"
}

/// No inline styles: a widget's place is a rule of its own.
fn places(widgets: &[&(Place, Drawn)]) -> String {
    let rule = |(index, ((x, y, width, height), _)): (usize, &&(Place, Drawn))| {
        format!("#w{index}{{grid-area:{}/{}/span {height}/span {width}}}", y + 1, x + 1)
    };
    widgets.iter().enumerate().map(rule).collect()
}

/// The fields of a form with which a reader chooses; `None` where there is nothing to choose.
#[must_use]
pub fn variables(variables: &[Variable]) -> Option<Markup> {
    let shown = || variables.iter().filter(|variable| variable.visible);
    shown().next().map(|_| html! { @for variable in shown() {
        label { (variable.name()) " "
            @let chosen = variable.value.as_deref();
            @match variable.input_type {
                InputType::Select => select name=(variable.id) { @for choice in &variable.values {
                    option value=(choice.value) selected[chosen == Some(&choice.value)] { (choice.label.as_deref().unwrap_or(&choice.value)) }
                } @if variable.values.is_empty() { option { (chosen.unwrap_or_default()) } } },
                InputType::Radio => @for choice in &variable.values {
                    label { input type="radio" name=(variable.id) value=(choice.value) checked[chosen == Some(&choice.value)]; " " (choice.label.as_deref().unwrap_or(&choice.value)) " " }
                },
                InputType::Input => input type="text" name=(variable.id) value=(chosen.unwrap_or_default());,
            }
            @if let Some(source) = variable.source() { span class="quiet" { " " (source) } }
        }
    } })
}

fn section(index: usize, (_, _, width, height): Place, drawn: &Drawn) -> Markup {
    let class = match &drawn.shown {
        Shown::Text { transparent: true, .. } => "widget text transparent",
        Shown::Text { .. } => "widget text",
        _ => "widget",
    };
    let title = drawn.title.as_deref();
    html! {
        section id=(format!("w{index}")) class=(class) aria-label=(title.unwrap_or("Text")) {
            (widget(drawn, width, height))
        }
    }
}

/// A widget alone, for a page that has its own style sheet and places it itself: its title, and what it shows.
#[must_use]
pub fn widget(drawn: &Drawn, width: u32, height: u32) -> Markup {
    html! { @if let Some(title) = &drawn.title { h2 { (title) } } (content(drawn, width, height)) }
}

fn content(drawn: &Drawn, width: u32, height: u32) -> Markup {
    let twin =
        |summary: &str| {
            drawn.twin.as_ref().filter(|table| !table.rows.is_empty()).map(|table| html! {
        details { summary { (summary) } (table.html(&|_, _| None, drawn.title.as_deref().unwrap_or("Data"))) }
    })
        };
    match &drawn.shown {
        Shown::Chart(_) => {
            let (w, h) = chart_size(width, height, drawn.title.is_some());
            html! { @if let Some(svg) = embedded(drawn, w, h) { (svg) } @if let Some(twin) = twin("Data as table") { (twin) } }
        }
        Shown::Text { markdown, .. } => markdown::html(markdown),
        Shown::Table { table, .. } if table.rows.is_empty() => {
            html! { p class="quiet" { "No rows in this time range" } }
        }
        Shown::Table { table, lines, sticky } => {
            let over = |row: usize, column: usize| {
                let value = table.rows.get(row)?.get(column)?.parse().ok()?;
                marks(lines, value).map(|_| "over".to_owned())
            };
            html! { div class=(if *sticky { "sticky" } else { "scroll" }) { (table.html(&over, drawn.title.as_deref().unwrap_or("Table"))) } }
        }
        Shown::Alarms(alarms) => html! { (tiles(alarms)) @if let Some(twin) = twin("Why, as table") { (twin) } },
        Shown::Custom(value) => html! { div class="custom" { (custom(value)) } },
        Shown::Card(reason) => html! { p class="quiet" { "Not drawn: " (reason) } },
    }
}

fn tiles(alarms: &[Alarm]) -> Markup {
    html! {
        @if alarms.is_empty() { p class="quiet" { "No alarm in these states" } }
        ul class="alarms" { @for alarm in alarms {
            li class=(format!("state-{}", alarm.state.class())) title=(alarm.reason) {
                span class="mark" aria-hidden="true" { (alarm.state.symbol()) } " " (alarm.name) " " span class="quiet" { (alarm.state.word()) }
            }
        } }
    }
}
