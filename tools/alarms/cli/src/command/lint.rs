use std::path::PathBuf;

use alarms_cli::{
    lint::{self, Dashboards, Emitted, Finding, Limits, Pages, Runbooks},
    report,
    scenario::Location,
    schema,
    sources::{Form as SourceForm, Group, catalogue::fill},
};
use anyhow::Context as _;
use clap::Args;
use cli::{output, text::count};
use serde_json::Value;

use super::{
    Observability, Source,
    cost::{PriceList, words},
    input,
    input::Input,
    output::{Form, Format},
};

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms lint                                    the project's alarms, or those of the folder\n\
    \x20 alarms lint template.yaml --set Stage=prod     with a parameter's value\n\
    \x20 alarms lint cdk.out --format github            annotations for a workflow\n\
    \x20 alarms lint plan.json --sarif alarms.sarif\n\
    \x20 terraform show -json plan | alarms lint -")]
pub(super) struct Lint {
    #[command(flatten)]
    source: Source,
    /// Lists of what own namespaces emit, YAML or JSON
    #[arg(long, value_name = "FILE")]
    emitted: Vec<PathBuf>,
    /// Settings that thresholds follow, JSON
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
    /// The runbook pages of a catalogue
    #[arg(long, value_name = "FOLDER")]
    runbooks: Option<PathBuf>,
    /// The dashboards' bodies of a catalogue
    #[arg(long, value_name = "FOLDER")]
    dashboards: Option<PathBuf>,
    #[command(flatten)]
    prices: PriceList,
    /// Fail when an alarm is not supported, and so goes unchecked
    #[arg(long)]
    deny_unsupported: bool,
    #[command(flatten)]
    form: Form,
}

impl Lint {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let input = self.source.read()?;
        let emitted = self.emitted(&input)?;
        let mut findings = Vec::new();
        for group in input.found.groups.iter().filter(|group| !group.is_empty()) {
            findings.extend(self.check(&input, group, &emitted)?);
        }
        for (file, form) in &input.forms {
            if *form == SourceForm::Catalogue {
                findings.extend(schema::check(file, &input::read_text(file.as_ref())?)?);
            }
        }
        let ignored = input.project.ignore(&mut findings);
        findings.sort_by_key(|finding| (finding.is_note, finding.clone()));
        let prices = self.prices.read()?;
        let price = prices.of_groups(&input.found.groups);
        let left_out = input.not_supported();
        let real = findings.iter().filter(|finding| !finding.is_note).count();
        let alarms: usize = input.found.groups.iter().map(|group| group.catalogue.len() + group.open.len()).sum();
        if self.form.format() == Format::Json {
            let answer = serde_json::json!({
                "findings": findings,
                "notEvaluated": left_out,
                "price": price,
                "customMetrics": emitted.custom().iter().map(|key| key.name.as_str()).collect::<Vec<_>>(),
                "prices": prices,
            });
            output::line(answer)?;
        } else if self.form.is_text() {
            output::text(report::findings(&findings))?;
            let ignored = if ignored > 0 { format!(", {ignored} ignored") } else { String::new() };
            output::line(format_args!(
                "{}: {}{ignored}, {} not supported",
                count(alarms, "alarm"),
                count(real, "finding"),
                left_out.len()
            ))?;
            output::line(words(&price, &prices))?;
        }
        self.form.tell(&report::of_findings(&findings))?;
        let denied = self.deny_unsupported && !left_out.is_empty();
        Ok(real == 0 && !denied)
    }

    fn emitted(&self, input: &Input) -> anyhow::Result<Emitted> {
        let mut emitted = Emitted::aws()?;
        // What a project says of its own resources is not about a plan that somebody names beside it.
        let project = &input.project.lint.emitted;
        let own = if input.is_catalogue() || !self.source.is_named() { project.as_slice() } else { &[] };
        for file in self.emitted.iter().chain(own) {
            let text = fill(&input::read_text(file)?, &input.values);
            emitted = emitted.and(&text).with_context(|| file.display().to_string())?;
        }
        Ok(emitted)
    }

    fn check(&self, input: &Input, group: &Group, emitted: &Emitted) -> anyhow::Result<Vec<Finding>> {
        // Pages, dashboards and settings are a catalogue's; another project's folders of the same names are left alone.
        let ours = input.is_catalogue();
        let project = &input.project.lint;
        // What is written about the alarms is about all of them: it is checked with those.
        let all = ours && self.source.how.observability == Observability::Full;
        let settings: Option<Value> = self
            .settings
            .as_ref()
            .or(project.settings.as_ref())
            .filter(|_| ours)
            .map(|file| {
                let text = input::read_text(file)?;
                serde_json::from_str(&text).with_context(|| file.display().to_string())
            })
            .transpose()?;
        let mut limits = Limits::of_resources(&input.found.resources);
        if let Some(settings) = &settings {
            limits.0.extend(Limits::of(emitted, settings).0);
        }
        let folder = self.runbooks.as_ref().or(project.runbooks.as_ref()).filter(|_| all);
        let named = |folder: &PathBuf| folder.display().to_string();
        let runbooks = folder.map(|folder| Runbooks::of(folder).with_context(|| named(folder))).transpose()?;
        let pages = folder.map(|folder| Pages::read(folder).with_context(|| named(folder))).transpose()?;
        let folder = self.dashboards.as_ref().or(project.dashboards.as_ref()).filter(|_| all);
        let filled = |text: &str| fill(text, &input.values);
        let dashboards = folder.map(|folder| Dashboards::read(folder, &filled)).transpose()?;
        let options = self.source.options();
        let catalogue = group.whole();
        let mut findings = lint::run(&lint::Context {
            catalogue: &catalogue,
            emitted,
            limits: &limits,
            settings: settings.as_ref(),
            runbooks: runbooks.as_ref(),
            pages: pages.as_ref(),
            dashboards: dashboards.as_ref(),
            options: &options,
            ours,
        });
        for finding in &mut findings {
            finding.place = group
                .line_of(&finding.alarm)
                .filter(|(file, _)| *file != input::LIVE)
                .map(|(file, line)| Location { file: file.to_owned(), line: line.unwrap_or(1) });
        }
        Ok(findings)
    }
}
