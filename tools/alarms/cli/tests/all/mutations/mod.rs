//! Every alarm of the catalogue is mutated, one change at a time, and some scenario about that alarm or some lint must
//! notice it. What none can notice because it makes no difference is listed with its reason, and replayed.
//!
//! `cargo test -p alarms-cli --test all mutations -- --nocapture` prints the counts.

use crate::common;

mod composite;
mod differential;
mod equivalent;
mod expression;
mod metric;
mod run;

use std::collections::{BTreeMap, BTreeSet};

use alarms::{Catalogue, model::State};
use alarms_cli::scenario::Scenario;

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
    let keys: Vec<&str> = about.keys().copied().collect();
    let unlike = common::each(&keys, |key| {
        let alone = run::alone(&catalogue, key);
        about[key].iter().any(|scenario| run::fails(&alone, scenario)).then_some(*key)
    });
    let unlike: Vec<&str> = unlike.into_iter().flatten().collect();
    assert!(unlike.is_empty(), "these fare otherwise when they are alone: {unlike:?}");
    let listed = equivalent::all();
    let alarms: Vec<&str> = listed.iter().map(|(alarm, _)| *alarm).collect::<BTreeSet<_>>().into_iter().collect();
    let originals = common::each(&alarms, |alarm| (*alarm, differential::states(&catalogue, alarm)));
    let originals: BTreeMap<&str, Vec<State>> = originals.into_iter().collect();
    let mutants = mutants(&catalogue);
    let is_listed = |mutant: &Whole| listed.contains(&(mutant.alarm.as_str(), mutant.what.as_str()));
    let wrong = common::each(&mutants, |mutant| {
        let Whole { alarm, what, catalogue, .. } = mutant;
        if is_listed(mutant) {
            let differs = differential::check(&originals[alarm.as_str()], catalogue.as_ref(), alarm).err()?;
            return Some(format!("{alarm}: {what}: listed as equivalent, and {differs}"));
        }
        let unnoticed = !noticed(mutant, &about[alarm.as_str()]);
        unnoticed.then(|| format!("{alarm}: {what}: no scenario and no lint notices it"))
    });
    let mut wrong: Vec<String> = wrong.into_iter().flatten().collect();
    let there: BTreeSet<_> = mutants.iter().map(|mutant| (mutant.alarm.as_str(), mutant.what.as_str())).collect();
    assert_eq!(there.len(), mutants.len(), "two mutations share a name");
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
