//! A metric alarm on one graph: its metric, its threshold, the window it looks at, and how it judges each datapoint there.

use maud::html;

use crate::{
    body::{Annotated, Axis, LegendPosition, Line, Moment, Side},
    chart::{
        Area, Color, Item,
        time::{Chart, Marked},
    },
    data::{Point, Range},
    picture::{Picture, document},
    scale::{exact_text, minute_text, px},
    table::Table,
    theme::Theme,
};

/// How an alarm judges a period of its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Judgement {
    /// It is over the threshold.
    Breaching,
    /// It is not.
    Well,
    /// There is no datapoint, and missing data count as breaching.
    FilledBreaching,
    /// There is no datapoint, and missing data count as good.
    FilledWell,
    /// There is no datapoint, and it counts as nothing.
    Missing,
}

impl Judgement {
    /// A symbol, so that no colour is needed to read it.
    #[must_use]
    pub fn symbol(self) -> &'static str {
        match self {
            Self::Breaching => "▲",
            Self::Well => "✓",
            Self::FilledBreaching => "△",
            Self::FilledWell => "○",
            Self::Missing => "–",
        }
    }

    /// In words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Breaching => "breaching",
            Self::Well => "not breaching",
            Self::FilledBreaching => "missing, counts as breaching",
            Self::FilledWell => "missing, counts as good",
            Self::Missing => "missing",
        }
    }

    fn class(self) -> (&'static str, bool) {
        match self {
            Self::Breaching => ("v-alarm", false),
            Self::Well => ("v-ok", false),
            Self::FilledBreaching => ("v-alarm", true),
            Self::FilledWell => ("v-ok", true),
            Self::Missing => ("v-unsure", true),
        }
    }
}

/// A period of the window.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Slot {
    /// Its start.
    pub at: i64,
    /// Its datapoint.
    pub value: Option<f64>,
    /// What the alarm makes of it.
    pub judgement: Judgement,
}

/// All that is drawn of an alarm.
#[derive(Debug, Clone)]
pub struct AlarmGraph<'a> {
    /// Its name.
    pub name: &'a str,
    /// What its metric is called.
    pub label: &'a str,
    /// What is drawn.
    pub range: Range,
    /// Seconds of a period.
    pub period: i64,
    /// Its metric.
    pub points: &'a [Point],
    /// `> 5`.
    pub threshold: (f64, &'a str),
    /// A threshold that is tried.
    pub tried: Option<f64>,
    /// The window of the last evaluation.
    pub window: &'a [Slot],
    /// When it was in ALARM, or would have been.
    pub episodes: &'a [(i64, Option<i64>)],
}

const HEAD: f64 = 12.0;

impl AlarmGraph<'_> {
    /// The graph.
    #[must_use]
    pub fn draw(&self, width: u32, height: u32, theme: Theme) -> Picture {
        let (w, h) = (f64::from(width), f64::from(height));
        let item = Item {
            label: self.label.to_owned(),
            color: Color::of(None, 0),
            side: Side::Left,
            points: self.points.to_vec(),
            period: self.period,
            unit: None,
        };
        let line = |value: f64, label: String, color: Option<&str>| {
            let json = serde_json::json!({"value": value, "label": label, "color": color});
            serde_json::from_value::<Line>(json).ok().map(Annotated::One)
        };
        let mut lines: Vec<_> = line(self.threshold.0, "threshold".into(), None).into_iter().collect();
        lines.extend(self.tried.and_then(|tried| line(tried, "tried".into(), Some("#9467bd"))));
        // From zero where nothing is below: a threshold alone says little.
        let is_positive = self.threshold.0 >= 0.0 && self.points.iter().all(|point| point.1 >= 0.0);
        let axis = Axis { min: is_positive.then_some(0.0), ..Axis::default() };
        let moments: Vec<_> = self
            .episodes
            .iter()
            .filter_map(|(from, to)| self.band(*from, to.unwrap_or(self.range.end), "in alarm"))
            .collect();
        let marks: Vec<_> = self.window.iter().map(|slot| self.mark(slot)).collect();
        let chart = Chart {
            items: &[item],
            range: self.range,
            stacked: false,
            left: &axis,
            right: &axis,
            lines: &lines,
            moments: &moments,
            legend: LegendPosition::Bottom,
            zone: 0,
            marks: &marks,
        };
        let area = Area { x: 8.0, y: HEAD, width: w - 16.0, height: h - HEAD - 8.0 };
        let content = html! { rect width=(px(w)) height=(px(h)) class="v-hollow" {} (chart.draw(area)) };
        let title = format!("{}: {} {}", self.name, self.label, self.threshold.1);
        document(&title, &self.description(), w, h, theme, &content)
    }

    fn band(&self, from: i64, to: i64, label: &str) -> Option<Annotated<Moment>> {
        let (from, to) = (from.clamp(self.range.start, self.range.end), to.clamp(self.range.start, self.range.end));
        let moment = |at: i64| Moment::new(at, label, "#d62728");
        (to > from).then(|| Annotated::Band(moment(from), moment(to)))
    }

    fn mark(&self, slot: &Slot) -> Marked {
        let (class, hollow) = slot.judgement.class();
        let value = slot.value.map_or(String::new(), |value| format!(" {}", exact_text(value, 3)));
        let says = format!("{} UTC:{value} {}", minute_text(slot.at, 0), slot.judgement.word());
        Marked { at: slot.at, value: slot.value, class, hollow, says }
    }

    fn description(&self) -> String {
        let count = |wanted: &[Judgement]| self.window.iter().filter(|slot| wanted.contains(&slot.judgement)).count();
        format!(
            "{} of {} periods of the window breach; in alarm {} times in the time shown",
            count(&[Judgement::Breaching, Judgement::FilledBreaching]),
            self.window.len(),
            self.episodes.len()
        )
    }

    /// The window as rows: the graph's twin.
    #[must_use]
    pub fn table(&self) -> Table {
        let mut table = Table::new(["Period, UTC", "Value", "Judged"]);
        for slot in self.window.iter().rev() {
            let value = slot.value.map_or("–".into(), |value| exact_text(value, 3));
            table.rows.push(vec![
                minute_text(slot.at, 0),
                value,
                format!("{} {}", slot.judgement.symbol(), slot.judgement.word()),
            ]);
        }
        table
    }
}
