//! A stack that somebody else provisions, as Terraform does: the plane is started bare, and the stack is taken over when it
//! is complete.

use std::{
    collections::BTreeMap,
    io::{self, Read as _},
    path::Path,
};

use anyhow::{Context as _, Result, bail};
use serde_json::{Value, json};

use crate::{
    cli::{AdoptArgs, UpArgs},
    down,
    facts::Facts,
    first_order, http,
    names::{ENVIRONMENT, Names},
    output,
    progress::Progress,
    provision::{self, Clients},
    state::{PlaneFile, State},
    up::{self, Condition},
};

/// `local up --provision none`: a plane that nothing is provisioned in. Prints its endpoint.
pub(crate) async fn start(facts: &Facts, state: &State, args: &UpArgs) -> Result<()> {
    let (http, progress) = (http::client(), Progress::begin());
    let plane = match up::condition(state, &http).await? {
        Condition::Up(_) if !state.is_provisioned_outside() => {
            bail!("the stack is up, and not provisioned from outside: run `make destroy ENVIRONMENT=local` first")
        }
        Condition::Up(plane) | Condition::Bare(plane) => match up::differs(&plane, args) {
            Some(other) => bail!("the plane is up with {other}: `make destroy ENVIRONMENT=local` first"),
            None => plane,
        },
        Condition::Broken => {
            down::end(state).await?;
            begin(facts, state, args, &progress).await?
        }
        Condition::Down => {
            state.clear()?;
            begin(facts, state, args, &progress).await?
        }
    };
    output::line(&plane.endpoint())
}

async fn begin(facts: &Facts, state: &State, args: &UpArgs, progress: &Progress) -> Result<PlaneFile> {
    progress.step("starting the emulator");
    let plane = up::start_plane(facts, state, args).await?;
    let xray_daemon = plane.xray_daemon.context("the plane does not say where traces go")?;
    state.set_env(&provision::client_environment(&plane.endpoint(), &args.region, xray_daemon))?;
    state.set_provisioned_outside()?;
    Ok(plane)
}

/// `local provision`: fills a bare plane as `up` does, and prints the outputs as `terraform output -json` does.
pub(crate) async fn provision(facts: &Facts, state: &State, args: &UpArgs) -> Result<()> {
    let endpoint = plane(state)?.endpoint();
    let names = Names::new(&args.project_name, ENVIRONMENT, &args.region);
    let clients = Clients::new(&endpoint, names.region()).await;
    let outputs = provision::run(facts, &names, &endpoint, &args.dist, &clients, &Progress::begin()).await?;
    let outputs: BTreeMap<_, _> = outputs.into_iter().map(|(name, value)| (name, json!({"value": value}))).collect();
    output::line(&serde_json::to_string_pretty(&outputs)?)
}

/// `local adopt`: takes the outputs of whoever has provisioned the plane from standard input, and proves them with an order.
pub(crate) async fn adopt(state: &State, args: &AdoptArgs) -> Result<()> {
    let endpoint = plane(state)?.endpoint();
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("can't read standard input")?;
    let outputs = outputs(&text)?;
    let output = |name: &str| outputs.get(name).with_context(|| format!("the outputs have no {name}"));
    let (api_url, table) = (output("api_url")?, output("orders_table_name")?);

    Progress::begin().step("sending the first order");
    let clients = Clients::new(&endpoint, &args.region).await;
    let order_id = first_order::send(&http::client(), api_url, &clients.dynamodb, table).await?;
    state.set_packages(&provision::package_hashes(&args.dist)?)?;
    state.set_outputs(&outputs.iter().map(|(name, value)| (name.as_str(), value.clone())).collect())?;
    first_order::show(&order_id, state.dir())?;
    up::tell(state.dir(), api_url, Some(&order_id))
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

fn plane(state: &State) -> Result<PlaneFile> {
    state.plane()?.with_context(|| no_plane(state.dir()))
}

fn no_plane(dir: &Path) -> String {
    format!("no plane is up in {}: run `local up --provision none`", dir.display())
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
