//! The values that an alarm looks at, as CloudWatch computes them now.

use anyhow::{Context as _, Result};
use aws_sdk_cloudwatch::{
    Client,
    types::{MetricAlarm, ScanBy},
};
use aws_smithy_types::DateTime;

/// Those of the alarm's last evaluation periods that have data, the newest first.
pub(super) async fn recent(client: &Client, alarm: &MetricAlarm, now: i64) -> Result<Vec<f64>> {
    let queries = alarm.metrics.clone().unwrap_or_default();
    let Some(period) = queries.iter().filter_map(|query| query.metric_stat.as_ref()?.period).max() else {
        return Ok(Vec::new());
    };
    let end = now.div_euclid(60) * 60;
    let wanted = alarm.evaluation_periods.unwrap_or(1);
    let periods = i64::from(wanted) + 2;
    let answer = client
        .get_metric_data()
        .set_metric_data_queries(Some(queries))
        .start_time(DateTime::from_secs(end - periods * i64::from(period)))
        .end_time(DateTime::from_secs(end))
        .scan_by(ScanBy::TimestampDescending)
        .send()
        .await
        .with_context(|| format!("can't read the metrics of {}", alarm.alarm_name.as_deref().unwrap_or_default()))?;
    let mut values = answer
        .metric_data_results
        .unwrap_or_default()
        .into_iter()
        .find_map(|result| result.values.filter(|values| !values.is_empty()))
        .unwrap_or_default();
    values.truncate(usize::try_from(wanted)?);
    Ok(values)
}

/// Up to two decimals.
pub(super) fn short(value: f64) -> String {
    let text = format!("{value:.2}");
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_as_short_as_they_can_be() {
        assert_eq!([5.0, 14.4, 0.126, 100.0, 0.0].map(short), ["5", "14.4", "0.13", "100", "0"]);
    }
}
