//! The index of the runbooks: from what somebody sees to the alarm and its page. Written from the catalogue, never by hand.

use alarms::{
    catalogue::{Alarm, Catalogue},
    model::Severity,
};

const BEGIN: &str = "<!-- written by `alarms index`, from terraform/alarms.yaml -->";
const END: &str = "<!-- end of the index -->";

/// A file without the two lines that the index stands between.
#[derive(Debug, thiserror::Error)]
#[error("it has no place for the index: the lines `{BEGIN}` and `{END}`")]
pub struct NoPlace;

/// The file with its index as the catalogue has it.
pub fn write(readme: &str, catalogue: &Catalogue) -> Result<String, NoPlace> {
    let (before, rest) = readme.split_once(BEGIN).ok_or(NoPlace)?;
    let (_, after) = rest.split_once(END).ok_or(NoPlace)?;
    Ok(format!("{before}{BEGIN}\n\n{}\n{END}{after}", table(catalogue)))
}

/// Pages come first, then tickets, then what tells nobody by itself.
fn table(catalogue: &Catalogue) -> String {
    let mut text = "| What is seen | Alarm | Notifies | Runbook | Drill |\n|---|---|---|---|---|\n".to_owned();
    for (severity, tells) in
        [(Severity::Page, "page"), (Severity::Ticket, "ticket"), (Severity::None, "through a composite")]
    {
        let alarms = catalogue.alarms().filter(|alarm| alarm.about().severity == Some(severity));
        alarms.for_each(|alarm| row(alarm, tells, &mut text));
    }
    text
}

fn row(alarm: Alarm<'_>, tells: &str, text: &mut String) {
    let about = alarm.about();
    let page = about.runbook.as_ref().map(|page| format!("[{page}]({page}.md)")).unwrap_or_default();
    let drill = about.drill.as_deref().unwrap_or_default();
    let summary = &about.summary;
    text.push_str(&format!("| {summary} | `{}` | {tells} | {page} | {drill} |\n", alarm.key()));
}
