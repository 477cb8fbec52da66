#![no_main]

use cloudwatch::{
    MetricKey, Query, Source, Statistic,
    math::{Gaps, Grid, Points, Program, Slot},
};
use libfuzzer_sys::fuzz_target;

const PERIOD: i64 = 60;

fuzz_target!(|text: &str| {
    let metric = Source::Metric { metric: MetricKey::new("N", "M"), stat: Statistic::Sum, unit: None };
    let mut queries = vec![Query { id: "m1".into(), label: None, source: metric }];
    for (n, expression) in text.lines().take(4).enumerate() {
        queries.push(Query { id: format!("e{n}"), label: None, source: Source::Expression(expression.to_owned()) });
    }
    let Ok(program) = Program::compile(&queries, queries.len() - 1) else { return };
    let slots: Vec<_> = (0..5).map(|n| Slot { start: n * PERIOD, end: (n + 1) * PERIOD }).collect();
    let grid = Grid { slots: &slots, period: PERIOD, gaps: Gaps::default() };
    let values = program.run(&grid, |_| Points::from_slice(&[Some(0.0), None, Some(-1.5), Some(1e300), None]));
    assert_eq!(values.len(), slots.len());
});
