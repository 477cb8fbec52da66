//! The runner does what a page says, and says where a page is wrong.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test")]

use std::{fs, os::unix::fs::PermissionsExt as _, path::PathBuf};

use runbooks::{Kind, Page, Runner};

/// A folder with an `orders` of its own.
fn tools(name: &str, script: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("runbooks-{name}-{}", std::process::id()));
    fs::create_dir_all(&folder).unwrap();
    let orders = folder.join("orders");
    fs::write(&orders, format!("#!/bin/sh\n{script}\n")).unwrap();
    fs::set_permissions(&orders, fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn page(diagnosis: &str) -> Page {
    Page::parse("p", &format!("# p: x\n\n## Diagnosis\n{diagnosis}")).0
}

#[test]
fn commands_get_the_placeholders_and_their_output_is_compared() {
    let folder = tools("output", "echo order $1");
    let runner = Runner::new(&folder, &folder).with("ORDER_ID", "17");
    let sound = page("```sh run\norders \"$ORDER_ID\"\n```\n\n```text\norder 17\n```\n");
    runner.run(&sound, Kind::Run, None).unwrap();
    let wrong = page("```sh run\norders \"$ORDER_ID\"\n```\n\n```text\norder 18\n```\n");
    let told = runner.run(&wrong, Kind::Run, None).unwrap_err().to_string();
    assert!(told.contains("p.md:4") && told.contains("no line for `order 18`") && told.contains("order 17"), "{told}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn a_finding_is_no_failure_of_a_diagnosis_and_any_other_failure_is() {
    let folder = tools("codes", "exit $1");
    let runner = Runner::new(&folder, &folder);
    runner.run(&page("```sh run\norders 1\n```\n"), Kind::Run, None).unwrap();
    assert!(runner.run(&page("```sh run\norders 2\n```\n"), Kind::Run, None).is_err());
    assert!(runner.run(&page("```sh mitigate\norders 1\n```\n"), Kind::Mitigate, None).is_err());
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn only_the_named_block_runs_and_a_missing_one_is_a_failure() {
    let folder = tools("names", "test $1 = b");
    let runner = Runner::new(&folder, &folder);
    let page = page("```sh mitigate a\norders a\n```\n```sh mitigate b\norders b\n```\n");
    runner.run(&page, Kind::Mitigate, Some("b")).unwrap();
    assert!(runner.run(&page, Kind::Mitigate, Some("a")).is_err());
    assert!(runner.run(&page, Kind::Mitigate, Some("c")).is_err());
    fs::remove_dir_all(folder).unwrap();
}
