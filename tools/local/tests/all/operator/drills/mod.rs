//! Drills: the stack is broken on purpose until the alarms fire that the catalogue names for it, and mended with the runbooks'
//! own commands, taken from their pages, until the alarms are back to OK. A minute of metrics and alarms passes in a second, or in three.
//!
//! Left out is `make deploy`: where a page says so, the drill itself puts right what it had put wrong.

mod intake;
mod processing;
mod telemetry;

use std::{
    cell::Cell,
    collections::{BTreeMap, BTreeSet},
    fs,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::{Duration, Instant},
};

use alarms::Catalogue;
use alarms_cli::sources;
use runbooks::{Kind, Page, Runner};
use serde_json::{Value, json};
use suite::Names;

use crate::{
    common::project,
    operator::stack::{Stack, orders_at, tools, within},
};

/// `tools/orders/drills.yaml`: by the names of `drill:` in terraform/alarms.yaml, the pages that each follows, and how it breaks.
fn drills() -> BTreeMap<String, Value> {
    serde_norway::from_str(include_str!("../../../../../orders/drills.yaml")).unwrap()
}

/// Texts of a drill.
fn texts(drill: &Value, key: &str) -> Vec<String> {
    drill[key].as_array().into_iter().flatten().map(|text| text.as_str().unwrap().to_owned()).collect()
}

/// What only series can bring about: days of waiting, or a function that outlasts its own timeouts.
const BY_SCENARIO: &str = "scenario";

fn catalogue() -> Catalogue {
    let text = fs::read_to_string(project().join("terraform/alarms.yaml")).unwrap();
    {
        let names = Names::new("order-processing", "local", "us-east-1");
        sources::catalogue::read(&names.placeholders().fill(&text).unwrap(), Some(&names.prefix())).unwrap()
    }
}

#[test]
fn every_page_is_followed_and_every_drill_of_the_catalogue_is_here() {
    let named: BTreeSet<_> = catalogue().alarms().filter_map(|alarm| alarm.about().drill.clone()).collect();
    let drills = drills();
    let here = drills.keys().cloned().chain([BY_SCENARIO.to_owned()]);
    assert_eq!(named, here.collect());

    let pages = fs::read_dir(project().join("runbooks")).unwrap().map(|entry| entry.unwrap().path());
    let names = pages.map(|path| path.file_stem().unwrap().to_str().unwrap().to_owned());
    let pages = names.filter(|name| !matches!(name.as_str(), "README" | "_template"));
    let pages: BTreeSet<_> = pages.filter(|name| !read(name).is_for_a_question).collect();
    let followed = drills.values().flat_map(|drill| texts(drill, "pages"));
    assert_eq!(pages, followed.collect());
}

/// Seconds on the wall after which what must come is not waited for any more: a busy machine has them.
const PATIENCE_S: u64 = 180;

/// A stack, the pages to be followed, and the alarms that must fire.
struct Drill {
    stack: Stack,
    runner: Runner,
    pages: Vec<Page>,
    alarms: Vec<String>,
    /// By the clock of metrics.
    begun: Cell<f64>,
    data: Value,
}

impl Drill {
    /// On a stack where all is well.
    fn begin(name: &str, stack: Stack) -> Self {
        let data = drills().remove(name).unwrap();
        let pages = texts(&data, "pages");
        let runner = Runner::new(project(), tools()).with("ENVIRONMENT", "local").with("LOCAL_DIR", stack.dir());
        let alarms = catalogue();
        let alarms = alarms.alarms().filter(|alarm| alarm.about().drill.as_deref() == Some(name));
        let alarms: Vec<_> = alarms.map(|alarm| alarm.key().to_owned()).collect();
        within(PATIENCE_S, "the first minutes are evaluated", || {
            stack.alarms().values().all(|(state, _)| state == "OK").then_some(())
        });
        let begun = Cell::new(stack.time());
        Self { runner, pages: pages.iter().map(|page| read(page)).collect(), alarms, begun, data, stack }
    }

    /// As `orders drill` breaks it.
    fn break_it(&self) {
        for command in texts(&self.data, "break") {
            let words: Vec<&str> = command.split(' ').collect();
            match words.as_slice() {
                ["orders", rest @ ..] => drop(self.stack.orders(rest)),
                ["suite", "fault", rest @ ..] => self.stack.fault(rest),
                _ => panic!("{command}"),
            }
        }
        // Commands take seconds of a busy machine, each of which is a minute of the alarms' clock.
        self.begun.set(self.stack.time());
    }

    /// Orders that keep coming, as many at once as the drill says.
    fn traffic(&self) -> Traffic {
        Traffic::begin(&self.stack, usize::try_from(self.data["traffic"].as_u64().unwrap()).unwrap())
    }

    /// Sets a placeholder of the pages.
    fn with(mut self, name: &str, value: &str) -> Self {
        self.runner = self.runner.with(name, value);
        self
    }

    fn page(&self, name: &str) -> &Page {
        self.pages.iter().find(|page| page.name == name).unwrap()
    }

    /// The alarms fire: by the clock of metrics not later than so many minutes after it was broken.
    #[track_caller]
    fn alarms_fire(&self, minutes: f64) {
        for alarm in &self.alarms {
            let (_, at) = within(PATIENCE_S, &format!("{alarm} fires"), || {
                self.stack.alarms().remove(alarm).filter(|(state, _)| state == "ALARM")
            });
            let took = at - self.begun.get();
            assert!(took <= minutes, "{alarm} took {took:.1} minutes, not at most {minutes}");
        }
    }

    /// All that the pages would have somebody look at. What they don't describe is the test's failure.
    #[track_caller]
    fn diagnose(&self) {
        for page in &self.pages {
            self.run(page, Kind::Run, None);
        }
    }

    /// A mitigation, or its way back; mitigation twice, as it must do no more than once.
    #[track_caller]
    fn follow(&self, page: &str, kind: Kind, name: &str) {
        self.run(self.page(page), kind, Some(name));
        if kind == Kind::Mitigate {
            self.run(self.page(page), kind, Some(name));
        }
    }

    #[track_caller]
    fn run(&self, page: &Page, kind: Kind, name: Option<&str>) {
        if let Err(error) = self.runner.run(page, kind, name) {
            panic!("{error}");
        }
    }

    /// The data are right again, and the alarms are OK.
    #[track_caller]
    fn verify(&self) {
        for page in &self.pages {
            for block in ["data", "alarm"] {
                let begun = Instant::now();
                while let Err(error) = self.runner.run(page, Kind::Verify, Some(block)) {
                    let waited = begun.elapsed().as_secs();
                    assert!(waited < PATIENCE_S, "not within {PATIENCE_S} s: {error}");
                    std::thread::sleep(Duration::from_millis(300));
                }
            }
        }
    }
}

fn read(name: &str) -> Page {
    let text = fs::read_to_string(project().join("runbooks").join(name).with_extension("md")).unwrap();
    Page::parse(name, &text).0
}

/// Orders that keep coming until this is dropped.
struct Traffic {
    over: Arc<AtomicBool>,
    sender: Option<JoinHandle<()>>,
}

impl Traffic {
    fn begin(stack: &Stack, concurrency: usize) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let (until, stack) = (Arc::clone(&over), stack.dir().to_owned());
        let sender = std::thread::spawn(move || {
            let concurrency = concurrency.to_string();
            while !until.load(Ordering::Relaxed) {
                orders_at(&stack, &["send", "--count", "40", "--concurrency", &concurrency]);
            }
        });
        Self { over, sender: Some(sender) }
    }
}

impl Drop for Traffic {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(sender) = self.sender.take() {
            drop(sender.join());
        }
    }
}

/// Retries are over soon, so that nobody waits for them here.
fn impatient(settings: &mut Value) {
    settings["queue"]["max_receive_count"] = json!(2);
    settings["functions"]["processor"]["environment"]["RETRY_BASE_S"] = json!("1");
}

/// A function's environment as it was, after `change` has broken it.
async fn reconfigured(
    stack: &Stack,
    service: &str,
    change: impl FnOnce(&mut BTreeMap<String, String>),
) -> BTreeMap<String, String> {
    let lambda = aws_sdk_lambda::Client::new(&stack.sdk);
    let name = stack.output(&format!("{service}_lambda_name"));
    let configuration = lambda.get_function_configuration().function_name(name).send().await.unwrap();
    let before: BTreeMap<_, _> = configuration.environment.unwrap().variables.unwrap().into_iter().collect();
    let mut broken = before.clone();
    change(&mut broken);
    configure(stack, service, broken).await;
    before
}

async fn configure(stack: &Stack, service: &str, variables: BTreeMap<String, String>) {
    let lambda = aws_sdk_lambda::Client::new(&stack.sdk);
    let environment =
        aws_sdk_lambda::types::Environment::builder().set_variables(Some(variables.into_iter().collect())).build();
    let name = stack.output(&format!("{service}_lambda_name"));
    lambda.update_function_configuration().function_name(name).environment(environment).send().await.unwrap();
}
