//! An environment on AWS: Terraform knows its outputs.

use std::{
    path::Path,
    process::{Command, Output},
};

use anyhow::{Context as _, Result, bail};
use aws_config::{ConfigLoader, Region};
use cli::progress::Waiting;
use suite::{Environment, Outputs, known_environments, output};

use super::{Read, there_are};

pub(super) fn read(id: &Environment, project: &Path, local_dir: &Path, loader: ConfigLoader) -> Result<Read> {
    let terraform = project.join("terraform");
    if !terraform.join("outputs.tf").is_file() {
        bail!("no terraform/ here, which knows the environment's outputs: run it in the project's folder");
    }
    // Asked about a workspace that there is not, Terraform makes one: a mistyped name must not come into being.
    if !known_environments(project).contains(id) && !is_workspace(&terraform, id) {
        bail!(
            "there is no environment {id}. {}. `make deploy ENVIRONMENT=NAME` makes a new one",
            there_are(project, local_dir)
        );
    }
    let waiting = Waiting::begin(format!("terraform to tell the outputs of {id}"));
    let answer = ask(&terraform, &["output", "-json", "-no-color"], Some(id));
    drop(waiting);
    let answer = answer
        .context("can't run terraform, which knows the environment's outputs: `make doctor` says how to get it")?;
    let outputs = match answer.status.success() {
        true => Outputs::from_terraform(&answer.stdout).context("terraform's outputs are no JSON")?,
        false => Outputs::default(),
    };
    if outputs.is_empty() {
        let why = String::from_utf8_lossy(&answer.stderr);
        bail!(
            "environment {id} is not deployed, or its state can't be read: `make deploy ENVIRONMENT={id}` deploys it\n{}",
            why.trim()
        );
    }
    // Where the environment is, and not where this shell happens to be.
    let region = outputs.get(output::PAGE_TOPIC).and_then(|arn| arn.split(':').nth(3)).map(str::to_owned);
    let loader = match region {
        Some(region) => loader.region(Region::new(region)),
        None => loader,
    };
    Ok((outputs, loader))
}

fn ask(terraform: &Path, arguments: &[&str], workspace: Option<&Environment>) -> std::io::Result<Output> {
    let mut command = Command::new("terraform");
    command.arg(format!("-chdir={}", terraform.display())).args(arguments).env("CHECKPOINT_DISABLE", "1");
    match workspace {
        Some(workspace) => command.env("TF_WORKSPACE", workspace.as_str()),
        None => command.env_remove("TF_WORKSPACE"),
    };
    command.output()
}

/// A state that is kept elsewhere has its workspaces there.
fn is_workspace(terraform: &Path, id: &Environment) -> bool {
    let list = ask(terraform, &["workspace", "list", "-no-color"], None);
    list.is_ok_and(|list| {
        String::from_utf8_lossy(&list.stdout).lines().any(|line| line.trim_start_matches('*').trim() == id.as_str())
    })
}
