//! ARCHITECTURE.md's map is the tree's.

use std::{collections::BTreeSet, fs, path::PathBuf};

fn project() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The rows of the table of rooms: the folders of the first cell, and the last cell.
fn rooms() -> Vec<(Vec<String>, String)> {
    let page = fs::read_to_string(project().join("ARCHITECTURE.md")).unwrap();
    let (_, rest) = page.split_once("## Rooms").unwrap();
    let (table, _) = rest.split_once("\n## ").unwrap();
    let cells = table.lines().filter(|line| line.starts_with("| `")).map(|line| line.split('|').collect::<Vec<_>>());
    cells
        .map(|cells| {
            let folders = cells[1].split('`').skip(1).step_by(2).map(str::to_owned).collect();
            (folders, cells[3].trim().to_owned())
        })
        .collect()
}

#[test]
fn each_folder_of_code_has_its_line_and_each_line_its_folder() {
    let named: BTreeSet<String> = rooms().into_iter().flat_map(|(folders, _)| folders).collect();
    for folder in &named {
        assert!(project().join(folder).is_dir(), "ARCHITECTURE.md names {folder}, which is not there");
    }
    for parent in ["functions", "tools"] {
        for entry in fs::read_dir(project().join(parent)).unwrap() {
            let entry = entry.unwrap();
            if entry.path().join("Cargo.toml").is_file() {
                let folder = format!("{parent}/{}", entry.file_name().to_str().unwrap());
                assert!(named.contains(&folder), "{folder} has no line in ARCHITECTURE.md's table of rooms");
            }
        }
    }
}

#[test]
fn what_must_not_know_this_project_depends_on_nothing_that_does() {
    let checked = rooms()
        .into_iter()
        .filter(|(_, must_not_know)| must_not_know == "this project")
        .flat_map(|(folders, _)| folders)
        .inspect(|folder| {
            let manifest = fs::read_to_string(project().join(folder).join("Cargo.toml")).unwrap();
            let (_, dependencies) = manifest.split_once("[dependencies]").unwrap();
            let dependencies = dependencies.split("\n[").next().unwrap();
            for ours in ["suite", "order", "function-config", "telemetry", "local", "orders"] {
                let depends = dependencies.lines().any(|line| line.split(['.', ' ', '=']).next() == Some(ours));
                assert!(!depends, "{folder} must not know this project, but depends on {ours}");
            }
        });
    assert!(checked.count() >= 5, "the table of rooms says of hardly any that it must not know this project");
}
