//! What a run came to, for people and for scripts.

use std::{collections::BTreeMap, fmt::Write as _};

use serde::Serialize;

use crate::{
    check::{Verdict, Word},
    plan::Event,
    stack::CHANGED,
};

/// What a run came to.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Makes the same orders and faults again.
    pub seed: u64,
    /// How many orders clients had.
    pub orders: u32,
    /// What holds, and what does not.
    pub verdict: Verdict,
    /// By name and target: how many.
    pub(crate) faults: BTreeMap<String, u64>,
    /// Letters that `orders dlq redrive` had to send back in the end.
    pub(crate) redriven: u64,
    pub(crate) alarm: String,
    pub(crate) traced: u64,
    pub(crate) sending_s: u64,
    pub(crate) whole_s: u64,
}

/// Findings that are listed; all of them are in the JSON.
const LISTED: usize = 20;

impl Report {
    /// Did everything hold?
    #[must_use]
    pub fn is_well(&self) -> bool {
        self.verdict.findings.is_empty()
    }

    /// # Errors
    /// Never: it is numbers and text.
    pub fn json(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string_pretty(self)
    }

    /// For people.
    #[must_use]
    pub fn markdown(&self) -> String {
        let verdict = &self.verdict;
        let mut out = format!("# Soak: {} orders, seed {}\n\n", self.orders, self.seed);
        let count = |word| verdict.count(word);
        let summary = [
            ("lost", count(Word::Lost)),
            ("duplicated", count(Word::Duplicated)),
            ("unexpected", count(Word::Unexpected)),
            ("changed", count(Word::Changed)),
            ("disagreements", count(Word::Disagrees)),
            ("alarms", count(Word::Alarmed)),
        ];
        let summary: Vec<_> = summary.iter().map(|(word, count)| format!("{count} {word}")).collect();
        let _ = writeln!(
            out,
            "**{}.** {} recovered of {} unknown.\n\n`ORDERS={} SEED={} make soak` runs it again; sending took {} s, all of it {} s.\n",
            summary.join(", "),
            verdict.recovered,
            verdict.unknown,
            self.orders,
            self.seed,
            self.sending_s,
            self.whole_s
        );
        self.findings(&mut out);
        self.accounts(&mut out);
        self.broken(&mut out);
        out
    }

    fn findings(&self, out: &mut String) {
        let findings = &self.verdict.findings;
        if findings.is_empty() {
            return;
        }
        out.push_str("## What does not hold\n\n");
        for finding in findings.iter().take(LISTED) {
            let _ = writeln!(out, "- {}: {}", format!("{:?}", finding.word).to_lowercase(), finding.what);
        }
        if findings.len() > LISTED {
            let _ = writeln!(out, "- and {} more", findings.len() - LISTED);
        }
        out.push('\n');
    }

    fn accounts(&self, out: &mut String) {
        let verdict = &self.verdict;
        out.push_str("## Orders\n\n| | |\n|---|---:|\n");
        for (what, count) in [
            ("sent", verdict.sent),
            ("acked", verdict.acked),
            ("refused", verdict.refused),
            ("unknown", verdict.unknown),
            ("recovered: unknown and stored", verdict.recovered),
            ("stored", verdict.stored),
            ("acked and dead, with a reason", verdict.dead),
            ("poison and conflicts of others, all dead letters with their reason", verdict.foreign),
            ("dead letters sent back in the end", self.redriven),
        ] {
            let _ = writeln!(out, "| {what} | {count} |");
        }
        out.push_str("\n## Sources that must agree\n\n| What | One | Other |\n|---|---:|---:|\n");
        for agreement in &verdict.agreements {
            let ((one, first), (other, second)) = (agreement.one, agreement.other);
            let _ = writeln!(out, "| {} | {one} {first} | {other} {second} |", agreement.what);
        }
        let _ = writeln!(
            out,
            "| orders-unaccounted | alarm {} | by its equation at rest {} |\n\n{} requests were traced, each trace compared with its log lines unit by unit.\n",
            self.alarm, verdict.unaccounted, self.traced
        );
    }

    fn broken(&self, out: &mut String) {
        out.push_str(
            "## Faults\n\nNamed as AWS FIS names its actions, where it has one.\n\n| Fault | Times |\n|---|---:|\n",
        );
        for (fault, count) in &self.faults {
            let _ = writeln!(out, "| {fault} | {count} |");
        }
        let changed: Vec<_> = CHANGED.iter().map(|(place, value)| format!("`{place}` {value}")).collect();
        let _ = writeln!(
            out,
            "\nThe functions' zips and all settings are production's but {}, so that retries pass in seconds. The emulator (ministack) \
             stands for AWS: its queues are in order, and what it does under load is not AWS's.",
            changed.join(", ")
        );
    }
}

/// How often each fault was carried out.
pub(crate) fn counted(events: &[Event]) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for event in events {
        *counts.entry(format!("`{}` {}", event.fault.name(), event.fault.target())).or_default() += 1;
    }
    counts
}
