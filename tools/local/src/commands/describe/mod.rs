//! `suite describe`: what the stack is made of, read back from it through the services, in Terraform's words: a resource
//! type's name, and for each resource of it the attributes that the provider has for it. What is a service's default is left
//! out. The parity test holds it against Terraform's own plan.

mod alarms;
mod api;
mod dashboards;
mod functions;
mod queues;
mod storage;
mod tracing;

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use cli::output;
use serde_json::{Map, Value};

use crate::{clients::Clients, stack::State};

/// Resources by type.
type Resources = BTreeMap<&'static str, Vec<Value>>;

pub(crate) async fn run(state: &State) -> Result<()> {
    let stack = state.running()?;
    let region = stack.region.as_str();
    let clients = Clients::of(&stack).await;
    let mut resources = Resources::new();
    queues::describe(&clients, &mut resources).await.context("queues")?;
    storage::describe(&clients, &mut resources).await.context("table and log groups")?;
    functions::roles(&clients, &mut resources).await.context("roles")?;
    functions::describe(&clients, &mut resources).await.context("functions")?;
    api::describe(&clients, region, &mut resources).await.context("API")?;
    alarms::describe(&clients, &mut resources).await.context("alarms and topics")?;
    dashboards::describe(&clients, &mut resources).await.context("dashboards and saved queries")?;
    tracing::describe(&clients, &mut resources).await.context("X-Ray group and sampling rule")?;
    output::line(serde_json::to_string_pretty(&resources)?)
}

/// Attributes without those that are nothing: absent, empty, zero or false.
fn set(attributes: Value) -> Value {
    match attributes {
        Value::Object(map) => map
            .into_iter()
            .filter(|(_, value)| match value {
                Value::Null | Value::Bool(false) => false,
                Value::String(text) => !text.is_empty(),
                Value::Array(list) => !list.is_empty(),
                Value::Object(map) => !map.is_empty(),
                Value::Number(number) => number.as_f64() != Some(0.0),
                Value::Bool(true) => true,
            })
            .collect::<Map<_, _>>()
            .into(),
        other => other,
    }
}
