//! A metric's target: a number, an array of numbers, or a histogram.

use serde_json::Value;

use crate::sample::Sample;

/// Of an array.
const MAX_VALUES: usize = 100;
/// Of a histogram, which the specification does not know: as PutMetricData.
const MAX_BUCKETS: usize = 150;

pub(super) fn sample(target: &Value) -> Result<Sample, String> {
    let pairs = match target {
        Value::Number(_) => vec![(number(target)?, 1.0)],
        Value::Array(values) if (1..=MAX_VALUES).contains(&values.len()) => {
            values.iter().map(|value| Ok((number(value)?, 1.0))).collect::<Result<_, String>>()?
        }
        Value::Array(values) => return Err(format!("{} values, 1 to {MAX_VALUES} are taken", values.len())),
        Value::Object(histogram) => {
            let Some(values) = histogram.get("Values").and_then(Value::as_array) else {
                return Err("an object without Values".into());
            };
            if !(1..=MAX_BUCKETS).contains(&values.len()) {
                return Err(format!("{} Values, 1 to {MAX_BUCKETS} are taken", values.len()));
            }
            match histogram.get("Counts") {
                None => values.iter().map(|value| Ok((number(value)?, 1.0))).collect::<Result<_, String>>()?,
                Some(Value::Array(counts)) if counts.len() == values.len() => values
                    .iter()
                    .zip(counts)
                    .map(|(value, count)| Ok((number(value)?, number(count)?)))
                    .collect::<Result<_, String>>()?,
                Some(_) => return Err("Counts is not as long as Values".into()),
            }
        }
        _ => return Err("neither a number, nor an array of numbers, nor a histogram".into()),
    };
    Sample::values(&pairs).map_err(|error| error.to_string())
}

fn number(value: &Value) -> Result<f64, String> {
    value.as_f64().ok_or_else(|| format!("{value} is no number"))
}
