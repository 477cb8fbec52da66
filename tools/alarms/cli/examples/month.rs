//! Thirty days at one minute through a whole catalogue: `cargo run --release -p alarms-cli --example month`.
//!
//! Every metric of the catalogue gets a datapoint a minute (latencies thirty values), and one hour a day goes wrong:
//! errors, throttles and ages rise, latencies grow a hundredfold. The time for recording and for evaluating is printed.

use std::time::Instant;

use alarms::Evaluator;
use alarms_cli::sources::catalogue;
use cloudwatch::Sample;

const DAYS: i64 = 30;
/// 2026-01-05T00:00:00Z.
const START: i64 = 1_767_571_200;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1).unwrap_or_else(|| "terraform/alarms.yaml".to_owned());
    let catalogue = catalogue::read(&std::fs::read_to_string(&file)?, Some("${prefix}"))?;
    let alarms = catalogue.len();
    let mut evaluator = Evaluator::new(catalogue);
    let mut streams = Vec::new();
    let mut metrics: Vec<_> = evaluator.watched().cloned().collect();
    metrics.sort();
    for metric in metrics {
        let latency = metric.name.contains("Latency");
        let trouble = ["Error", "Throttle", "Fail", "Dropped", "Moved", "Duplicate", "Age"];
        let trouble = trouble.iter().any(|word| metric.name.contains(word));
        streams.extend(evaluator.metric(&metric).map(|id| (id, latency, trouble)));
    }
    let minutes = DAYS * 24 * 60;
    let (mut pushing, mut ticking) = (0.0, 0.0);
    let mut transitions = 0;
    for minute in 0..minutes {
        let at = START + minute * 60;
        let bad = minute % 1_440 < 60;
        let began = Instant::now();
        for (index, (id, latency, trouble)) in streams.iter().enumerate() {
            let wave = (minute * 7 + index as i64 * 13) % 50;
            let value = match (*latency, *trouble, bad) {
                (true, _, _) => wave * if bad { 4_000 } else { 40 },
                (false, true, false) => 0,
                (false, true, true) => 20 * wave,
                (false, false, _) => 1_000 + wave,
            } as f64;
            let sample = if *latency {
                let pairs: Vec<_> = (0..10).map(|n| (value * (0.5 + 0.1 * f64::from(n)), 3.0)).collect();
                Sample::values(&pairs)?
            } else {
                Sample::value(value)?
            };
            evaluator.push_to(*id, None, at, &sample);
        }
        pushing += began.elapsed().as_secs_f64();
        let began = Instant::now();
        transitions += evaluator.tick(at + 60).len();
        ticking += began.elapsed().as_secs_f64();
    }
    println!(
        "{alarms} alarms, {} metrics, {minutes} minutes: {transitions} transitions; recorded in {pushing:.3} s, evaluated in {ticking:.3} s, {:.3} s in all",
        streams.len(),
        pushing + ticking
    );
    Ok(())
}
