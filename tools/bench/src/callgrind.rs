//! Instructions of an invocation, as valgrind's callgrind counts them: nearly the same on a busy machine and a quiet one.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};

use anyhow::{Context as _, Result};

use crate::{
    contestants::Contestant,
    function::Function,
    messages::{self, Messages},
    stub::{Surroundings, Transport},
};

/// The difference between a long life and a short one is what the invocations cost, without start and warm-up.
const SHORT: usize = 30;
const LONG: usize = 130;
/// Everything takes some fifty times as long under callgrind.
const AT_REST: Duration = Duration::from_secs(1);

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
    given: Option<&Messages>,
    around: &Surroundings,
) -> Result<u64> {
    let short = life(contestant, given, around, Transport::Http, SHORT).await?;
    let long = life(contestant, given, around, Transport::Http, LONG).await?;
    Ok(long.saturating_sub(short) / (LONG - SHORT) as u64)
}

/// Instructions of the first invocation, AWS spoken to by TLS.
pub(crate) async fn first(contestant: &Contestant, given: Option<&Messages>, around: &Surroundings) -> Result<u64> {
    let none = life(contestant, given, around, Transport::Https, 0).await?;
    let one = life(contestant, given, around, Transport::Https, 1).await?;
    Ok(one.saturating_sub(none))
}

/// All instructions of a process, from its start to its end after so many invocations.
async fn life(
    contestant: &Contestant,
    given: Option<&Messages>,
    around: &Surroundings,
    transport: Transport,
    invocations: usize,
) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let out = folder.path().join("counts");
    let wrapper = ["valgrind", "--tool=callgrind", "--quiet", &format!("--callgrind-out-file={}", out.display())];
    let wrapper = wrapper.map(str::to_owned);
    let mut function = Function::start_under(&wrapper, contestant, around, transport).await?;
    // What goes on behind the start, such as a handshake, is the start's.
    tokio::time::sleep(AT_REST).await;
    for _ in 0..invocations {
        function.invoke(messages::event(contestant, given, true)?, true).await?;
    }
    function.end().await?;
    total(&out)
}

fn total(out: &Path) -> Result<u64> {
    let text = fs::read_to_string(out).context("callgrind has written no counts")?;
    let total = text.lines().find_map(|line| line.strip_prefix("summary: ").or(line.strip_prefix("totals: ")));
    total.and_then(|total| total.trim().parse().ok()).context("callgrind's counts have no sum")
}
