//! The project's own pages and dashboards pass, and each kind of rot in them is found.

use std::{fs, path::PathBuf};

use alarms::evaluate::Options;
use alarms_cli::lint::{self, Dashboards, Limits, Pages};
use tempfile::TempDir;

use crate::common::{emitted, read_catalogue};

/// A copy of what the rules read.
struct Project(TempDir);

impl Project {
    fn new() -> Self {
        let copy = TempDir::new().unwrap();
        let root = crate::common::root();
        for folder in ["runbooks", "dashboards"] {
            fs::create_dir(copy.path().join(folder)).unwrap();
            for entry in fs::read_dir(root.join(folder)).unwrap() {
                let path = entry.unwrap().path();
                fs::copy(&path, copy.path().join(folder).join(path.file_name().unwrap())).unwrap();
            }
        }
        fs::create_dir(copy.path().join("terraform")).unwrap();
        for file in ["terraform/alarms.yaml", "terraform/queries.yaml", "Makefile"] {
            fs::copy(root.join(file), copy.path().join(file)).unwrap();
        }
        Self(copy)
    }

    fn path(&self, file: &str) -> PathBuf {
        self.0.path().join(file)
    }

    /// Puts one text in another's place, which must be there.
    fn replace(self, file: &str, from: &str, to: &str) -> Self {
        let text = fs::read_to_string(self.path(file)).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        fs::write(self.path(file), text.replacen(from, to, 1)).unwrap();
        self
    }

    /// What the rules on pages and dashboards find.
    fn found(&self) -> Vec<String> {
        let text = fs::read_to_string(self.path("terraform/alarms.yaml")).unwrap();
        let findings = lint::run(&lint::Context {
            catalogue: &read_catalogue(&text).unwrap(),
            emitted: &emitted(),
            limits: &Limits::default(),
            settings: None,
            runbooks: None,
            pages: Some(&Pages::read(&self.path("runbooks")).unwrap()),
            dashboards: Some(&Dashboards::read(&self.path("dashboards"), &str::to_owned).unwrap()),
            options: &Options::default(),
            ours: true,
        });
        let ours = findings.into_iter().filter(|finding| ["page", "dashboard"].contains(&finding.rule));
        ours.map(|finding| format!("{}: {}", finding.alarm, finding.message)).collect()
    }
}

#[test]
fn the_projects_own_have_no_finding() {
    assert_eq!(Project::new().found(), Vec::<String>::new());
}

#[test]
fn a_page_that_names_what_is_not_there_is_found() {
    const PAGE: &str = "runbooks/queue-age.md";
    for (file, from, to, told) in [
        (PAGE, "## Impact", "## Effects", "sections must be"),
        (PAGE, "(record-failures.md)", "(records.md)", "leads nowhere"),
        (PAGE, "[slowest-steps]", "[slow-steps]", "no saved query `slow-steps`"),
        (PAGE, "[Oldest waiting order]", "[Age]", "no widget with the title `Age`"),
        (PAGE, "`make deploy`", "`make deliver`", "no target deliver"),
        (PAGE, "```sh run", "```bash run", "a block is"),
        ("terraform/queries.yaml", "by-order:", "by-id:", "no saved query `by-order`"),
        ("runbooks/README.md", "`queue-age`", "`queue-wait`", "not what the catalogue says"),
        ("runbooks/README.md", "<!-- end of the index -->", "", "no place for the index"),
        ("terraform/alarms.yaml", "An order has waited", "Orders have waited", "not what the catalogue says"),
    ] {
        let found = Project::new().replace(file, from, to).found();
        assert!(found.iter().any(|what| what.contains(told)), "{told}: {found:?}");
    }
}

#[test]
fn a_dashboard_that_has_drifted_from_the_catalogue_is_found() {
    const BODY: &str = "dashboards/orders.json";
    for (file, from, to, told) in [
        (BODY, "\"x\": 16", "\"x\": 17", "does not fit 24 columns"),
        (BODY, "\"x\": 16", "\"x\": 15", "lies over"),
        (BODY, "\"x\": 8, ", "", "no place"),
        (BODY, "OrdersAccepted", "OrdersTaken", "emits no metric OrdersTaken"),
        (BODY, "\"QueueName\", \"${orders_queue_name}\"", "\"Queue\", \"x\"", "not emitted with these dimensions"),
        (BODY, "\"value\": 120}", "\"value\": 100}", "the threshold is 120"),
        (BODY, "\"label\": \"queue-age\"", "\"label\": \"objective\"", "queue-age: no dashboard draws its threshold"),
        (BODY, "\"label\": \"queue-age\"", "\"label\": \"queue-wait\"", "names no alarm"),
        (
            BODY,
            "alarm:${prefix}-queue-age\"",
            "alarm:${prefix}-queue-wait\"",
            "queue-age: no dashboard shows its state",
        ),
        (BODY, "/queue-age.md", "/queue-wait.md", "there is no runbook queue-wait"),
        ("terraform/alarms.yaml", "threshold: 120", "threshold: 180", "the threshold is 180"),
    ] {
        let found = Project::new().replace(file, from, to).found();
        assert!(found.iter().any(|what| what.contains(told)), "{told}: {found:?}");
    }
}
