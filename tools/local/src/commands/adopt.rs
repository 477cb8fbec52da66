//! `suite adopt`: takes over a stack that somebody else has provisioned, as Terraform does, and proves it with an order.

use std::{
    io::{self, Read as _},
    path::PathBuf,
};

use anyhow::{Context as _, Result};
use clap::Args;
use cli::progress::Steps;
use suite::{ORDER_FUNCTIONS, Outputs, VIEWER, output};

use super::{first_order, next_steps};
use crate::{clients::Clients, http, provision, stack::State};

/// What `adopt` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct AdoptArgs {
    /// The folder with the functions' zips
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
}

pub(crate) async fn run(state: &State, args: &AdoptArgs) -> Result<()> {
    state.announce();
    let _working = state.lock().await?;
    let stack = state.running()?;
    let mut text = String::new();
    io::stdin().read_to_string(&mut text).context("can't read standard input")?;
    let outputs = Outputs::from_terraform(text.as_bytes())
        .context("standard input is not what `terraform output -json` prints")?;
    let output = |name: &str| outputs.get(name).with_context(|| format!("the outputs have no {name}"));
    let (api_url, table) = (output(output::API_URL)?, output(output::TABLE)?);

    Steps::begin().step("sending the first order");
    let clients = Clients::of(&stack).await;
    let order_id = first_order::send(&http::client(), api_url, &clients.dynamodb, table).await?;
    let viewer = outputs.get(output::VIEWER).map(|_| VIEWER);
    let functions: Vec<_> = ORDER_FUNCTIONS.into_iter().chain(viewer).collect();
    state.set_packages(&provision::package_hashes(&functions, &args.dist)?)?;
    state.set_outputs(&outputs)?;
    first_order::show(&order_id, state.dir())?;
    next_steps::print(state.dir(), api_url, Some(&order_id), None)
}
