//! Two thousand orders, every fault, and nothing unaccounted for.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test")]

use std::path::{Path, PathBuf};

use soak::{Options, Word};

#[tokio::test(flavor = "multi_thread")]
async fn of_two_thousand_orders_through_every_fault_each_is_accounted_for() {
    let project = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    let dist = std::env::var_os("LOCAL_DIST").map_or_else(|| project.join("dist"), PathBuf::from);
    assert!(dist.join("validator.zip").exists(), "no packages to test: run `make package` first, or `make test`");
    let tools = Path::new(env!("CARGO_BIN_EXE_soak")).parent().unwrap().to_owned();
    assert!(tools.join("orders").is_file(), "no `orders` beside `soak`: run `make tools` first, or `make test`");
    let folder = tempfile::tempdir().unwrap();
    let report = soak::run(&Options {
        orders: 2000,
        seed: 1,
        clients: 16,
        time_scale: 240,
        project,
        dist,
        dir: folder.path().to_owned(),
        tools,
    })
    .await
    .unwrap();
    let told = report.markdown();
    assert!(report.is_well(), "{told}");
    let verdict = &report.verdict;
    assert_eq!((verdict.count(Word::Lost), verdict.count(Word::Duplicated)), (0, 0), "{told}");
    // It was no walk: some answers stayed open, and somebody else's messages are dead letters.
    assert!(verdict.acked > 1500 && verdict.refused > 50 && verdict.foreign > 3, "{told}");
}
