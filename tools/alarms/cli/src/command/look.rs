//! `alarms` alone: what is here, and what to do next.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use alarms_cli::{
    project::{FILE, Project},
    sources,
};
use cli::{
    output,
    text::{clean, count},
};

use super::{How, Observability, input};

pub(super) fn run() -> anyhow::Result<bool> {
    let project = Project::of(Path::new("."))?;
    let paths = if project.alarms.is_empty() { vec![PathBuf::from(".")] } else { project.alarms.clone() };
    let how = How { set: Vec::new(), observability: Observability::Full, range_beyond_n: 2, hourly_minute: 3 };
    let has_file = !project.alarms.is_empty();
    let read = input::read(sources::gather(&paths)?, project, &how)?;
    for (file, form) in &read.forms {
        output::line(format_args!("{}: {}", clean(file), form.words()))?;
    }
    for note in &read.found.notes {
        output::note(clean(note));
    }
    if read.found.is_empty() {
        output::line("There is no alarm here that `alarms` can read. Make a file it knows, in this folder:")?;
        for (what, how) in [
            ("Terraform", "terraform plan -out=plan && terraform show -json plan > plan.json"),
            ("CDK", "cdk synth --json > template.json"),
            ("SAM, CloudFormation", "the template itself, or its folder: alarms lint FOLDER"),
            ("what is deployed", "aws cloudwatch describe-alarms > alarms.json"),
        ] {
            output::line(format_args!("  {what:<20} {how}"))?;
        }
        return Ok(true);
    }
    let open = read.open(&BTreeSet::new()).len();
    let not_supported = read.not_supported().len();
    let evaluated = read.found.len() - open - not_supported;
    let mut parts = vec![format!("{evaluated} can be evaluated")];
    parts.extend((open > 0).then(|| format!("{open} with data that a scenario gives")));
    parts.extend((not_supported > 0).then(|| format!("{not_supported} can't")));
    let alarms = count(read.found.len(), "alarm");
    let resources = count(read.found.resources.len(), "resource");
    output::line(format_args!("{alarms}: {}; {resources} they may watch", parts.join(", ")))?;
    let scenarios = read.read_scenarios(&read.scenario_files(&[])?)?.len();
    output::line(if has_file {
        format!("{FILE} says where they are")
    } else {
        format!("no {FILE}: the folder was searched")
    })?;
    output::line("Next:")?;
    let next: &[(&str, &str)] = if scenarios == 0 {
        &[
            ("alarms lint", "what is wrong with them, without any data"),
            ("alarms init", "first scenarios: each alarm fires, recovers and stays quiet"),
            ("alarms coverage", "which resources have no alarm on what matters"),
        ]
    } else {
        &[
            ("alarms test", "every scenario"),
            ("alarms lint", "what is wrong with them, without any data"),
            ("alarms coverage", "which resources have no alarm on what matters"),
        ]
    };
    for (command, what) in next {
        output::line(format_args!("  {command:<17} {what}"))?;
    }
    Ok(true)
}
