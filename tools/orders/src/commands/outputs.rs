//! `orders outputs`: the environment's names and URLs.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use cli::{output, table::Table};

use crate::environment::Environment;

#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  orders outputs            all of them\n  orders outputs api_url    where orders are sent"
)]
pub(crate) struct OutputsArgs {
    /// Only this one, such as api_url, and nothing but its value
    name: Option<String>,
}

pub(crate) fn run(environment: &Environment, args: &OutputsArgs, json: bool) -> Result<ExitCode> {
    match &args.name {
        Some(name) if json => output::json(&environment.output(name)?)?,
        Some(name) => output::line(environment.output(name)?)?,
        None if json => output::json(environment.outputs())?,
        None => {
            let mut table = Table::plain();
            environment.outputs().iter().for_each(|(name, value)| table.row([name, value]));
            table.print()?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
