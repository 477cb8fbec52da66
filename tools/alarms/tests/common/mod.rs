//! The project's own catalogue, its scenarios and its lints.

use alarms::Catalogue;
use alarms::evaluate::Options;
use alarms::lint::{self, Emitted, Finding, Limits};
use alarms::scenario::{self, Scenario};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use suite::Names;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn names() -> Names {
    Names::new("order-processing", "dev", "us-east-1")
}

pub fn catalogue() -> Catalogue {
    let text = std::fs::read_to_string(root().join("terraform/alarms.yaml")).unwrap();
    Catalogue::from_yaml(&text, &names().placeholders()).unwrap()
}

pub fn scenarios() -> Vec<Scenario> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        all.extend(scenario::read(&text, &names().placeholders()).unwrap());
    }
    all
}

/// What the lints say that need nothing but the catalogue, the settings and the emitted metrics.
pub fn findings(catalogue: &Catalogue) -> Vec<Finding> {
    let settings = std::fs::read_to_string(root().join("terraform/settings.json")).unwrap();
    let emitted = Emitted::aws().unwrap().and(Emitted::PROJECT, &names().placeholders()).unwrap();
    lint::run(&lint::Context {
        catalogue,
        settings: Some(&serde_json::from_str(&settings).unwrap()),
        emitted: &emitted,
        limits: Some(&Limits::of(&serde_json::from_str(&settings).unwrap(), &names())),
        runbooks: None,
        pages: None,
        dashboards: None,
        options: &Options::default(),
        ours: true,
    })
}

/// What `of` makes of each item, on every core: these are replays of weeks.
pub fn each<T: Sync, R: Send>(items: &[T], of: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let work = || {
        let take = || items.get(next.fetch_add(1, Ordering::Relaxed));
        std::iter::from_fn(take).map(&of).collect::<Vec<R>>()
    };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..cores).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    })
}
