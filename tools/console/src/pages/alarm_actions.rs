//! Setting an alarm's state, to see what follows from it, and muting it for a time. On this machine only.

use std::{sync::Arc, time::Duration};

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudwatch::{Client, types::StateValue};
use jiff::Timestamp;
use maud::{Markup, html};
use orders::Environment;

use crate::{answer::Answer, app::App, ask::Ask, parts};

/// How long an alarm may be muted, in the time of alarms.
const TIMES: [&str; 3] = ["15m", "1h", "4h"];

async fn full(environment: &Environment, name: &str) -> Result<String> {
    let full = format!("{}-{name}", environment.prefix()?);
    let alarms = orders::alarms::all(environment).await?;
    alarms.iter().any(|alarm| alarm.name == full).then_some(full).with_context(|| format!("there is no alarm {name}"))
}

fn there(app: &App, name: &str) -> Answer {
    app.live.tell("alarm");
    Answer::To(format!("/alarms/{}", crate::ask::encoded(name)))
}

/// Until the next evaluation judges otherwise.
pub(crate) async fn set_state(app: &App, ask: &Ask, name: &str) -> Result<Answer> {
    let environment = app.environment().await?;
    let state = match ask.field("to") {
        Some("ALARM") => StateValue::Alarm,
        Some("OK") => StateValue::Ok,
        other => bail!("an alarm's state is set to ALARM or OK, not {}", other.unwrap_or("nothing")),
    };
    let call = Client::new(&environment.sdk).set_alarm_state().alarm_name(full(&environment, name).await?);
    call.state_value(state.clone())
        .state_reason("Set by hand in the console")
        .send()
        .await
        .context("can't set the state")?;
    app.done(format!("{name} set to {}", state.as_str())).await;
    Ok(there(app, name))
}

/// Its actions are disabled, and enabled again when the time is over.
pub(crate) async fn mute(app: &Arc<App>, ask: &Ask, name: &str) -> Result<Answer> {
    let environment = app.environment().await?;
    let full = full(&environment, name).await?;
    let cloudwatch = Client::new(&environment.sdk);
    let time = match ask.field("for") {
        Some(time) => Some(cli::time::since(time).with_context(|| format!("for={time}"))?),
        None => None,
    };
    let Some(time) = time else {
        cloudwatch.enable_alarm_actions().alarm_names(full).send().await.context("can't enable its actions")?;
        app.mutes.end(name);
        return Ok(there(app, name));
    };
    cloudwatch.disable_alarm_actions().alarm_names(&full).send().await.context("can't disable its actions")?;
    let clock = environment.metric_clock().await?;
    let until = clock.now + time;
    app.mutes.begin(name, until);
    app.done(format!("{name} muted")).await;
    let wait = Duration::from_secs_f64((time.as_secs_f64() / clock.scale).max(0.0));
    let (app_then, short) = (Arc::clone(app), name.to_owned());
    tokio::spawn(async move {
        tokio::time::sleep(wait).await;
        // Unless somebody has ended or prolonged it meanwhile.
        if app_then.mutes.of(&short) == Some(until) {
            match cloudwatch.enable_alarm_actions().alarm_names(full).send().await {
                Ok(_) => app_then.mutes.end(&short),
                // Its page says that it is muted and has the button that ends it.
                Err(error) => cli::note!("{short} is still muted, its actions can't be enabled: {error}"),
            }
            app_then.live.tell("alarm");
        }
    });
    Ok(there(app, name))
}

/// The card on an alarm's page.
pub(super) fn card(app: &App, name: &str, enabled: bool, state: &str, now: Timestamp) -> Markup {
    let address = |what: &str| format!("/alarms/{}/{what}", crate::ask::encoded(name));
    html! { @if app.is_local() { section.card {
        h2 { "Set and mute" }
        div.row {
            @for to in ["ALARM", "OK"].into_iter().filter(|to| *to != state) { (parts::button(app, &address("state"), &format!("Set to {to}"), &[("to", to)], "")) }
            span.quiet { "until the next evaluation, with everything that follows from it" }
        }
        div.row {
            @if enabled { @for time in TIMES { (parts::button(app, &address("mute"), &format!("Mute for {time}"), &[("for", time)], "")) } span.quiet { "it changes its state and tells nobody" } }
            @else {
                span { "Muted" @match app.mutes.of(name) { Some(until) => { " until " (parts::moment(until, now)) }, None => ": nothing here knows until when" } }
                (parts::button(app, &address("mute"), "End the mute", &[], "primary"))
            }
        }
    } } }
}
