//! `orders outputs`: the environment's names and URLs.

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use crate::{environment::Environment, output};

#[derive(Debug, Args)]
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
            let rows: Vec<_> =
                environment.outputs().iter().map(|(name, value)| [name.clone(), value.clone()]).collect();
            output::table(&rows)?;
        }
    }
    Ok(ExitCode::SUCCESS)
}
