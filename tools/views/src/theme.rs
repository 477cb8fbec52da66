//! Colours, and the style sheets that carry them.

/// Of a page or a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Theme {
    /// Dark on white.
    #[default]
    Light,
    /// Light on dark.
    Dark,
    /// As the reader's system has it; white on paper.
    Auto,
}

/// AWS publishes these as CloudWatch's standard colours: blue, orange, green, red, purple, brown, pink, grey.
pub(crate) const SERIES: [&str; 8] =
    ["#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f"];
/// The same, bright enough for dark ground.
const SERIES_DARK: [&str; 8] = ["#4a9bd9", "#ff9a45", "#4cc04c", "#f06060", "#b08ad6", "#c08a7e", "#ee95d3", "#a6a6a6"];

struct Palette {
    page: &'static str,
    card: &'static str,
    border: &'static str,
    grid: &'static str,
    ink: &'static str,
    quiet: &'static str,
    link: &'static str,
    alarm: &'static str,
    ok: &'static str,
    unsure: &'static str,
    alarm_soft: &'static str,
    ok_soft: &'static str,
    unsure_soft: &'static str,
    series: [&'static str; 8],
}

const LIGHT: Palette = Palette {
    page: "#f3f5f8",
    card: "#ffffff",
    border: "#dde2ea",
    grid: "#e8ecf1",
    ink: "#16202e",
    quiet: "#566273",
    link: "#0b62b0",
    alarm: "#c0271d",
    ok: "#1c7a3d",
    unsure: "#5f6b7a",
    alarm_soft: "#fdecea",
    ok_soft: "#e9f5ec",
    unsure_soft: "#eef1f5",
    series: SERIES,
};

const DARK: Palette = Palette {
    page: "#0e141c",
    card: "#161e29",
    border: "#2a3544",
    grid: "#253040",
    ink: "#e4e9f0",
    quiet: "#9fadbf",
    link: "#6db5f5",
    alarm: "#ff7b70",
    ok: "#62c783",
    unsure: "#a3afbf",
    alarm_soft: "#3a1d1d",
    ok_soft: "#15301f",
    unsure_soft: "#222c3a",
    series: SERIES_DARK,
};

pub(crate) const FONT: &str = "Inter, 'Helvetica Neue', Helvetica, Arial, 'DejaVu Sans', sans-serif";

/// What every picture needs; no custom properties, which rasterisers don't know.
fn colours(palette: &Palette) -> String {
    let Palette {
        page, card, border, grid, ink, quiet, link, alarm, ok, unsure, alarm_soft, ok_soft, unsure_soft, ..
    } = palette;
    let mut css = format!(
        ".v-page{{fill:{page}}}.v-card{{fill:{card};stroke:{border}}}.v-grid{{stroke:{grid}}}.v-axis{{stroke:{border}}}\
         .v-ink{{fill:{ink}}}.v-quiet{{fill:{quiet}}}.v-link{{fill:{link}}}.v-rule{{stroke:{quiet}}}.v-hollow{{fill:{card}}}.v-halo{{stroke:{card}}}\
         .v-track{{fill:{grid}}}\
         .v-alarm{{fill:{alarm}}}.v-ok{{fill:{ok}}}.v-unsure{{fill:{unsure}}}\
         .v-alarm-line{{stroke:{alarm}}}.v-ok-line{{stroke:{ok}}}.v-unsure-line{{stroke:{unsure}}}\
         .v-alarm-soft{{fill:{alarm_soft}}}.v-ok-soft{{fill:{ok_soft}}}.v-unsure-soft{{fill:{unsure_soft}}}"
    );
    for (index, colour) in palette.series.iter().enumerate() {
        css.push_str(&format!(".v-s{index}{{stroke:{colour}}}.v-f{index}{{fill:{colour}}}"));
    }
    css
}

/// What a page needs besides.
fn page_colours(palette: &Palette) -> String {
    let Palette { page, card, border, ink, quiet, link, alarm, ok, unsure, alarm_soft, ok_soft, unsure_soft, .. } =
        palette;
    format!(
        "body{{background:{page};color:{ink}}}.widget{{background:{card};border-color:{border}}}.widget.transparent{{background:none;border-color:transparent}}\
         a{{color:{link}}}th,caption,.quiet,summary{{color:{quiet}}}td,th{{border-color:{border}}}\
         .state-alarm{{background:{alarm_soft};border-color:{alarm}}}.state-ok{{background:{ok_soft};border-color:{ok}}}.state-unsure{{background:{unsure_soft};border-color:{unsure}}}\
         .state-alarm .mark{{color:{alarm}}}.state-ok .mark{{color:{ok}}}.state-unsure .mark{{color:{unsure}}}\
         td.over{{background:{alarm_soft}}}code,pre{{background:{unsure_soft}}}.button{{background:{link};color:{card}}}select{{background:{card};color:{ink};border-color:{border}}}"
    )
}

/// Sizes and places; the same in every theme.
const LAYOUT: &str = "\
*{box-sizing:border-box}body{margin:0;padding:20px;font:14px/1.45 Inter,'Helvetica Neue',Helvetica,Arial,'DejaVu Sans',sans-serif}\
header{display:flex;flex-wrap:wrap;gap:4px 16px;align-items:baseline;margin:0 0 16px}header h1{font-size:20px;margin:0}\
.grid{display:grid;grid-template-columns:repeat(24,minmax(0,1fr));grid-auto-rows:50px;gap:8px}\
.widget{border:1px solid;border-radius:8px;padding:10px 12px;overflow:auto;min-width:0}\
.widget h2{font-size:14px;font-weight:600;margin:0 0 6px}.widget svg{display:block;width:100%;height:auto}.text h1{font-size:20px;margin:0 0 4px}.text h2{font-size:16px}.text h3{font-size:14px}.text p{margin:0 0 6px}\
table{border-collapse:collapse;width:100%;font-size:12px}caption{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}\
th,td{text-align:left;padding:4px 8px;border-bottom:1px solid;vertical-align:top;overflow-wrap:break-word}th{font-weight:600}.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}\
.alarms{display:grid;grid-template-columns:repeat(auto-fill,minmax(170px,1fr));gap:6px;list-style:none;margin:0;padding:0}.alarms li{border-left:3px solid;border-radius:4px;padding:5px 8px;font-size:12px;overflow-wrap:anywhere}.mark{font-weight:700}\
details{margin-top:8px;font-size:12px}cwdb-action{display:none}summary{cursor:pointer}code,pre{font-size:12px;border-radius:4px;padding:1px 4px;overflow:auto}\
.button{display:inline-block;border-radius:16px;padding:4px 16px;text-decoration:none;font-weight:600}.variables{display:flex;flex-wrap:wrap;gap:8px 16px;margin:0 0 12px}select{font:inherit;border:1px solid;border-radius:4px;padding:2px 6px}\
@media(max-width:900px){.grid{display:block}.widget{margin:0 0 8px}body{padding:10px}.widget svg{min-width:300px}}\
@media print{body{padding:0;font-size:11px}.widget{break-inside:avoid}details{display:none}}";

impl Theme {
    /// The style sheet of pictures.
    pub(crate) fn picture_css(self) -> String {
        match self {
            Self::Light => colours(&LIGHT),
            Self::Dark => colours(&DARK),
            Self::Auto => {
                format!("{}@media screen and (prefers-color-scheme:dark){{{}}}", colours(&LIGHT), colours(&DARK))
            }
        }
    }

    /// The style sheet of pages, with that of the pictures in them. Paper is white in every theme.
    #[must_use]
    pub fn page_css(self) -> String {
        let all = |palette: &Palette| colours(palette) + &page_colours(palette);
        match self {
            Self::Light => format!("{LAYOUT}{}", all(&LIGHT)),
            Self::Dark => format!("{LAYOUT}{}@media screen{{{}}}", all(&LIGHT), all(&DARK)),
            Self::Auto => {
                format!("{LAYOUT}{}@media screen and (prefers-color-scheme:dark){{{}}}", all(&LIGHT), all(&DARK))
            }
        }
    }
}
