//! `suite adopt`: takes over a stack that somebody else has provisioned, as Terraform does, and proves it with an order.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result};
use clap::Args;
use serde_json::Value;

use super::{first_order, next_steps};
use crate::{clients::Clients, http, progress::Progress, provision, stack::State};

/// What `adopt` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct AdoptArgs {
    /// The folder with validator.zip and processor.zip
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
}

pub(crate) async fn run(state: &State, args: &AdoptArgs) -> Result<()> {
    let stack = state.running()?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("can't read standard input")?;
    let outputs = outputs(&text)?;
    let output = |name: &str| outputs.get(name).with_context(|| format!("the outputs have no {name}"));
    let (api_url, table) = (output("api_url")?, output("orders_table_name")?);

    Progress::begin().step("sending the first order");
    let clients = Clients::new(&stack.endpoint(), &stack.region).await;
    let order_id = first_order::send(&http::client(), api_url, &clients.dynamodb, table).await?;
    state.set_packages(&provision::package_hashes(&args.dist)?)?;
    state.set_outputs(&outputs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect())?;
    first_order::show(&order_id, state.dir())?;
    next_steps::print(state.dir(), api_url, Some(&order_id))
}

/// `terraform output -json`: each output an object with a `value`. Those that are no text are nobody's here.
fn outputs(text: &str) -> Result<BTreeMap<String, String>> {
    let outputs: BTreeMap<String, Value> =
        serde_json::from_str(text).context("standard input is not what `terraform output -json` prints")?;
    Ok(outputs
        .into_iter()
        .filter_map(|(name, output)| Some((name, output.get("value")?.as_str()?.to_owned())))
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_read_as_terraform_prints_them() {
        let text = r#"{"api_url": {"sensitive": false, "type": "string", "value": "http://x"},
                       "emails": {"type": ["set", "string"], "value": []}}"#;
        assert_eq!(outputs(text).unwrap(), BTreeMap::from([("api_url".to_owned(), "http://x".to_owned())]));
        let error = outputs("╷\n│ Warning: No outputs found").unwrap_err();
        assert!(error.to_string().contains("terraform output -json"), "{error}");
    }
}
