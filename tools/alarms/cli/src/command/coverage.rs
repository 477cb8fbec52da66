use alarms_cli::coverage::{coverage, markdown};
use clap::Args;
use cli::{
    output,
    text::{clean, count},
};

use super::Source;

#[derive(Debug, Args)]
#[command(after_help = "Examples:\n\
    \x20 alarms coverage                                which resources have no alarm on what matters\n\
    \x20 alarms coverage plan.json --markdown           for a comment on a pull request\n\
    \x20 alarms coverage template.json --deny-missing   exit 1 when there is such a resource")]
pub(super) struct Coverage {
    #[command(flatten)]
    source: Source,
    /// Print Markdown, for a comment on a pull request
    #[arg(long)]
    markdown: bool,
    /// Print it as JSON
    #[arg(long, conflicts_with = "markdown")]
    json: bool,
    /// Fail when a resource has no alarm on something that matters
    #[arg(long)]
    deny_missing: bool,
}

impl Coverage {
    pub(super) fn run(&self) -> anyhow::Result<bool> {
        let input = self.source.read()?;
        let covered = coverage(&input.found)?;
        let missing = covered.iter().filter(|one| !one.missing.is_empty()).count();
        if self.json {
            output::json(&covered)?;
        } else if self.markdown {
            output::text(markdown(&covered))?;
        } else {
            for one in &covered {
                for gap in &one.missing {
                    output::line(format_args!(
                        "{}: no alarm on {} ({})\n  to begin with: {}",
                        clean(&one.resource),
                        gap.metric,
                        gap.why,
                        gap.alarm
                    ))?;
                }
            }
            let watched = covered.len() - missing;
            output::line(format_args!(
                "{}: {watched} watched in all that matters, {missing} not",
                count(covered.len(), "resource")
            ))?;
        }
        Ok(missing == 0 || !self.deny_missing)
    }
}
