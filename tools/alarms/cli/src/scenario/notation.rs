//! The compact notation of a series: `0x10 5+1x3 _x5 {80#95,3000#5}x4`.

use cloudwatch::Sample;

/// No series may be longer: a typing error must not fill the memory.
const MAX_POINTS: usize = 1_000_000;

/// Why a series is not one.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{item}`: {reason}")]
pub struct NotationError {
    /// The item.
    pub item: String,
    /// What is wrong with it.
    pub reason: String,
}

/// Reads a series. Items are separated by spaces:
///
/// - `5` one point; `5x3` three points (exactly three, other than in promtool);
/// - `5+2x3` is 5 7 9, `5-2x3` is 5 3 1;
/// - `_` a missing point, `_x3` three;
/// - `80#95` one point made of 95 samples of 80; `{80#95,3000#5}` one point of 95 samples of 80 and 5 of
///   3000; both can be repeated with `x`.
pub fn parse_series(text: &str) -> Result<Vec<Option<Sample>>, NotationError> {
    let mut points = Vec::new();
    for item in text.split_whitespace() {
        expand(item, &mut points).map_err(|reason| NotationError { item: item.to_owned(), reason })?;
    }
    Ok(points)
}

fn expand(item: &str, points: &mut Vec<Option<Sample>>) -> Result<(), String> {
    let (body, times) = match item.rsplit_once('x') {
        None => (item, 1),
        Some((body, times)) => {
            (body, times.parse::<usize>().map_err(|_| format!("`{times}` is not a number of points"))?)
        }
    };
    if points.len().saturating_add(times) > MAX_POINTS {
        return Err(format!("a series has at most {MAX_POINTS} points"));
    }
    if body == "_" {
        points.extend(std::iter::repeat_n(None, times));
    } else if let Some(inner) = body.strip_prefix('{') {
        let inner = inner.strip_suffix('}').ok_or("the brace is not closed")?;
        let pairs: Vec<_> = inner.split(',').map(weighted).collect::<Result<_, _>>()?;
        let sample = Sample::values(&pairs).map_err(|error| error.to_string())?;
        points.extend(std::iter::repeat_n(Some(sample), times));
    } else if body.contains('#') {
        let sample = Sample::values(&[weighted(body)?]).map_err(|error| error.to_string())?;
        points.extend(std::iter::repeat_n(Some(sample), times));
    } else {
        let (first, step) = match stepped(body) {
            Some((first, step)) => (number(first)?, number(step)?),
            None => (number(body)?, 0.0),
        };
        for index in 0..times {
            let value = Sample::value(first + step * index as f64);
            points.push(Some(value.map_err(|error| error.to_string())?));
        }
    }
    Ok(())
}

/// Splits `5+2` or `5-2` behind the first number; the sign stays with the step.
fn stepped(body: &str) -> Option<(&str, &str)> {
    let from_second = body.char_indices().skip(1);
    let exponent = |at: usize| matches!(body.as_bytes().get(at.wrapping_sub(1)), Some(b'e' | b'E'));
    let at = from_second.filter(|(at, c)| matches!(c, '+' | '-') && !exponent(*at)).map(|(at, _)| at).next()?;
    body.split_at_checked(at)
}

fn number(text: &str) -> Result<f64, String> {
    text.parse::<f64>().ok().filter(|value| value.is_finite()).ok_or_else(|| format!("`{text}` is not a number"))
}

/// `80#95`, or `80` for one sample.
fn weighted(text: &str) -> Result<(f64, f64), String> {
    match text.split_once('#') {
        Some((value, count)) => Ok((number(value.trim())?, number(count.trim())?)),
        None => Ok((number(text.trim())?, 1.0)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sums(text: &str) -> Vec<Option<f64>> {
        let points = parse_series(text).unwrap();
        points.iter().map(|point| point.as_ref().map(Sample::sum)).collect()
    }

    #[test]
    fn the_notation_says_how_many_points_there_are() {
        assert_eq!(sums("5"), [Some(5.0)]);
        assert_eq!(sums("5x3"), [Some(5.0); 3]);
        assert_eq!(sums("5+2x3"), [Some(5.0), Some(7.0), Some(9.0)]);
        assert_eq!(sums("5-2x3"), [Some(5.0), Some(3.0), Some(1.0)]);
        assert_eq!(sums("-1-1x2"), [Some(-1.0), Some(-2.0)]);
        assert_eq!(sums("1e-1x1"), [Some(0.1)]);
        assert_eq!(sums("_x2 1 _"), [None, None, Some(1.0), None]);
        assert_eq!(sums("80#2 {1#2,3}x2"), [Some(160.0), Some(5.0), Some(5.0)]);
        assert_eq!(sums(""), []);
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| parse_series(text).unwrap_err().to_string();
        assert_eq!(error("1 5xx"), "`5xx`: `` is not a number of points");
        assert_eq!(error("{1,2"), "`{1,2`: the brace is not closed");
        assert_eq!(error("1#0"), "`1#0`: a sample count must be above zero");
        assert_eq!(error("1x99999999"), "`1x99999999`: a series has at most 1000000 points");
    }
}
