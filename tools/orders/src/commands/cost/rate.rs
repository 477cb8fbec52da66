//! How many orders: `1000/day`.

use anyhow::{Context as _, Result, bail};

/// Orders over time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rate {
    pub(super) a_day: f64,
}

/// Of an hour, a day and a month (of that many days); a month's length is prices.json's.
const HOURS_PER_DAY: f64 = 24.0;
const DAYS_PER_MONTH: f64 = 30.0;

/// `1000/day`, `40/hour`, `1e6/month`.
pub(super) fn parse(text: &str) -> Result<Rate> {
    let (count, unit) = text.split_once('/').context("orders over time: 1000/day, 40/hour, 1e6/month")?;
    let count: f64 = count.trim().replace([',', '_'], "").parse().with_context(|| format!("{count} is no number"))?;
    if !count.is_finite() || count <= 0.0 {
        bail!("more than 0 orders");
    }
    let days = match unit.trim() {
        "hour" | "h" => 1.0 / HOURS_PER_DAY,
        "day" | "d" => 1.0,
        "month" => DAYS_PER_MONTH,
        other => bail!("an hour, a day or a month, not `{other}`: 1000/day"),
    };
    Ok(Rate { a_day: count / days })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_a_number_over_a_time() {
        let day = |text: &str| parse(text).map(|rate| rate.a_day).ok();
        assert_eq!(
            ["1000/day", "1,000/d", "40/hour", "3e6/month", "0.5/h"].map(day),
            [1000.0, 1000.0, 960.0, 100_000.0, 12.0].map(Some)
        );
        for wrong in ["1000", "0/day", "-1/day", "many/day", "10/year", "inf/day", "/day"] {
            assert_eq!(day(wrong), None, "{wrong}");
        }
    }
}
