//! Every alarm of the catalogue is mutated, one change at a time, and some scenario about that alarm or some lint must
//! notice it. What none can notice because it makes no difference is listed with its reason, and replayed.
//!
//! `cargo test -p alarms --test mutations -- --nocapture` prints the counts.

// The helpers of tests may panic like the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, unreachable_pub)]

#[path = "../common/mod.rs"]
mod common;
mod composite;
mod differential;
mod equivalent;
mod expression;
mod metric;
mod run;

use alarms::Catalogue;
use alarms::model::State;
use alarms::scenario::Scenario;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

/// An alarm with one thing changed; `None` when it is no alarm any more.
#[derive(Debug)]
pub struct Mutant<A> {
    alarm: String,
    kind: &'static str,
    what: String,
    mutated: Option<A>,
}

/// A mutant in the midst of the other alarms.
struct Whole {
    alarm: String,
    kind: &'static str,
    what: String,
    catalogue: Option<Catalogue>,
}

fn mutants(catalogue: &Catalogue) -> Vec<Whole> {
    let mut all = Vec::new();
    for (index, alarm) in catalogue.metric_alarms.iter().enumerate() {
        for Mutant { alarm, kind, what, mutated } in metric::of(alarm) {
            let within = |mutated| {
                let mut catalogue = catalogue.clone();
                catalogue.metric_alarms[index] = mutated;
                catalogue
            };
            all.push(Whole { alarm, kind, what, catalogue: mutated.map(within) });
        }
    }
    for (index, alarm) in catalogue.composites.iter().enumerate() {
        for Mutant { alarm, kind, what, mutated } in composite::of(alarm) {
            let within = |mutated| {
                let mut catalogue = catalogue.clone();
                catalogue.composites[index] = mutated;
                catalogue
            };
            all.push(Whole { alarm, kind, what, catalogue: mutated.map(within) });
        }
    }
    all
}

fn noticed(mutant: &Whole, about: &[Scenario]) -> bool {
    let Some(catalogue) = &mutant.catalogue else { return true };
    let alone = run::alone(catalogue, &mutant.alarm);
    about.iter().any(|scenario| run::fails(&alone, scenario)) || !common::findings(catalogue).is_empty()
}

#[test]
fn every_mutation_is_noticed_or_makes_no_difference() {
    let catalogue = common::catalogue();
    let scenarios = common::scenarios();
    let about: BTreeMap<&str, Vec<Scenario>> =
        catalogue.alarms().map(|alarm| (alarm.key(), run::about(&scenarios, alarm.key()))).collect();
    for (key, about) in &about {
        let alone = run::alone(&catalogue, key);
        assert!(about.iter().all(|scenario| !run::fails(&alone, scenario)), "{key} differs when it is alone");
    }
    let mutants = mutants(&catalogue);
    let listed = equivalent::all();
    let is_listed = |mutant: &Whole| listed.contains(&(mutant.alarm.as_str(), mutant.what.as_str()));
    let mut originals: BTreeMap<&str, Vec<State>> = BTreeMap::new();
    for (alarm, _) in &listed {
        originals.entry(alarm).or_insert_with(|| differential::states(&catalogue, alarm));
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut wrong = Vec::new();
        while let Some(mutant) = mutants.get(next.fetch_add(1, Ordering::Relaxed)) {
            let Whole { alarm, what, .. } = mutant;
            if !is_listed(mutant) {
                let noticed = noticed(mutant, &about[alarm.as_str()]);
                wrong.extend((!noticed).then(|| format!("{alarm}: {what}: no scenario and no lint notices it")));
            } else if let Err(differs) =
                differential::check(&originals[alarm.as_str()], mutant.catalogue.as_ref(), alarm)
            {
                wrong.push(format!("{alarm}: {what}: listed as equivalent, and {differs}"));
            }
        }
        wrong
    };
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut wrong: Vec<String> = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    let there: BTreeSet<_> = mutants.iter().map(|mutant| (mutant.alarm.as_str(), mutant.what.as_str())).collect();
    wrong.extend(listed.difference(&there).map(|(alarm, what)| format!("{alarm}: {what}: no such mutation")));
    assert!(wrong.is_empty(), "{wrong:#?}");
    let mut counts: BTreeMap<&str, [usize; 2]> = BTreeMap::new();
    for mutant in &mutants {
        counts.entry(mutant.kind).or_default()[usize::from(is_listed(mutant))] += 1;
    }
    for (kind, [noticed, equivalent]) in &counts {
        println!("{kind}: {noticed} noticed, {equivalent} equivalent");
    }
}
