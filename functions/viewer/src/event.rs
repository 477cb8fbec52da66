//! What CloudWatch sends: a widget's parameters, or a click's, and `widgetContext`.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;
use views::Theme;

/// One call.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Event {
    /// Asks what the widgets take.
    pub(crate) describe: bool,
    /// Which widget.
    pub(crate) widget: String,
    /// The order to find, from a link; a form's comes in the context.
    pub(crate) order: String,
    /// The runbook to show.
    pub(crate) page: String,
    /// The reason of the dead letters to send back.
    pub(crate) redrive: String,
    /// How many of them were confirmed.
    pub(crate) count: usize,
    pub(crate) widget_context: Context,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Context {
    forms: Forms,
    theme: String,
    time_range: Range,
    timezone: Timezone,
    pub(crate) width: Option<f64>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Forms {
    all: BTreeMap<String, Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Range {
    start: Option<i64>,
    end: Option<i64>,
    zoom: Option<Zoom>,
}

/// What the reader has selected within the range.
#[derive(Debug, Deserialize)]
struct Zoom {
    start: i64,
    end: i64,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Timezone {
    label: String,
    offset_in_minutes: i32,
}

impl Context {
    /// What stands in a form's field.
    pub(crate) fn field(&self, name: &str) -> &str {
        self.forms.all.get(name).and_then(Value::as_str).unwrap_or_default().trim()
    }

    pub(crate) fn theme(&self) -> Theme {
        if self.theme == "dark" { Theme::Dark } else { Theme::Light }
    }

    /// The dashboard's time range; the last three hours if it tells none.
    pub(crate) fn range(&self, now: Timestamp) -> (Timestamp, Timestamp) {
        let Range { start, end, zoom } = &self.time_range;
        let (start, end) = zoom.as_ref().map_or((*start, *end), |zoom| (Some(zoom.start), Some(zoom.end)));
        let at = |ms: Option<i64>| ms.and_then(|ms| Timestamp::from_millisecond(ms).ok());
        let end = at(end).unwrap_or(now).min(now);
        (at(start).filter(|start| *start < end).unwrap_or(end - jiff::SignedDuration::from_hours(3)), end)
    }

    /// A moment in the dashboard's time zone: `2026-11-30 10:19:44 UTC`.
    pub(crate) fn moment(&self, at: Timestamp) -> String {
        let Timezone { label, offset_in_minutes } = &self.timezone;
        let zone =
            jiff::tz::Offset::from_seconds(offset_in_minutes.saturating_mul(60)).unwrap_or(jiff::tz::Offset::UTC);
        let label = if label.is_empty() { "UTC" } else { label };
        format!("{} {label}", zone.to_datetime(at).strftime("%Y-%m-%d %H:%M:%S"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn context(text: &str) -> Context {
        serde_json::from_str::<Event>(text).unwrap().widget_context
    }

    #[test]
    fn the_range_is_the_dashboards_and_a_selection_goes_before_it() {
        let now = Timestamp::from_millisecond(1_627_400_000_000).unwrap();
        let range = |text: &str| {
            let (start, end) = context(text).range(now);
            (start.as_millisecond(), end.as_millisecond())
        };
        let whole = r#"{"widgetContext": {"timeRange": {"start": 1627236199729, "end": 1627322599729}}}"#;
        assert_eq!(range(whole), (1_627_236_199_729, 1_627_322_599_729));
        let zoomed = r#"{"widgetContext": {"timeRange": {"start": 1, "end": 2, "zoom": {"start": 1627276030434, "end": 1627282956521}}}}"#;
        assert_eq!(range(zoomed), (1_627_276_030_434, 1_627_282_956_521));
        assert_eq!(range("{}"), (1_627_400_000_000 - 3 * 3_600_000, 1_627_400_000_000));
    }

    #[test]
    fn moments_are_in_the_dashboards_time_zone() {
        let at = Timestamp::from_second(1_700_000_000).unwrap();
        assert_eq!(context("{}").moment(at), "2023-11-14 22:13:20 UTC");
        let local =
            r#"{"widgetContext": {"timezone": {"label": "Local", "offsetISO": "+02:00", "offsetInMinutes": 120}}}"#;
        assert_eq!(context(local).moment(at), "2023-11-15 00:13:20 Local");
    }
}
