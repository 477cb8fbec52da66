//! A dashboard in a terminal: a line for each widget.

use crate::{
    body::{Annotated, Content, Line as Threshold, Period, Widget},
    data::{AlarmState, Answer, Point, Range},
    markdown::plain,
    scale::{exact_text, value_text},
    widget::{items, view},
};

/// What a terminal shows of a widget.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Line {
    /// Its title.
    pub title: String,
    /// The line that matters most: the one that is nearest to its threshold, or else the first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// As small as text; a gap is a space.
    pub spark: String,
    /// The newest value, or what there is instead of one.
    pub newest: String,
    /// What it must not cross.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<String>,
    /// Of the alarms on its thresholds the worst.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<AlarmState>,
}

const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A line for every widget but texts. `state` knows alarms by their names or parts of them, as thresholds are labelled.
#[must_use]
pub fn lines(
    widgets: &[(&Widget, &Answer)],
    range: Range,
    period: Period,
    now: i64,
    width: usize,
    state: &dyn Fn(&str) -> Option<AlarmState>,
) -> Vec<Line> {
    widgets.iter().filter_map(|(widget, answer)| line(widget, answer, range, period, now, width, state)).collect()
}

fn line(
    widget: &Widget,
    answer: &Answer,
    range: Range,
    period: Period,
    now: i64,
    width: usize,
    state: &dyn Fn(&str) -> Option<AlarmState>,
) -> Option<Line> {
    let title = widget.title().unwrap_or("Untitled").to_owned();
    let plain = |newest: String| Line {
        title: title.clone(),
        label: None,
        spark: String::new(),
        newest,
        threshold: None,
        state: None,
    };
    Some(match (&widget.content, answer) {
        (Content::Text(text), _) => {
            let heading = self::plain(&text.markdown).into_iter().find(|line| line.bold)?;
            Line { title: heading.text, ..plain(String::new()) }
        }
        (Content::Other { reason, .. }, _) | (_, Answer::Failed(reason)) => plain(format!("not drawn: {reason}")),
        (Content::Metric(metric), Answer::Metrics(series, _)) => {
            let range = metric.range(range, now);
            let items = items(metric, series, range, period, now);
            let thresholds: Vec<&Threshold> =
                metric.annotations.lines.iter().flat_map(Annotated::all).filter(|line| line.visible).collect();
            let near = |last: Option<f64>, side| {
                let share = |line: &&&Threshold| last.map_or(f64::MIN, |last| last / line.value.abs().max(1e-9));
                let own = thresholds.iter().filter(|line| line.y_axis == side);
                own.map(|line| share(&line)).fold(f64::MIN, f64::max)
            };
            let item = items.iter().reduce(|best, item| {
                if near(item.last(), item.side) > near(best.last(), best.side) { item } else { best }
            });
            let threshold =
                item.and_then(|item| thresholds.iter().find(|line| line.y_axis == item.side)).or(thresholds.first());
            let states = thresholds
                .iter()
                .filter_map(|line| line.label.as_deref())
                .flat_map(|label| label.split(", "))
                .filter_map(state);
            let _view = view(widget);
            Line {
                title,
                label: item.map(|item| item.label.clone()),
                spark: item.map(|item| spark(&item.points, range, width)).unwrap_or_default(),
                newest: item.and_then(crate::chart::Item::last).map_or("no data".into(), value_text),
                threshold: threshold.map(|line| exact_text(line.value, 3)),
                state: states.min(),
            }
        }
        (Content::Log(_), Answer::Rows(table)) => plain(match table.rows.len() {
            0 => "no rows".into(),
            1 => "1 row".into(),
            rows => format!("{rows} rows"),
        }),
        (Content::Custom(_), Answer::Custom(_)) => {
            plain("a page shows what its function answered: --out page.html".into())
        }
        (Content::Alarm(_), Answer::Alarms(alarms)) => {
            let bad = alarms.iter().filter(|alarm| alarm.state == AlarmState::Alarm).count();
            let worst = alarms.iter().map(|alarm| alarm.state).min();
            Line { state: worst, ..plain(format!("{bad} of {} in alarm", alarms.len())) }
        }
        _ => plain("not asked".into()),
    })
}

/// The highest value of each share of the range; nothing where there is none.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a few characters"
)]
fn spark(points: &[Point], range: Range, width: usize) -> String {
    let span = (range.end - range.start).max(1) as f64;
    let mut cells: Vec<Option<f64>> = vec![None; width];
    for Point(at, value) in points {
        let place = (((at - range.start) as f64 / span) * width as f64).clamp(0.0, width as f64 - 1.0) as usize;
        if let Some(cell) = cells.get_mut(place) {
            *cell = Some(cell.map_or(*value, |held| held.max(*value)));
        }
    }
    let highest = cells.iter().flatten().copied().fold(0.0f64, f64::max);
    let lowest = cells.iter().flatten().copied().fold(0.0f64, f64::min);
    let bar = |value: f64| {
        let share = if highest > lowest { (value - lowest) / (highest - lowest) } else { 0.0 };
        BARS.get((share * 7.0).round() as usize).copied().unwrap_or('█')
    };
    cells.into_iter().map(|cell| cell.map_or(' ', bar)).collect()
}
