//! Custom widgets: calling the functions behind them as CloudWatch does.

use anyhow::{Context as _, Result, bail};
use aws_sdk_lambda::{Client, primitives::Blob};
use jiff::Timestamp;
use serde_json::{Value, json};
use views::{Content, Range, Widget, body::Custom};

use crate::environment::Environment;

/// A column and a row of the grid on a wide screen.
const CELL: u32 = 56;

/// A custom widget on its dashboard.
#[derive(Debug, Clone, Copy)]
pub struct Placed<'a> {
    /// The dashboard's name.
    pub dashboard: &'a str,
    /// Among the dashboard's widgets.
    pub index: usize,
    /// Its place and title.
    pub widget: &'a Widget,
    /// The function that answers, and what it is told.
    pub custom: &'a Custom,
    /// The time shown.
    pub range: Range,
}

impl<'a> Placed<'a> {
    /// None for a widget of another kind.
    #[must_use]
    pub fn of(dashboard: &'a str, index: usize, widget: &'a Widget, range: Range) -> Option<Self> {
        match &widget.content {
            Content::Custom(custom) => Some(Self { dashboard, index, widget, custom, range }),
            _ => None,
        }
    }

    /// Calls the widget's function, or the one that a click in it names, with the caller's own rights; what it answers.
    pub async fn call(
        &self,
        environment: &Environment,
        endpoint: &str,
        parameters: &Value,
        forms: &Value,
    ) -> Result<Value> {
        let answer = Client::new(&environment.sdk)
            .invoke()
            .function_name(endpoint)
            .payload(Blob::new(self.event(parameters, forms).to_string()))
            .send()
            .await
            .with_context(|| format!("can't call {endpoint}: lambda:InvokeFunction on it is needed"))?;
        let payload = answer.payload.map(Blob::into_inner).unwrap_or_default();
        let said: Value =
            serde_json::from_slice(&payload).with_context(|| format!("{endpoint} did not answer JSON"))?;
        if answer.function_error.is_some() {
            // Lambda's own words for a time-out or a crash.
            let why = said["errorMessage"].as_str().unwrap_or("it failed");
            bail!("{endpoint} failed: {why}. Its log: {}", environment.hint("logs viewer --raw"));
        }
        Ok(said)
    }

    /// As CloudWatch's documentation has it: a widget's parameters, or a click's in their place, beside the context.
    fn event(&self, parameters: &Value, forms: &Value) -> Value {
        let Self { dashboard, index, widget, custom, range } = self;
        // Traces and log lines have this machine's time, whatever clock the metrics have.
        let end = Timestamp::now().as_millisecond();
        let start = end - (range.end - range.start) * 1000;
        let mut event = json!({"widgetContext": {
            "dashboardName": dashboard, "widgetId": format!("widget-{index}"), "accountId": account(&custom.endpoint), "locale": "en",
            "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0}, "period": 300, "isAutoPeriod": true,
            "timeRange": {"mode": "relative", "start": start, "end": end, "relativeStart": end - start},
            "theme": "light", "linkCharts": true, "title": widget.title(), "forms": {"all": forms}, "params": custom.params,
            "width": widget.width * CELL, "height": widget.height * CELL,
        }});
        for (name, value) in custom.params.as_object().into_iter().chain(parameters.as_object()).flatten() {
            event[name] = value.clone();
        }
        event
    }
}

/// Is it the environment's own viewer, which only reads unless it is clicked?
#[must_use]
pub fn is_own(environment: &Environment, endpoint: &str) -> bool {
    environment.outputs().get(suite::output::VIEWER).is_some_and(|own| own == endpoint)
}

fn account(arn: &str) -> &str {
    arn.split(':').nth(4).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_click_s_parameters_go_before_the_widgets_own() {
        let body = views::Body::parse(r#"{"widgets": [{"type": "custom", "width": 12, "properties": {"title": "T", "endpoint": "arn:aws:lambda:r:111122223333:function:f", "params": {"widget": "a", "order": "x"}}}]}"#).unwrap();
        let placed = Placed::of("d", 0, &body.widgets[0], Range { start: 0, end: 60 }).unwrap();
        let event = placed.event(&json!({"order": "y"}), &json!({"field": "z"}));
        assert_eq!((&event["widget"], &event["order"]), (&json!("a"), &json!("y")));
        let context = &event["widgetContext"];
        assert_eq!((&context["params"]["order"], &context["forms"]["all"]["field"]), (&json!("x"), &json!("z")));
        assert_eq!(
            (&context["accountId"], &context["title"], &context["width"]),
            (&json!("111122223333"), &json!("T"), &json!(672))
        );
    }
}
