//! Custom widgets of a dashboard: their functions are called as CloudWatch calls them, and what they answer is filtered as CloudWatch
//! filters it. The environment's own viewer is called by itself, any other function only at a click: it may do anything.

use anyhow::{Context as _, Result, bail};
use jiff::Timestamp;
use maud::{Markup, html};
use orders::{Environment, dashboard::Wanted};
use serde_json::{Value, json};
use suite::output;
use views::{Answer, Content, Range, Widget, body::Custom};

use crate::{
    answer::{Answer as Answered, Shown},
    app::App,
    ask::Ask,
    parts,
};

/// A column of the grid on a wide screen.
const COLUMN: u32 = 56;

/// The answer of a widget that is called by itself; of any other, why it is not.
pub(super) async fn answer(
    environment: &Environment,
    name: &str,
    index: usize,
    widget: &Widget,
    range: Range,
) -> Answer {
    let Content::Custom(custom) = &widget.content else { return Answer::Nothing };
    if !is_own(environment, &custom.endpoint) {
        return Answer::Failed(format!(
            "{} is another function than this environment's viewer, and may do anything",
            custom.endpoint
        ));
    }
    let event = event(name, index, widget, custom, &json!({}), &json!({}), range);
    match orders::dashboard::call(environment, &custom.endpoint, &event).await {
        Ok(answer) => Answer::Custom(answer),
        Err(error) => Answer::Failed(format!("{error:#}")),
    }
}

fn is_own(environment: &Environment, endpoint: &str) -> bool {
    environment.outputs().get(output::VIEWER).is_some_and(|own| own == endpoint)
}

/// As CloudWatch's documentation has it: a widget's parameters, or a click's in their place, beside the context.
fn event(
    name: &str,
    index: usize,
    widget: &Widget,
    custom: &Custom,
    parameters: &Value,
    forms: &Value,
    range: Range,
) -> Value {
    // Traces and log lines have this machine's time, whatever clock the metrics have.
    let end = Timestamp::now().as_millisecond();
    let start = end - (range.end - range.start) * 1000;
    let mut event = json!({"widgetContext": {
        "dashboardName": name, "widgetId": format!("widget-{index}"), "accountId": account(&custom.endpoint), "locale": "en",
        "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0}, "period": 300, "isAutoPeriod": true,
        "timeRange": {"mode": "relative", "start": start, "end": end, "relativeStart": end - start},
        "theme": "light", "linkCharts": true, "title": widget.title(), "forms": {"all": forms}, "params": custom.params,
        "width": widget.width * COLUMN, "height": widget.height * COLUMN,
    }});
    for (name, value) in custom.params.as_object().into_iter().chain(parameters.as_object()).flatten() {
        event[name] = value.clone();
    }
    event
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

/// What a widget's section says of itself to the script that makes its buttons work.
pub(super) fn section(widget: &Widget) -> Option<&str> {
    match &widget.content {
        Content::Custom(custom) => Some(&custom.endpoint),
        _ => None,
    }
}

/// A widget that is not called by itself, with the button that calls it.
pub(super) fn offer(app: &App, environment: &Environment, name: &str, index: usize, widget: &Widget) -> Option<Markup> {
    let endpoint = section(widget).filter(|endpoint| !is_own(environment, endpoint))?;
    let index = index.to_string();
    let function = endpoint.rsplit(':').next().unwrap_or(endpoint);
    Some(parts::button(
        app,
        &address(name),
        &format!("Call {function}"),
        &[("widget", &index), ("endpoint", endpoint)],
        "",
    ))
}

pub(super) fn address(name: &str) -> String {
    format!("/dashboards/{}/custom", crate::ask::encoded(name))
}

/// A click within a widget: calls a function that the dashboard names, and shows what it answers.
pub(crate) async fn act(app: &App, ask: &Ask, name: &str) -> Result<Answered> {
    let environment = app.environment().await?;
    let field = |name: &str| ask.field(name).with_context(|| format!("the form has no {name}"));
    let parse = |name: &str| match ask.field(name) {
        Some(text) => serde_json::from_str::<Value>(text).with_context(|| format!("{name} is not JSON")),
        None => Ok(json!({})),
    };
    let index: usize = field("widget")?.parse().context("which widget?")?;
    let endpoint = field("endpoint")?;
    let opened =
        orders::dashboard::open(&environment, &Wanted { name: Some(name.to_owned()), ..Wanted::default() }).await?;
    let (body, range) = (&opened.body, opened.range);
    // A widget's HTML may name any function: only those that the dashboard's owner has put on it are called.
    if !body.widgets.iter().any(|widget| section(widget) == Some(endpoint)) {
        bail!("{endpoint} is no function of this dashboard, so it is not called");
    }
    let widget = body.widgets.get(index).context("the dashboard has no such widget")?;
    let Content::Custom(custom) = &widget.content else { bail!("this widget has no function") };
    let event = event(name, index, widget, custom, &parse("parameters")?, &parse("forms")?, range);
    let said = orders::dashboard::call(&environment, endpoint, &event).await?;
    app.live.tell("order");
    let html = html! {
        section.card { div #custom-answer.custom { (super::runbooks::linked(views::custom(&said))) } }
        p { a href=(format!("/dashboards/{}", crate::ask::encoded(name))) { "Back to the dashboard" } }
    };
    Ok(Shown::new(widget.title().unwrap_or("Custom widget"), html, &said)?.into())
}
