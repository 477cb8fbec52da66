//! The states of many alarms over one axis of time.

use maud::html;

use crate::{
    chart::{SMALL, text},
    data::{AlarmState, Range},
    picture::{Picture, document},
    scale::{Scale, fitted, minute_text, px, text_width, time_axis},
    theme::Theme,
};

/// An alarm over time.
#[derive(Debug, Clone)]
pub struct Lane {
    /// Its name.
    pub name: String,
    /// The state that it begins with, and its changes by time.
    pub first: AlarmState,
    /// When it changed, and to what.
    pub changes: Vec<(i64, AlarmState)>,
}

/// Something that happened, over all lanes: a fault that was set.
#[derive(Debug, Clone)]
pub struct Mark {
    /// When.
    pub at: i64,
    /// What.
    pub says: String,
}

const ROW: f64 = 20.0;
const HEAD: f64 = 22.0;
const FOOT: f64 = 22.0;

#[expect(clippy::cast_precision_loss, reason = "epoch seconds and a few rows are far below 2^53")]
fn float(number: i64) -> f64 {
    number as f64
}

/// The lanes under each other.
#[must_use]
pub fn lanes(lanes: &[Lane], marks: &[Mark], range: Range, width: u32, theme: Theme) -> Picture {
    let width = f64::from(width.max(320));
    let names = (width * 0.26).min(230.0);
    let rows = i64::try_from(lanes.len()).unwrap_or(i64::MAX);
    let height = HEAD + ROW * float(rows) + FOOT;
    let x = Scale { domain: (float(range.start), float(range.end)), pixels: (names + 8.0, width - 10.0) };
    let bottom = HEAD + ROW * float(rows);
    let firing =
        lanes.iter().filter(|lane| lane.changes.last().map_or(lane.first, |change| change.1) == AlarmState::Alarm);
    let described = format!(
        "{} alarms from {} to {} UTC; in alarm at the end: {}",
        lanes.len(),
        minute_text(range.start, 0),
        minute_text(range.end, 0),
        firing.map(|lane| lane.name.as_str()).collect::<Vec<_>>().join(", ")
    );
    let content = html! {
        rect width=(px(width)) height=(px(height)) class="v-hollow" {}
        @for (index, lane) in (0i64..).zip(lanes) {
            @let y = HEAD + ROW * float(index);
            g {
                (text(0.0, y + 13.5, SMALL, "start", "v-ink", &fitted(&lane.name, SMALL, names)))
                @for (from, to, state) in spans(lane, range) {
                    @let (x0, x1) = (x.clamped(float(from)), x.clamped(float(to)));
                    rect x=(px(x0)) y=(px(y + 4.0)) width=(px((x1 - x0).max(1.0))) height=(px(ROW - 8.0)) class=(class(state)) {
                        title { (lane.name) ": " (state.word()) " from " (minute_text(from, 0)) " to " (minute_text(to, 0)) " UTC" }
                    }
                }
            }
        }
        @for (at, label) in time_axis(range.start, range.end, ((width - names) / 60.0).max(2.0), 0) {
            @let at = x.at(float(at));
            line x1=(px(at)) x2=(px(at)) y1=(px(HEAD)) y2=(px(bottom)) class="v-grid" stroke-width="1" {}
            @if at + text_width(&label, SMALL) / 2.0 < width { (text(at, bottom + 15.0, SMALL, "middle", "v-quiet", &label)) }
        }
        @for mark in marks.iter().filter(|mark| (range.start..=range.end).contains(&mark.at)) {
            @let at = x.at(float(mark.at));
            g {
                title { (mark.says) ", " (minute_text(mark.at, 0)) " UTC" }
                line x1=(px(at)) x2=(px(at)) y1=(px(14.0)) y2=(px(bottom)) class="v-s4" stroke-width="1.5" stroke-dasharray="3 2" {}
                @let anchor = if at > width * 0.7 { "end" } else { "start" };
                (text(if anchor == "end" { at - 4.0 } else { at + 4.0 }, 12.0, SMALL - 0.5, anchor, "v-quiet", &fitted(&mark.says, SMALL, width * 0.3)))
            }
        }
    };
    document("States of the alarms over time", &described, width, height, theme, &content)
}

fn class(state: AlarmState) -> &'static str {
    match state {
        AlarmState::Alarm => "v-alarm",
        AlarmState::InsufficientData => "v-track",
        AlarmState::Ok => "v-ok-soft",
    }
}

/// From when to when it was in which state.
fn spans(lane: &Lane, range: Range) -> Vec<(i64, i64, AlarmState)> {
    let mut spans = Vec::new();
    let (mut from, mut state) = (range.start, lane.first);
    for (at, next) in &lane.changes {
        let at = (*at).clamp(range.start, range.end);
        if at > from {
            spans.push((from, at, state));
        }
        (from, state) = (at, *next);
    }
    if range.end > from {
        spans.push((from, range.end, state));
    }
    spans
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lane_is_whole_whenever_its_changes_were() {
        let range = Range { start: 100, end: 200 };
        let lane = Lane {
            name: "a".into(),
            first: AlarmState::Ok,
            changes: vec![(50, AlarmState::InsufficientData), (120, AlarmState::Alarm), (150, AlarmState::Ok)],
        };
        let found = spans(&lane, range);
        assert_eq!(
            found,
            [(100, 120, AlarmState::InsufficientData), (120, 150, AlarmState::Alarm), (150, 200, AlarmState::Ok)]
        );
        let drawn = lanes(&[lane], &[Mark { at: 110, says: "sqs <error>".into() }], range, 900, Theme::Light);
        assert!(drawn.svg.contains("sqs &lt;error&gt;") && drawn.svg.contains("In alarm from"), "{}", drawn.svg);
    }
}
