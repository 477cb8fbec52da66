//! An argument that a mutation makes no difference is tried on data that nobody chose: phases without data, with
//! zeros, with little and with much, for each metric on its own.

use alarms::{
    Catalogue, Evaluator,
    model::{MetricKey, State},
};
use cloudwatch::Sample;

use super::run::alone;

const START: i64 = 1_767_571_200;
const MINUTES: i64 = 400;
const REPLAYS: u64 = 6;

/// The state of an alarm in every minute of each replay.
pub fn states(catalogue: &Catalogue, key: &str) -> Vec<State> {
    (1..=REPLAYS).flat_map(|seed| replayed(catalogue, key, seed)).collect()
}

/// The mutant is in the same state every minute, and that is not one state all the time.
pub fn check(original: &[State], mutant: Option<&Catalogue>, key: &str) -> Result<(), String> {
    let mutant = states(mutant.ok_or("it is no alarm any more")?, key);
    if let Some(minute) = original.iter().zip(&mutant).position(|(a, b)| a != b) {
        return Err(format!("it differs in minute {minute}"));
    }
    let tried = original.contains(&State::Alarm) && original.contains(&State::Ok);
    if tried { Ok(()) } else { Err("the data put nothing to the test".to_owned()) }
}

fn replayed(catalogue: &Catalogue, key: &str, seed: u64) -> Vec<State> {
    let catalogue = alone(catalogue, key);
    let name = catalogue.find(key).unwrap().name().to_owned();
    let mut evaluator = Evaluator::new(catalogue);
    let mut metrics: Vec<MetricKey> = evaluator.watched().cloned().collect();
    metrics.sort();
    for (index, metric) in metrics.iter().enumerate() {
        let mut dice = Dice(seed * 1_000 + index as u64);
        let mut minute = 0;
        while minute < MINUTES {
            let phase = dice.below(5);
            let until = minute + 1 + dice.below(12) as i64;
            while minute < until {
                if let Some(sample) = sample(metric, phase, &mut dice) {
                    evaluator.push(metric, None, START + minute * 60, &sample);
                }
                minute += 1;
            }
        }
    }
    (0..MINUTES)
        .map(|minute| {
            evaluator.tick(START + minute * 60);
            evaluator.state(&name).unwrap()
        })
        .collect()
}

fn sample(metric: &MetricKey, phase: u64, dice: &mut Dice) -> Option<Sample> {
    let some = dice.below(200) as f64;
    let pairs = match (phase, metric.name.as_str()) {
        (0, _) => return None,
        (1, "EndToEndLatency" | "Latency") => vec![(2_000.0, 1.0 + some)],
        (2, "EndToEndLatency" | "Latency") => vec![(60_000.0, 856.0), (60_001.0, 144.0)],
        (_, "EndToEndLatency" | "Latency") => vec![(2_000.0, 1.0 + some), (90_000.0, 1.0 + dice.below(40) as f64)],
        (1, _) => vec![(0.0, 1.0)],
        (2, _) => vec![(dice.below(8) as f64, 1.0)],
        (3, _) => vec![(0.0, 1.0), (1.0, 1.0 + dice.below(8) as f64)],
        (_, _) => vec![(some, 1.0)],
    };
    Some(Sample::values(&pairs).unwrap())
}

/// A few bits of chance, the same ones every time (xorshift).
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: u64) -> u64 {
        for shift in [13_i32, -7, 17] {
            self.0 ^= if shift > 0 { self.0 << shift } else { self.0 >> -shift };
        }
        (self.0 >> 16) % bound
    }
}
