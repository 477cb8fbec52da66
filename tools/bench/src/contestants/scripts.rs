//! Python and Node, each with AWS's own loop around the handler.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context as _, Result};

use super::{
    Contestant, Job,
    setup::{copy, once, run},
};
use crate::project::{Project, zipped_bytes};

pub(super) fn python(project: &Project, id: &'static str, title: &'static str) -> Result<Contestant> {
    let interpreter = interpreter(&["python3", "-c", "import sys; print(sys.executable)"])?;
    let (peer, folder) = (project.peer(id), project.work().join(id));
    let mut inputs = vec![peer.join("handler.py"), peer.join("requirements.txt")];
    if id == "python" {
        inputs.extend([peer.join("schema.py"), project.schema()]);
    }
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    once(&folder, &inputs, || {
        copy(&inputs, &folder)?;
        run(
            &interpreter,
            &[
                "-m",
                "pip",
                "install",
                "--quiet",
                "--disable-pip-version-check",
                "--require-hashes",
                "--target",
                ".",
                "--requirement",
                "requirements.txt",
            ],
            &folder,
            &[],
        )?;
        // Lambda's own packages come compiled, too.
        run(&interpreter, &["-m", "compileall", "-q", "."], &folder, &[])
    })?;
    Ok(Contestant {
        id,
        title,
        job: Job::Request,
        command: [&interpreter, "-m", "awslambdaric", "handler.handle"].map(str::to_owned).to_vec(),
        zip_bytes: zipped_bytes(&folder)?,
        own: false,
        native: false,
        variables: powertools([
            ("PYTHONPATH", folder.display().to_string()),
            ("_HANDLER", "handler.handle".to_owned()),
        ]),
        folder,
    })
}

pub(super) fn node(project: &Project) -> Result<Contestant> {
    let interpreter = interpreter(&["node", "-p", "process.execPath"])?;
    let (peer, folder) = (project.peer("node"), project.work().join("node"));
    let inputs =
        [peer.join("handler.mjs"), peer.join("package.json"), peer.join("package-lock.json"), project.schema()];
    let inputs: Vec<&Path> = inputs.iter().map(PathBuf::as_path).collect();
    once(&folder, &inputs, || {
        copy(&inputs, &folder)?;
        run("npm", &["ci", "--no-audit", "--no-fund", "--loglevel=error"], &folder, &[])
    })?;
    Ok(Contestant {
        id: "node",
        title: "Node, AWS SDK 3 + Powertools",
        job: Job::Request,
        command: [&interpreter, "node_modules/aws-lambda-ric/index.mjs", "handler.handle"].map(str::to_owned).to_vec(),
        zip_bytes: zipped_bytes(&folder)?,
        own: false,
        native: false,
        variables: powertools([("_HANDLER", "handler.handle".to_owned())]),
        folder,
    })
}

/// Where the interpreter itself is: a version manager's wrapper in front of it would be measured with it.
fn interpreter(ask: &[&str]) -> Result<String> {
    let (program, arguments) = ask.split_first().context("no program")?;
    let output =
        Command::new(program).args(arguments).output().with_context(|| format!("{program} is not installed"))?;
    let path = String::from_utf8(output.stdout)?.trim().to_owned();
    anyhow::ensure!(output.status.success() && !path.is_empty(), "{program} does not run");
    Ok(path)
}

fn powertools<const N: usize>(own: [(&str, String); N]) -> BTreeMap<String, String> {
    let common = [
        ("POWERTOOLS_SERVICE_NAME", "validator".to_owned()),
        ("POWERTOOLS_METRICS_NAMESPACE", "order-processing".to_owned()),
        ("AWS_EXECUTION_ENV", "AWS_Lambda_bench".to_owned()),
    ];
    common.into_iter().chain(own).map(|(name, value)| (name.to_owned(), value)).collect()
}
