use std::path::PathBuf;

use alarms::catalogue::Alarm;
use alarms_cli::backtest::{Recording, backtest};
use anyhow::{Context as _, bail};
use clap::Args;
use cli::{output, text::count, time};

use super::{Source, explain, input};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms backtest queue-age --series ages.csv\n\
    \x20 alarms backtest queue-age plan.json --series week.json --threshold 60 --threshold 120")]
pub(super) struct Backtest {
    /// The alarm's key, name or address
    name: String,
    #[command(flatten)]
    source: Source,
    /// The threshold to try, more than once to compare; the alarm's own without
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    threshold: Vec<f64>,
    /// The recording: what `aws cloudwatch get-metric-data` or `get-metric-statistics` answers, the console's CSV, or time,value
    #[arg(long, value_name = "FILE")]
    series: PathBuf,
    /// Print the result as JSON
    #[arg(long)]
    json: bool,
}

impl Backtest {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let read = self.source.read()?;
        let (_, Alarm::Metric(alarm)) = explain::find(&read, &self.name)? else {
            bail!("`{}` is a composite alarm; backtest the alarms in its rule", self.name);
        };
        let text = input::read_text(&self.series)?;
        let recording = Recording::read(&text, alarm).with_context(|| self.series.display().to_string())?;
        let thresholds = if self.threshold.is_empty() { vec![alarm.spec.threshold] } else { self.threshold.clone() };
        let mut results = Vec::new();
        for threshold in thresholds {
            results.push(backtest(alarm, threshold, &recording, &self.source.options())?);
        }
        if self.json {
            output::line(serde_json::to_string(&results)?)?;
            return Ok(true);
        }
        for result in &results {
            output::line(format_args!(
                "{} {} {}: fired {}, {} in ALARM, {}",
                self.name,
                alarm.spec.comparison.symbol(),
                result.threshold,
                count(result.episodes.len(), "time"),
                time::exact(result.seconds_in_alarm),
                count(result.evaluations, "evaluation"),
            ))?;
            for episode in &result.episodes {
                let time = |at| jiff::Timestamp::from_second(at).map_or_else(|_| at.to_string(), |t| t.to_string());
                let to = episode.to.map_or("the end of the recording".to_owned(), time);
                output::line(format_args!("  {} to {to}", time(episode.from)))?;
            }
        }
        Ok(true)
    }
}
