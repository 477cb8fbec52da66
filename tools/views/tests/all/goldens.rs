//! Every kind of widget, drawn as it was drawn before. `UPDATE_GOLDENS=1 cargo test -p views --test all goldens::` draws them anew: look at
//! what changed.

use std::{fs, path::PathBuf};

use serde_json::{Value, json};
use views::{Body, Drawn, Page, Theme, draw};

use crate::support::{NOW, answer, range};

fn drawn(kind: &str, width: u32, properties: &Value) -> Drawn {
    let body =
        json!({"widgets": [{"type": kind, "x": 0, "y": 0, "width": width, "height": 6, "properties": properties}]});
    let body = Body::parse(&body.to_string()).unwrap_or_else(|error| panic!("{error}"));
    let widget = &body.widgets[0];
    draw(widget, &answer(&widget.content), range(), body.period, NOW)
}

fn rows() -> Value {
    json!([["AWS/SQS", "Sent", "QueueName", "orders", {"label": "Sent: ${SUM}"}], [".", "Received", ".", ".", {"color": "#d62728"}], ["...", "dlq"]])
}

fn cases() -> Vec<(&'static str, &'static str, u32, Value)> {
    let metric = |more: Value| {
        let mut properties = json!({"metrics": rows(), "region": "eu-west-1", "title": "Messages <&> more", "period": 60, "stat": "Sum"});
        for (key, value) in more.as_object().unwrap() {
            properties[key] = value.clone();
        }
        properties
    };
    let lines = json!({"horizontal": [{"label": "objective", "value": 90}, [{"value": 10, "label": "low", "color": "#2ca02c"}, {"value": 20}], {"value": 100, "fill": "above", "color": "#d62728"}],
        "vertical": [{"value": "2024-08-15T15:00:00Z", "label": "deployed"}, [{"value": "2024-08-15T13:30:00Z", "label": "quiet"}, {"value": "2024-08-15T14:00:00Z"}]]});
    vec![
        (
            "text",
            "text",
            12,
            json!({"markdown": "# Orders, <dev>\nAre they *flowing*? See the [page](https://example.com/a).\n\n- one\n- `two`"}),
        ),
        (
            "lines",
            "metric",
            12,
            metric(json!({"annotations": lines, "yAxis": {"left": {"min": 0, "label": "messages a minute"}}})),
        ),
        ("lines-narrow", "metric", 6, metric(json!({"legend": {"position": "right"}}))),
        (
            "axes",
            "metric",
            8,
            json!({"metrics": [["A", "b", {"label": "left"}], ["A", "c", {"label": "right", "yAxis": "right"}]], "yAxis": {"right": {"label": "%", "max": 200}}, "timezone": "+0530"}),
        ),
        ("stacked", "metric", 8, metric(json!({"stacked": true}))),
        ("single-value", "metric", 8, metric(json!({"view": "singleValue", "sparkline": true}))),
        (
            "single-value-range",
            "metric",
            8,
            metric(json!({"view": "singleValue", "setPeriodToTimeRange": true, "singleValueFullPrecision": true})),
        ),
        (
            "gauge",
            "metric",
            8,
            json!({"metrics": [["A", "b"]], "view": "gauge", "yAxis": {"left": {"min": 0, "max": 100}}, "annotations": {"horizontal": [{"value": 80, "fill": "above", "color": "#d62728"}]}}),
        ),
        ("bar", "metric", 8, metric(json!({"view": "bar"}))),
        ("pie", "metric", 8, metric(json!({"view": "pie", "legend": {"position": "right"}}))),
        (
            "table",
            "metric",
            12,
            metric(json!({"view": "table", "period": 3600, "annotations": {"horizontal": [{"value": 90}]}})),
        ),
        (
            "table-vertical",
            "metric",
            12,
            metric(
                json!({"view": "table", "period": 3600, "table": {"layout": "vertical", "summaryColumns": ["MAX"], "showTimeSeriesData": true}}),
            ),
        ),
        (
            "alarm-annotation",
            "metric",
            8,
            json!({"annotations": {"alarms": ["arn:aws:cloudwatch:eu-west-1:123456789012:alarm:shown"]}}),
        ),
        ("no-data", "metric", 8, json!({"title": "Nothing", "metrics": []})),
        ("log-table", "log", 12, json!({"title": "Failures", "query": "SOURCE 'g' | fields a", "region": "eu-west-1"})),
        ("log-time", "log", 12, json!({"title": "Failures", "query": "q", "view": "timeSeries"})),
        ("log-bar", "log", 8, json!({"title": "Failures", "query": "q", "view": "bar"})),
        ("log-pie", "log", 8, json!({"title": "Failures", "query": "q", "view": "pie"})),
        ("log-empty", "log", 8, json!({"title": "Failures", "query": "nothing"})),
        ("alarms", "alarm", 8, json!({"title": "Alarms", "alarms": ["a", "b", "c"]})),
        (
            "custom",
            "custom",
            8,
            json!({"title": "Find an order", "endpoint": "arn:aws:lambda:eu-west-1:123456789012:function:viewer"}),
        ),
        ("explorer", "explorer", 8, json!({"title": "Fleet", "metrics": []})),
        ("chart", "chart", 8, json!({"title": "PromQL", "data": {"queries": [{"language": "PromQL", "query": "up"}]}})),
    ]
}

fn golden(name: &str, found: &str) {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/goldens").join(name);
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        expected == found,
        "{name} is drawn differently: UPDATE_GOLDENS=1 draws it anew, then look at what changed"
    );
}

#[test]
fn every_widget_is_drawn_as_before() {
    for (name, kind, width, properties) in cases() {
        let drawn = drawn(kind, width, &properties);
        let picture = views::single(&drawn, width * 56, 292, Theme::Light);
        golden(&format!("{name}.svg"), &picture.svg);
    }
}

#[test]
fn the_page_of_all_widgets_is_as_before() {
    let mut y = 0;
    let widgets: Vec<_> = cases()
        .into_iter()
        .map(|(_, kind, width, properties)| {
            y += 6;
            ((0, y - 6, width, 6), drawn(kind, width, &properties))
        })
        .collect();
    let html = views::page(&Page {
        name: "All <widgets>",
        range: range(),
        widgets: &widgets,
        variables: &[],
        theme: Theme::Auto,
    });
    golden("page.html", &html);
    golden("dashboard-dark.svg", &views::dashboard("All <widgets>", range(), &widgets, Theme::Dark).svg);
}

#[test]
fn pictures_have_a_title_a_description_and_a_twin_and_nothing_of_others_is_markup() {
    for (name, kind, width, properties) in cases() {
        let drawn = drawn(kind, width, &properties);
        let svg = views::single(&drawn, width * 56, 292, Theme::Auto).svg;
        assert!(svg.contains("role=\"img\"") && svg.contains("<title>") && svg.contains("<desc>"), "{name}");
        assert!(!drawn.description.is_empty(), "{name}");
        assert!(!svg.contains("<script") && !svg.contains("<b>") && !svg.contains("<dev>"), "{name}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}: {svg}");
        if matches!(kind, "metric" | "log" | "alarm") {
            assert!(drawn.twin.is_some(), "{name}");
        }
        // A reader of XML accepts it, and it can be printed.
        let png = views::png(&views::single(&drawn, width * 56, 292, Theme::Dark), 1.0).unwrap();
        assert!(png.starts_with(b"\x89PNG"), "{name}");
        if let Some(folder) = std::env::var_os("PICTURES") {
            fs::write(PathBuf::from(folder).join(format!("{name}.png")), png).unwrap();
        }
    }
}

#[test]
fn the_suites_own_dashboard_is_drawn_whole() {
    let body = Body::parse(include_str!("../../../../dashboards/orders.json")).unwrap();
    let widgets: Vec<_> = body
        .widgets
        .iter()
        .map(|widget| {
            let place = (widget.x, widget.y, widget.width, widget.height);
            (place, draw(widget, &answer(&widget.content), range(), body.period, NOW))
        })
        .collect();
    let picture = views::dashboard("orders", range(), &widgets, Theme::Light);
    assert!(!picture.svg.contains("Not drawn"));
    for widget in &body.widgets {
        if let Some(title) = widget.title() {
            assert!(picture.svg.contains(&title.replace('&', "&amp;")), "{title}");
        }
    }
    if let Some(folder) = std::env::var_os("PICTURES") {
        fs::write(PathBuf::from(folder).join("own.png"), views::png(&picture, 1.0).unwrap()).unwrap();
    }
}
