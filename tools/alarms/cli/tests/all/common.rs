//! The project's own catalogue, its scenarios and its lints.

use std::{
    path::{Path, PathBuf},
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use alarms::{Catalogue, evaluate::Options};
use alarms_cli::{
    lint::{self, Emitted, Finding, Limits},
    scenario::{self, Outcome, Scenario},
    sources::{self, Found, Given, Group, Input, catalogue::CatalogueError},
};

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..")
}

/// A catalogue whose placeholders stand for themselves.
pub fn read_catalogue(text: &str) -> Result<Catalogue, CatalogueError> {
    alarms_cli::sources::catalogue::read(text, text.contains("${prefix}").then_some("${prefix}"))
}

/// The alarms of a text in any form, and the scenario of another.
pub fn story(alarms: &str, scenario: &str) -> (Group, Scenario) {
    let mut found = Found::default();
    let input = Input { name: "alarms".into(), bytes: alarms.as_bytes().to_vec(), is_named: true };
    sources::read(&input, &Given::default(), &mut found).unwrap();
    found.settle();
    let group = found.groups.remove(0);
    let mut scenarios = scenario::File::parse("scenarios.yaml", scenario).unwrap().scenarios(&group).unwrap();
    (group, scenarios.remove(0))
}

/// What a scenario comes to.
pub fn outcome(alarms: &str, scenario: &str) -> Outcome {
    let (group, scenario) = story(alarms, scenario);
    scenario::all(&group, &scenario, &Options::default(), false).remove(0)
}

pub fn group() -> Group {
    shared().clone()
}

/// Read once.
pub fn shared() -> &'static Group {
    static READ: OnceLock<Group> = OnceLock::new();
    READ.get_or_init(|| Group::of(catalogue()))
}

pub fn catalogue() -> Catalogue {
    let text = std::fs::read_to_string(root().join("terraform/alarms.yaml")).unwrap();
    read_catalogue(&text).unwrap()
}

pub fn scenarios() -> Vec<Scenario> {
    let folder = root().join("tools/alarms/scenarios");
    let mut all = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        all.extend(scenario::read(&text).unwrap());
    }
    all
}

/// What AWS's services and the project's own functions emit.
pub fn emitted() -> Emitted {
    static READ: OnceLock<Emitted> = OnceLock::new();
    let read = || {
        let own = std::fs::read_to_string(root().join("tools/alarms/data/emitted.yaml")).unwrap();
        Emitted::aws().unwrap().and(&own).unwrap()
    };
    READ.get_or_init(read).clone()
}

/// What the lints say that need nothing but the catalogue, the settings and the emitted metrics.
pub fn findings(catalogue: &Catalogue) -> Vec<Finding> {
    let settings = std::fs::read_to_string(root().join("terraform/settings.json")).unwrap();
    let settings: serde_json::Value = serde_json::from_str(&settings).unwrap();
    let emitted = emitted();
    lint::run(&lint::Context {
        catalogue,
        settings: Some(&settings),
        emitted: &emitted,
        limits: &Limits::of(&emitted, &settings),
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
