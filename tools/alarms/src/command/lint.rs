use super::cost::{PriceList, words};
use super::{Observability, Source, input, schema};
use alarms::lint::{self, Dashboards, Emitted, Limits, Pages, Runbooks};
use alarms::report;
use anyhow::Context as _;
use clap::Args;
use cli::output;
use std::path::PathBuf;

#[derive(Debug, Args)]
pub(super) struct Lint {
    #[command(flatten)]
    source: Source,
    /// More lists of emitted metrics, YAML or JSON; the project's own is built in
    #[arg(long, value_name = "FILE")]
    emitted: Vec<PathBuf>,
    /// Timeouts and retentions, for thresholds that follow them or lie out of their reach
    #[arg(long, value_name = "FILE", default_value = "terraform/settings.json")]
    settings: PathBuf,
    /// The runbook pages
    #[arg(long, value_name = "FOLDER", default_value = "runbooks")]
    runbooks: PathBuf,
    /// The dashboards' bodies
    #[arg(long, value_name = "FOLDER", default_value = "dashboards")]
    dashboards: PathBuf,
    #[command(flatten)]
    prices: PriceList,
    /// Fail when an alarm is not supported, and so goes unchecked
    #[arg(long)]
    deny_unsupported: bool,
    /// Print the findings as JSON
    #[arg(long)]
    json: bool,
}

impl Lint {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let catalogue = self.source.read()?;
        let names = self.source.names();
        let placeholders = names.placeholders();
        let ours = self.source.plan.is_none();
        // What is written about the alarms is about all of them: pages, runbooks and dashboards are checked with those.
        let all = self.source.observability == Observability::Full;
        let mut emitted = Emitted::aws()?;
        if ours {
            emitted = emitted.and(Emitted::PROJECT, &placeholders)?;
        }
        for file in &self.emitted {
            let text = input::read(file)?;
            emitted = emitted.and(&text, &placeholders).with_context(|| file.display().to_string())?;
        }
        let (limits, settings) = if ours {
            let text = input::read(&self.settings)?;
            let file = || self.settings.display().to_string();
            let limits = Limits::of(&serde_json::from_str(&text).with_context(file)?, &names);
            (Some(limits), Some(serde_json::from_str(&text).with_context(file)?))
        } else {
            (None, None)
        };
        let runbooks = Runbooks::of(&self.runbooks);
        let runbooks = runbooks.with_context(|| self.runbooks.display().to_string())?;
        let pages = Pages::read(&self.runbooks).with_context(|| self.runbooks.display().to_string())?;
        let dashboards =
            if ours && all { Dashboards::read(&self.dashboards, &placeholders)? } else { Dashboards::default() };
        let options = self.source.options();
        let mut findings = lint::run(&lint::Context {
            catalogue: &catalogue,
            emitted: &emitted,
            limits: limits.as_ref(),
            settings: settings.as_ref(),
            runbooks: (ours && all).then_some(&runbooks),
            pages: (ours && all).then_some(&pages),
            dashboards: Some(&dashboards),
            options: &options,
            ours,
        });
        if ours {
            findings.extend(schema::check(&input::read(self.source.file())?)?);
            findings.sort();
        }
        let prices = self.prices.read()?;
        let price = prices.of(&catalogue);
        if self.json {
            let answer = serde_json::json!({
                "findings": findings,
                "notEvaluated": catalogue.not_supported,
                "price": price,
                "customMetrics": emitted.custom().iter().map(|key| key.name.as_str()).collect::<Vec<_>>(),
                "prices": prices,
            });
            output::line(answer)?;
        } else {
            output::text(report::findings(&findings))?;
            output::line(format_args!(
                "{} alarms: {} findings, {} not supported",
                catalogue.len(),
                findings.len(),
                catalogue.not_supported.len()
            ))?;
            output::line(words(&price, &prices))?;
        }
        let denied = self.deny_unsupported && !catalogue.not_supported.is_empty();
        Ok(findings.is_empty() && !denied)
    }
}
