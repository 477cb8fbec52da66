//! Instructions of an invocation, as valgrind's callgrind counts them: nearly the same on a busy machine and a quiet one.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
};

use anyhow::{Context as _, Result};

use crate::{
    contestants::Contestant,
    function::Function,
    messages::Messages,
    run,
    surroundings::{Surroundings, Transport},
};

/// The difference between a long life and a short one is what the invocations cost, without start and warm-up.
const SHORT: usize = 30;
const LONG: usize = 130;

/// Is there a callgrind on this machine?
pub(crate) fn is_there() -> bool {
    Command::new("valgrind")
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// Instructions of a warm invocation.
pub(crate) async fn instructions(
    contestant: &Contestant,
    messages: Option<&Messages>,
    around: &Surroundings,
) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let mut counts = [0; 2];
    for (count, invocations) in counts.iter_mut().zip([SHORT, LONG]) {
        let out = folder.path().join(invocations.to_string());
        let wrapper = ["valgrind", "--tool=callgrind", "--quiet", &format!("--callgrind-out-file={}", out.display())];
        let wrapper = wrapper.map(str::to_owned);
        let mut function = Function::start_under(&wrapper, contestant, around, Transport::Http).await?;
        for _ in 0..invocations {
            function.invoke(run::event(contestant, messages, true)?, true).await?;
        }
        function.end().await?;
        *count = total(&out)?;
    }
    Ok((counts[1].saturating_sub(counts[0])) / (LONG - SHORT) as u64)
}

fn total(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out).context("callgrind has written no counts")?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind's counts have no sum")
}
