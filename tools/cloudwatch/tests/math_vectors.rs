//! The vectors of AWS's guide on metric math, and what follows from its rules.

// The helpers of tests may panic like the tests themselves.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use cloudwatch::{
    MetricKey, Query, Source, Statistic,
    math::{ClockPoints, CompileError, Gaps, Grid, IfGaps, Points, Program, Slot},
};

fn points(text: &str) -> Points {
    text.split_whitespace().map(|word| word.parse().ok()).collect()
}

fn compile(expression: &str, metrics: usize) -> Result<Program, CompileError> {
    let metric = |n: usize| Query {
        id: format!("m{n}"),
        label: None,
        source: Source::Metric { metric: MetricKey::new("n", format!("x{n}")), stat: Statistic::Sum, unit: None },
    };
    let mut queries: Vec<Query> = (1..=metrics).map(metric).collect();
    queries.push(Query { id: "e".into(), label: None, source: Source::Expression(expression.into()) });
    Program::compile(&queries, metrics)
}

/// Evaluates `expression` over m1, m2 and m3, one point a minute from 2026-01-05T10:00Z, a Monday.
fn eval(expression: &str, series: &[&str]) -> Points {
    eval_as(expression, series, Gaps::default())
}

fn eval_as(expression: &str, series: &[&str], gaps: Gaps) -> Points {
    let inputs: Vec<Points> = series.iter().map(|text| points(text)).collect();
    let slots: Vec<Slot> = (0..inputs[0].len() as i64)
        .map(|i| 1_767_607_200 + i * 60)
        .map(|start| Slot { start, end: start + 60 })
        .collect();
    let grid = Grid { slots: &slots, period: 60, gaps };
    compile(expression, series.len()).unwrap().run(&grid, |index| inputs[index].clone())
}

#[test]
fn comparisons_of_the_guide() {
    let (m1, m2) = ("30 20 0 0", "20 - 20 -");
    assert_eq!(eval("m1 < m2", &[m1, m2]), points("0 0 1 0"));
    assert_eq!(eval("m1 >= 30", &[m1, m2]), points("1 0 0 0"));
    assert_eq!(eval("m1 > 15 AND m2 > 15", &[m1, m2]), points("1 0 0 0"));
}

const IF_SERIES: [&str; 3] = ["1 1 0 0 -", "30 - 0 0 30", "0 0 20 - 20"];

#[test]
fn if_as_the_guides_text_has_it() {
    let all = IF_SERIES;
    assert_eq!(eval("IF(m1,m2,m3)", &all), points("30 0 20 - -"));
    assert_eq!(eval("IF(m1,5,m3)", &all), points("5 5 20 - -"));
    assert_eq!(eval("IF(m1,m2,5)", &all), points("30 0 5 5 -"));
    assert_eq!(eval("IF(m1,m2)", &all), points("30 0 - - -"));
    assert_eq!(eval("IF(m1>0, m2)", &["1", "-"]), points("0"));
}

#[test]
fn if_as_the_guides_tables_have_it() {
    let all = IF_SERIES;
    let eval = |expression: &str| eval_as(expression, &all, Gaps { if_gaps: IfGaps::Vectors, ..Gaps::default() });
    assert_eq!(eval("IF(m1,m2,m3)"), points("30 0 20 0 -"));
    assert_eq!(eval("IF(m1,5,m3)"), points("5 5 20 - -"));
    assert_eq!(eval("IF(m1,m2,5)"), points("30 0 5 5 -"));
    assert_eq!(eval("IF(m1,m2)"), points("30 - - - -"));
}

#[test]
fn clock_functions_may_be_read_as_sparse() {
    let sparse = Gaps { clock: ClockPoints::WhereTheSeriesHasThem, ..Gaps::default() };
    assert_eq!(eval_as("HOUR(m1)", &["1 -"], sparse), points("10 -"));
}

#[test]
fn a_missing_operand_is_zero_where_the_other_exists() {
    assert_eq!(eval("m1 + m2", &["1 - -", "2 3 -"]), points("3 3 -"));
    assert_eq!(eval("m1 + 5", &["1 -"]), points("6 -"));
    assert_eq!(eval("m1 * 2 - m2", &["1 -", "- 4"]), points("2 -4"));
}

#[test]
fn division_by_zero_drops_the_datapoint() {
    assert_eq!(eval("m1 / m2", &["1 1 1", "2 0 -"]), points("0.5 - -"));
    assert_eq!(eval("m1 / 0", &["1"]), points("-"));
    assert_eq!(eval("m1 + 1 / 0", &["1"]), points("-"));
}

#[test]
fn the_guarded_rate_says_nothing_below_its_floor() {
    let rate = "IF(FILL(m2, 0) >= 20, 100 * m1 / m2, 0)";
    assert_eq!(eval(rate, &["5 5 - - 19", "50 10 40 - 19"]), points("10 0 0 0 0"));
    assert_eq!(eval("100 * m1 / MAX([m1, m2])", &["5 5 -", "50 - 40"]), points("10 100 0"));
}

#[test]
fn fill_in_its_four_forms() {
    assert_eq!(eval("FILL(m1, 7)", &["- 1 -"]), points("7 1 7"));
    assert_eq!(eval("FILL(m1, m2)", &["- 1 -", "4 5 -"]), points("4 1 -"));
    assert_eq!(eval("FILL(m1, REPEAT)", &["- 1 - - 2"]), points("- 1 1 1 2"));
    assert_eq!(eval("FILL(m1, LINEAR)", &["- 1 - - 4 -"]), points("- 1 2 3 4 -"));
}

#[test]
fn aggregates_of_a_series_are_one_number_and_of_an_array_a_series() {
    let all = ["1 2 3", "5 - 7"];
    assert_eq!(eval("m1 - m1 + SUM(m1)", &all), points("6 6 6"));
    assert_eq!(eval("m1 - m1 + MAX(m2)", &all), points("7 7 7"));
    assert_eq!(eval("SUM(METRICS())", &all), points("6 2 10"));
    assert_eq!(eval("MIN([m1, m2])", &all), points("1 2 3"));
    assert_eq!(eval("MAX(METRICS())", &all), points("5 2 7"));
    // AVG counts a missing value as 0.
    assert_eq!(eval("AVG(METRICS())", &all), points("3 1 5"));
    assert_eq!(eval("STDDEV([m1, m2])", &["1", "3"]), points("1"));
    assert_eq!(eval("SUM(METRICS(\"2\"))", &all), points("5 - 7"));
}

#[test]
fn changes_over_time() {
    let m1 = ["60 - 180 240"];
    assert_eq!(eval("RATE(m1)", &m1), points("- - 1 1"));
    assert_eq!(eval("DIFF(m1)", &m1), points("- - 120 60"));
    assert_eq!(eval("DIFF_TIME(m1)", &m1), points("- - 120 60"));
    assert_eq!(eval("RUNNING_SUM(m1)", &m1), points("60 - 240 480"));
}

#[test]
fn arrays_are_sorted_sliced_and_counted() {
    let all = ["1 1", "9 -", "- -"];
    assert_eq!(eval("FIRST(SORT(METRICS(), MAX, DESC))", &all), points("9 -"));
    assert_eq!(eval("FIRST(SLICE(SORT(METRICS(), SUM, ASC), 0))", &all), points("1 1"));
    assert_eq!(eval("SUM(SLICE(SORT(METRICS(), AVG, ASC), 1))", &all), points("9 -"));
    assert_eq!(eval("SUM([METRICS(\"1\"), METRICS(\"2\")])", &all), points("10 1"));
    assert_eq!(eval("SUM(SLICE(METRICS(), 0, 2))", &all), points("10 1"));
    assert_eq!(eval("LAST(SORT(METRICS(), AVG, ASC, 1))", &all), points("1 1"));
    assert_eq!(eval("LAST(REMOVE_EMPTY(METRICS()))", &all), points("9 -"));
    assert_eq!(eval("TIME_SERIES(METRIC_COUNT(METRICS()))", &all), points("3 3"));
    assert_eq!(eval("DATAPOINT_COUNT(METRICS())", &all), points("2 1"));
    assert_eq!(eval("m1 * DATAPOINT_COUNT(m2)", &all), points("1 1"));
    assert_eq!(eval("SUM(SLICE(METRICS(), 7))", &all), points("- -"));
}

#[test]
fn roundings_and_logarithms() {
    assert_eq!(eval("ABS(m1)", &["-2 2"]), points("2 2"));
    assert_eq!(eval("CEIL(m1)", &["1.2"]), points("2"));
    assert_eq!(eval("FLOOR(m1)", &["1.8"]), points("1"));
    assert_eq!(eval("LOG10(m1)", &["100 0"]), points("2 -"));
    assert_eq!(eval("LOG(m1)", &["1 -1"]), points("0 -"));
    assert_eq!(eval("-m1 ^ 2", &["3"]), points("-9"));
    assert_eq!(eval("m1 ^ 0.5", &["9 -1"]), points("3 -"));
}

#[test]
fn the_clock_is_utc_and_monday_is_1() {
    let all = ["1 -"];
    // A minute later there is no datapoint, and there is a time.
    for (function, value, step) in [
        ("MINUTE", 0.0, 1.0),
        ("HOUR", 10.0, 0.0),
        ("DAY", 1.0, 0.0),
        ("DATE", 5.0, 0.0),
        ("MONTH", 1.0, 0.0),
        ("YEAR", 2026.0, 0.0),
        ("EPOCH", 1_767_607_200.0, 60.0),
    ] {
        assert_eq!(eval(&format!("{function}(m1)"), &all), points(&format!("{value} {}", value + step)), "{function}");
    }
    let hours = "IF(HOUR(m1)>=9 AND HOUR(m1)<17 AND DAY(m1)<6, FILL(m1,0), 1)";
    assert_eq!(eval(hours, &["7 -"]), points("7 0"), "silence in working hours is a 0");
    assert_eq!(eval("m1 * PERIOD(m1)", &all), points("60 -"));
}

#[test]
fn what_is_not_supported_or_makes_no_sense_is_refused_when_read() {
    let error = |expression: &str| compile(expression, 1).unwrap_err().to_string();
    for (expression, part) in [
        ("ANOMALY_DETECTION_BAND(m1)", "not supported: function ANOMALY_DETECTION_BAND"),
        ("METRICS() / METRICS()", "not supported: an operator between two arrays"),
        ("METRICS()", "exactly one time series"),
        ("SUM(m1)", "exactly one time series"),
        ("m1 + nope", "no metric or expression `nope`"),
        ("e + m1", "refers to itself"),
        ("SUM(METRICS(\"zz\"))", "matches no metric"),
        ("IF(METRICS(), 1, 0)", "IF takes a number or a time series, not an array"),
    ] {
        assert!(error(expression).contains(part), "{expression}: {}", error(expression));
    }
}
