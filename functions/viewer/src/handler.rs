//! From an event to its answer.

use function_config::{ConfigError, Env};
use jiff::Timestamp;
use maud::html;
use serde_json::Value;
use telemetry::{ErrorClass as _, step};

use crate::{
    docs,
    event::Event,
    html,
    ports::{Alarms, AwsError, DeadLetters, Lines, Traces},
    viewer::{Asked, Viewer},
    widgets::{alarms, dead_letters, order},
};

impl<P: Traces + Lines + DeadLetters + Alarms> Viewer<P> {
    /// With `PROJECT_NAME`, `ENVIRONMENT`, `VIEWER_ACTIONS` and, where there is one, `CONSOLE_URL` of the environment.
    ///
    /// # Errors
    /// When one of the first three is missing.
    pub fn new(ports: P, env: &Env) -> Result<Self, ConfigError> {
        let prefix = format!("{}-{}", env.text("PROJECT_NAME")?, env.text("ENVIRONMENT")?);
        let actions = env.text("VIEWER_ACTIONS")? == "true";
        Ok(Self { ports, prefix, actions, console: env.text("CONSOLE_URL").ok().map(str::to_owned) })
    }

    /// Answers an event with HTML, or with Markdown where it asks for the documentation. `endpoint` is this function's ARN.
    pub async fn handle(&self, event: Value, endpoint: &str) -> String {
        let event: Event = match serde_json::from_value(event) {
            Ok(event) => event,
            Err(error) => {
                let next = "`describe: true` is answered with what the widgets take.";
                return html::problem(&format!("This is no event of a custom widget: {error}"), next).into_string();
            }
        };
        if event.describe {
            return docs::MARKDOWN.to_owned();
        }
        let asked = Asked { event: &event, endpoint, now: Timestamp::now() };
        let answer = match event.widget.as_str() {
            order::STEP => order::show(self, &asked).await,
            dead_letters::STEP => dead_letters::show(self, &asked).await,
            alarms::STEP => alarms::show(self, &asked).await,
            _ => Ok(html! {
                (html::problem("No such widget", "The parameter `widget` is one of these:"))
                ul { @for name in [order::STEP, dead_letters::STEP, alarms::STEP] { li { code { (name) } } } }
            }),
        };
        answer.unwrap_or_else(|error: AwsError| {
            step::failed(&error);
            let next = match error.kind() {
                telemetry::ErrorKind::Throttled => "Refresh the widget in a minute.",
                _ => "The viewer's log group has the call and its request id; its role's policy is terraform/policies/viewer.json.",
            };
            html::problem(&error.to_string(), next)
        })
        .into_string()
    }
}
