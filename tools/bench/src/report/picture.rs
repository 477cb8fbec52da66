use std::fmt::Write as _;

use super::time;
use crate::figures::{Figures, Results};

const WIDTH: f64 = 860.0;
const LABELS: f64 = 250.0;
const ROW: f64 = 26.0;
const VALUES: f64 = 90.0;

/// Bars of CPU per order and of the start, shortest first, on a scale from nothing.
pub(crate) fn svg(results: &Results) -> String {
    let mut rows: Vec<&Figures> = results.contestants.iter().filter(|figures| !figures.is_batch()).collect();
    rows.sort_by(|a, b| a.warm.cpu_us.median.total_cmp(&b.warm.cpu_us.median));
    let panel = ROW * rows.len() as f64 + 44.0;
    let height = panel * 2.0 + 34.0;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height:.0}\" role=\"img\" font-family=\"system-ui, sans-serif\" font-size=\"14\">\n\
         <title>Processor time per order and for a start</title>\n{STYLE}\n"
    );
    chart(&mut out, 0.0, "CPU per order, warm (validate, SendMessage, trace, metrics, log)", &rows, |f| {
        f.warm.cpu_us.median
    });
    chart(&mut out, panel, "CPU to start, until the first event is asked for", &rows, |f| f.start.cpu_us.median);
    let _written = writeln!(
        out,
        "<text class=\"quiet\" x=\"0\" y=\"{:.0}\" font-size=\"12\">{}, {}; medians; one core{}. Rust floors do less: they only pass the body on.</text>\n</svg>",
        height - 10.0,
        escape(&results.date),
        escape(&results.machine.cpu),
        if results.machine.is_busy() { ", a busy machine: trust the ratios" } else { "" }
    );
    out
}

/// Legible on a white page and on a black one.
const STYLE: &str = "<style>text{fill:#24292f}.quiet{fill:#57606a}.ours{fill:#1a7f37}.other{fill:#8c959f}.own{font-weight:600}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.quiet{fill:#9198a1}.ours{fill:#3fb950}.other{fill:#6e7681}}</style>";

fn chart(out: &mut String, top: f64, title: &str, rows: &[&Figures], value: fn(&Figures) -> f64) {
    let longest = rows.iter().map(|figures| value(figures)).fold(1.0, f64::max);
    let _written = writeln!(out, "<text class=\"own\" x=\"0\" y=\"{:.0}\">{}</text>", top + 20.0, escape(title));
    for (place, figures) in rows.iter().enumerate() {
        let y = top + 34.0 + ROW * place as f64;
        let length = ((WIDTH - LABELS - VALUES) * value(figures) / longest).max(1.5);
        let ours = figures.id == "validator";
        let _written = writeln!(
            out,
            "<text{} x=\"{:.0}\" y=\"{:.0}\" text-anchor=\"end\">{}</text>\
             <rect class=\"{}\" x=\"{LABELS}\" y=\"{y:.0}\" width=\"{length:.1}\" height=\"{:.0}\" rx=\"2\"/>\
             <text class=\"quiet\" x=\"{:.1}\" y=\"{:.0}\">{}</text>",
            if ours { " class=\"own\"" } else { "" },
            LABELS - 10.0,
            y + 15.0,
            escape(&figures.title.replace("**", "")),
            if ours { "ours" } else { "other" },
            ROW - 7.0,
            LABELS + length + 8.0,
            y + 15.0,
            time(value(figures)),
        );
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
