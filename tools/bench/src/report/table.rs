use std::fmt::Write as _;

use super::{goals, layers, megabytes, number, time};
use crate::{
    figures::{FateFigures, Figures, Results, Spread},
    goals::Judged,
};

type Row<T> = (&'static str, fn(&Figures) -> T);

const COLUMNS: [Row<String>; 12] = [
    ("start", |f| spread(&f.start.cpu_us)),
    ("first order", |f| spread(&f.first.cpu_us)),
    ("first by TLS", |f| spread(&f.first_https.cpu_us)),
    ("CPU an order", |f| spread(&f.warm.cpu_us)),
    ("unsampled", |f| spread(&f.warm_unsampled.cpu_us)),
    ("answered", |f| spread(&f.answered_us)),
    ("p99", |f| time(f.answered_p99_us)),
    ("instructions (of the first)", |f| format!("{} ({})", count(f.instructions), count(f.first_instructions))),
    ("peak", |f| megabytes(f.peak_kb * 1024.0)),
    ("zip", |f| megabytes(f.zip_bytes as f64)),
    ("log bytes (unsampled)", |f| format!("{} ({})", number(f.log_bytes), number(f.log_bytes_unsampled))),
    ("datagrams", |f| format!("{}", f.datagrams)),
];

fn count(count: Option<u64>) -> String {
    count.map_or_else(|| "-".to_owned(), |count| number(count as f64))
}

fn spread(spread: &Spread) -> String {
    format!("**{}** {}..{}", time(spread.median), time(spread.low), time(spread.high))
}

/// The page.
pub(crate) fn markdown(results: &Results, judged: &[Judged], picture: Option<&str>) -> String {
    let mut page = String::from("# What the functions cost, beside others\n\nMade by `make bench`; do not edit.\n\n");
    if let Some(picture) = picture {
        let _written =
            writeln!(page, "![CPU per order and for a start, the functions beside their peers]({picture})\n");
    }
    let machine = &results.machine;
    let _written = writeln!(
        page,
        "{}, commit `{}`, on {} (core {} of {}, Linux {}), where others kept the machine {} % busy. {} rounds; in each, everyone in turn: \
         a start, a warm-up, {} orders with a sampled trace and in turn as many without, and {} more starts with one order by TLS.\n",
        results.date,
        results.commit,
        machine.cpu,
        machine.core,
        machine.cores,
        machine.kernel,
        machine.busy_percent,
        results.extent.rounds,
        results.extent.invocations,
        results.extent.starts
    );
    if machine.is_busy() {
        page.push_str("**The machine was busy: trust the ratios, not the times.**\n\n");
    }
    page.push_str(table(&results.contestants).as_str());
    if let Some(further) = &results.further_record_us {
        let _written = writeln!(page, "\nEach further record of a batch: {}.", spread(further));
    }
    for left_out in &results.left_out {
        let _written = writeln!(page, "\nLeft out: {}: {}.", left_out.id, left_out.why);
    }
    page.push_str(NOTES);
    if let Some(layers) = layers::order(results) {
        page.push_str("\n## Where an order's time goes in the validator\n\n");
        page.push_str(&layers);
    }
    if let Some(layers) = layers::record(results) {
        page.push_str("\n## Where a further record's time goes in the processor\n\n");
        page.push_str(&layers);
    }
    page.push_str(GOALS);
    page.push_str(&goals(judged));
    if !results.fates.is_empty() {
        page.push_str("\n## What an order leaves behind\n\nBytes and datagrams of one invocation, by what became of the order.\n\n");
        page.push_str(&fates(&results.fates));
    }
    if let Some(cost) = &results.cost {
        let _written = writeln!(
            page,
            "\nAll fates together write {} custom metrics. A stored order writes {} KB of log in both functions, {} KB when its trace is sampled.",
            cost.custom_metrics, cost.log_kb_per_order, cost.log_kb_per_sampled_order
        );
    }
    page
}

const NOTES: &str = "
Medians with quartiles. Times are processor time of the function's process, from exec to its first request for an event (start) \
and from an event to the request for the next one, but for *answered* and *p99*: time on the wall until the answer. \
Harness and function share one core, AWS answers from loopback at once, and the benchmark's authority is one more root beside those that \
everyone trusts: our functions Amazon's, which they carry, peers the system's, which their SDKs load. \
Peers validate the order by the project's schema, send it to SQS, and write trace, EMF metrics and a JSON log line, \
with AWS's own runtime client; the Rust floors only pass the body on, or not even that. \
The first order comes right behind the start, so that the handshake of the connection that our functions open by themselves is in its \
time; its instructions are counted once that connection is open, and those of a peer with its handshake. \
Lambda's Python and Node bring their SDK and runtime client along, so that less than the zip given here would be uploaded.
";

const GOALS: &str = "
## Goals

Set on 2026-11-25 on another machine, which was faster: there Lambda's runtime client alone took 32 µs and with the SDK 136 µs, \
Python with Powertools 1,080 to 1,160 µs. Ratios, bytes and instructions compare; times do where these rows are alike.

";

fn table(contestants: &[Figures]) -> String {
    let mut out = String::from("| |");
    for (head, _) in COLUMNS {
        let _written = write!(out, " {head} |");
    }
    out.push_str("\n| --- |");
    out.push_str(&" ---: |".repeat(COLUMNS.len()));
    out.push('\n');
    for figures in contestants {
        let _written = write!(out, "| {} |", figures.title);
        for (_, cell) in COLUMNS {
            let _written = write!(out, " {} |", cell(figures));
        }
        out.push('\n');
    }
    out
}

/// What is left behind, by fate.
pub(crate) fn fates(fates: &[FateFigures]) -> String {
    let mut out = String::from(
        "| function | fate | sampled | log bytes | lines | datagrams | their bytes | AWS calls |\n| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |\n",
    );
    for fate in fates {
        let _written = writeln!(
            out,
            "| {} | {} | {} | {} | {} | {} | {} | {} |",
            fate.function,
            fate.fate,
            if fate.sampled { "yes" } else { "no" },
            number(fate.log_bytes as f64),
            fate.log_lines,
            fate.datagrams,
            number(fate.datagram_bytes as f64),
            fate.calls
        );
    }
    out
}

/// Two runs, figure by figure; a change smaller than both spreads is marked as none.
pub(crate) fn comparison(before: &Results, after: &Results) -> String {
    let figures: [Row<Spread>; 6] = [
        ("start", |f| f.start.cpu_us),
        ("first", |f| f.first.cpu_us),
        ("first by TLS", |f| f.first_https.cpu_us),
        ("CPU an order", |f| f.warm.cpu_us),
        ("unsampled", |f| f.warm_unsampled.cpu_us),
        ("answered", |f| f.answered_us),
    ];
    let counts: [Row<Option<f64>>; 6] = [
        ("instructions", |f| f.instructions.map(|count| count as f64)),
        ("peak KB", |f| Some(f.peak_kb)),
        ("zip bytes", |f| Some(f.zip_bytes as f64)),
        ("log bytes", |f| Some(f.log_bytes)),
        ("log bytes unsampled", |f| Some(f.log_bytes_unsampled)),
        ("datagrams", |f| Some(f.datagrams)),
    ];
    let mut out =
        format!("| | | {} | {} | change |\n| --- | --- | ---: | ---: | ---: |\n", before.commit, after.commit);
    let mut row = |title: &str, what: &str, old: String, new: String, (from, to): (f64, f64), apart: bool| {
        let change =
            if from == 0.0 || !apart { "-".to_owned() } else { format!("{:+.1} %", (to / from - 1.0) * 100.0) };
        let _written = writeln!(out, "| {title} | {what} | {old} | {new} | {change} |");
    };
    for new in &after.contestants {
        let Some(old) = before.of(&new.id) else { continue };
        for (what, of) in figures {
            let (old, now) = (of(old), of(new));
            let apart = now.high < old.low || now.low > old.high;
            row(&new.title, what, spread(&old), spread(&now), (old.median, now.median), apart);
        }
        for (what, of) in counts {
            if let (Some(old), Some(now)) = (of(old), of(new)) {
                row(&new.title, what, number(old), number(now), (old, now), old != now);
            }
        }
    }
    if let (Some(old), Some(now)) = (before.further_record_us, after.further_record_us) {
        let apart = now.high < old.low || now.low > old.high;
        row("processor", "further record", spread(&old), spread(&now), (old.median, now.median), apart);
    }
    out
}
