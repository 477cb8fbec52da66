//! What must stay so: ratios between contestants of one run, and bytes. No time of its own: machines differ.

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;
use serde_json::Value;

use crate::figures::{Results, Spread};

const RATIOS: &str = include_str!("../data/ratios.json");

/// One line of ratios.json.
#[derive(Debug, Deserialize)]
struct Ratio {
    what: String,
    /// `contestant.figure`, such as `validator.warm.cpu_us.median`; or such a figure alone.
    of: String,
    #[serde(default)]
    to: Option<String>,
    #[serde(default)]
    at_least: Option<f64>,
    #[serde(default)]
    at_most: Option<f64>,
}

/// What became of a ratio.
#[derive(Debug)]
pub(crate) enum Verdict {
    Holds(String),
    Fails(String),
    /// A contestant was left out.
    Skipped(String),
}

/// Holds the results against the file.
pub(crate) fn check(results: &Results) -> Result<Vec<Verdict>> {
    let ratios: Vec<Ratio> = serde_json::from_str(RATIOS).context("tools/bench/data/ratios.json")?;
    ratios.iter().map(|ratio| judge(ratio, results)).collect()
}

fn judge(ratio: &Ratio, results: &Results) -> Result<Verdict> {
    let missing = |path: &String| Verdict::Skipped(format!("{}: {path} was not measured", ratio.what));
    let Some(mut value) = figure(results, &ratio.of)? else { return Ok(missing(&ratio.of)) };
    if let Some(to) = &ratio.to {
        let Some(divisor) = figure(results, to)? else { return Ok(missing(to)) };
        value /= divisor;
    }
    let (holds, bound) = match (ratio.at_least, ratio.at_most) {
        (Some(least), None) => (value >= least, format!("at least {least}")),
        (None, Some(most)) => (value <= most, format!("at most {most}")),
        _ => bail!("ratios.json: {}: one of at_least and at_most", ratio.what),
    };
    let line = format!("{}: {value:.2}, {bound}", ratio.what);
    Ok(if holds { Verdict::Holds(line) } else { Verdict::Fails(line) })
}

/// A number of the results; none if its contestant was not measured.
pub(crate) fn figure(results: &Results, path: &str) -> Result<Option<f64>> {
    let median = |spread: Option<Spread>| Ok(spread.map(|spread| spread.median));
    match path {
        "further_record_us" => return median(results.further_record_us),
        "further_put_us" => return median(results.further_put_us),
        _ => {}
    }
    let (id, path_in) = path.split_once('.').with_context(|| format!("ratios.json: {path} names no figure"))?;
    let Some(figures) = results.of(id) else { return Ok(None) };
    let mut value = &serde_json::to_value(figures)?;
    for key in path_in.split('.') {
        value = value.get(key).unwrap_or(&Value::Null);
    }
    if value.is_null() && path_in.ends_with("instructions") {
        return Ok(None);
    }
    Ok(Some(value.as_f64().with_context(|| format!("ratios.json: there is no figure {path}"))?))
}
