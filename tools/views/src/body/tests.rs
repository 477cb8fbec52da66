use serde_json::json;

use super::*;

fn wrong(body: &Value) -> BodyError {
    Body::parse(&body.to_string()).err().unwrap_or_else(|| panic!("{body} is read"))
}

fn metric(properties: &Value) -> Value {
    json!({"widgets": [{"type": "metric", "properties": properties}]})
}

#[test]
fn what_cloudwatch_refuses_is_refused_with_its_place() {
    for (body, path, message) in [
        (json!({}), "body", "missing field `widgets`"),
        (json!({"widgets": 1}), "widgets", "invalid type"),
        (json!({"widgets": [{"type": "text", "properties": {}}]}), "widgets[0].properties", "missing field `markdown`"),
        (json!({"widgets": [{"type": "none", "properties": {}}]}), "widgets[0].type", "no type of widget"),
        (
            json!({"widgets": [{"type": "text", "width": 25, "properties": {"markdown": ""}}]}),
            "widgets[0].width",
            "from 1 to 24",
        ),
        (json!({"widgets": [{"type": "text", "x": 1, "properties": {"markdown": ""}}]}), "widgets[0].x", "together"),
        (json!({"widgets": [], "end": "2024-01-01T00:00:00Z"}), "end", "end needs start"),
        (json!({"widgets": [], "start": "soon"}), "start", "is no time"),
        (
            json!({"widgets": [{"type": "alarm", "properties": {"alarms": []}}]}),
            "widgets[0].properties.alarms",
            "1 to 100",
        ),
        (metric(&json!({"period": 61})), "widgets[0].properties.period", "multiple of 60"),
        (metric(&json!({"view": "gauge"})), "widgets[0].properties.yAxis.left", "needs min and max"),
        (metric(&json!({"view": "nope"})), "widgets[0].properties.view", "unknown variant"),
        (metric(&json!({"metrics": [[".", "m"]]})), "widgets[0].properties.metrics[0][0]", "nothing here"),
        (metric(&json!({"metrics": [["N", "m", "D"]]})), "widgets[0].properties.metrics[0]", "has no value"),
        (metric(&json!({"metrics": [["N", "m", {"id": "A"}]]})), "widgets[0].properties.metrics[0][2].id", "is no id"),
        (
            metric(&json!({"metrics": [["N", "m", {"color": "red\" onload=\"x"}]]})),
            "widgets[0].properties.metrics[0][2].color",
            "is no colour",
        ),
        (
            metric(&json!({"metrics": [["N", "m", {"yAxis": "up"}]]})),
            "widgets[0].properties.metrics[0][2].yAxis",
            "unknown variant",
        ),
        (
            metric(&json!({"annotations": {"vertical": [{"value": "noon"}]}})),
            "widgets[0].properties.annotations.vertical[0].value",
            "is no moment",
        ),
        (
            metric(&json!({"metrics": [["N", "m"]], "annotations": {"alarms": ["a"]}})),
            "widgets[0].properties.annotations.alarms",
            "no metrics",
        ),
        (
            metric(&json!({"sparkline": true, "setPeriodToTimeRange": true})),
            "widgets[0].properties.sparkline",
            "exclude each other",
        ),
    ] {
        let error = wrong(&body);
        assert_eq!(error.path, path, "{error}");
        assert!(error.message.contains(message), "{error}");
    }
}

#[test]
fn unknown_fields_are_told_and_left_alone() {
    let body = metric(&json!({"titel": "x", "metrics": [["N", "m", {"lable": "y"}]]}));
    let body = Body::parse(&body.to_string()).unwrap();
    assert_eq!(body.unknown, ["widgets[0].properties.titel", "widgets[0].properties.metrics[0][2].lable"]);
}

#[test]
fn widgets_without_a_place_take_the_next_free_one() {
    let text = |place: Value| {
        let mut widget = json!({"type": "text", "properties": {"markdown": "a"}, "width": 12, "height": 2});
        for (key, value) in place.as_object().unwrap() {
            widget[key] = value.clone();
        }
        widget
    };
    let body = json!({"widgets": [text(json!({"x": 0, "y": 0})), text(json!({})), text(json!({})), text(json!({"width": 20}))]});
    let places: Vec<_> =
        Body::parse(&body.to_string()).unwrap().widgets.iter().map(|widget| (widget.x, widget.y)).collect();
    assert_eq!(places, [(0, 0), (12, 0), (0, 2), (0, 4)]);
}

fn names(rows: &Value) -> Vec<String> {
    let metric = Metric::parse(&json!({"metrics": rows}), "p", &mut Vec::new()).unwrap();
    metric
        .rows
        .iter()
        .map(|row| match &row.query.kind {
            QueryKind::Metric { namespace, name, dimensions, .. } => {
                format!(
                    "{namespace} {name} {}",
                    dimensions.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join(",")
                )
            }
            QueryKind::Expression(expression) => expression.clone(),
        })
        .collect()
}

/// The examples of AWS's page on the body's structure.
#[test]
fn shorthand_is_what_the_row_before_says() {
    assert_eq!(
        names(
            &json!([["AWS/EC2", "CPUUtilization", "InstanceId", "i-1"], [".", "NetworkIn", ".", "."], ["...", "i-2"], [{"expression": "1"}], [".", "DiskReadOps", ".", "i-3"]])
        ),
        [
            "AWS/EC2 CPUUtilization InstanceId=i-1",
            "AWS/EC2 NetworkIn InstanceId=i-1",
            "AWS/EC2 NetworkIn InstanceId=i-2",
            "1",
            "AWS/EC2 DiskReadOps InstanceId=i-3"
        ]
    );
}

#[test]
fn long_ranges_lengthen_periods_unless_the_body_keeps_them() {
    let metric = Metric::parse(&json!({"metrics": [["N", "m"]], "period": 60}), "p", &mut Vec::new()).unwrap();
    let period = |days: i64, period| metric.queries(Range { start: 0, end: days * 86_400 }, period)[0].period;
    assert_eq!((period(1, Period::Auto), period(7, Period::Auto), period(60, Period::Auto)), (60, 900, 3600));
    assert_eq!(period(7, Period::Inherit), 60);
}

use crate::data::Range;

#[test]
fn variables_choose_and_unknown_ones_are_refused() {
    let body = json!({
        "widgets": [{"type": "metric", "properties": {"title": "in us-east-1", "region": "us-east-1", "metrics": [["N", "m", "Stage", "dev"]]}}],
        "variables": [
            {"type": "pattern", "pattern": "us-east-1", "id": "region", "defaultValue": "eu-west-1"},
            {"type": "property", "property": "Stage", "id": "stage", "values": [{"value": "prod"}], "defaultValue": "__FIRST"},
        ],
    });
    let queries = |chosen: &[(String, String)]| {
        let body = Body::parse_with(&body.to_string(), chosen).unwrap();
        let Content::Metric(metric) = &body.widgets[0].content else { panic!() };
        (metric.title.clone().unwrap(), metric.region.clone().unwrap(), metric.rows[0].query.kind.clone())
    };
    let (title, region, kind) = queries(&[]);
    assert_eq!((title.as_str(), region.as_str()), ("in eu-west-1", "eu-west-1"));
    assert!(
        matches!(kind, QueryKind::Metric { dimensions, .. } if dimensions == [("Stage".to_owned(), "prod".to_owned())])
    );
    let (_, _, kind) = queries(&[("stage".into(), "test".into())]);
    assert!(matches!(kind, QueryKind::Metric { dimensions, .. } if dimensions[0].1 == "test"));
    let error = Body::parse_with(&body.to_string(), &[("colour".into(), "x".into())]).unwrap_err();
    assert!(error.message.contains("the dashboard has region, stage"), "{error}");
}

#[test]
fn the_suites_own_body_is_read_whole() {
    let text = include_str!("../../../../dashboards/orders.json");
    let body = Body::parse(text).unwrap_or_else(|error| panic!("{error}"));
    assert!(body.unknown.is_empty(), "{:?}", body.unknown);
    assert!(!body.widgets.iter().any(|widget| matches!(widget.content, Content::Other { .. })));
}
