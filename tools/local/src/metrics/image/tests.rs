use cloudwatch::{Datapoint, MetricKey, Recorder as _, Sample, Store};

use super::*;

const NOW: i64 = 1_767_571_200;

fn service() -> AlarmService {
    let mut service = AlarmService::new("us-east-1", "000000000000", Store::default());
    for minute in 1..60 {
        let at = NOW - minute * 60;
        let sample = Sample::value(f64::from(u32::try_from(minute).unwrap())).unwrap();
        service.record(&Datapoint::new(MetricKey::new("shop", "Orders"), "Count", at, sample), NOW).unwrap();
    }
    service
}

fn ask(widget: &Value, format: Option<&str>) -> Result<Drawn, ApiError> {
    call(&without_nulls(json!({"MetricWidget": widget.to_string(), "OutputFormat": format})))
}

fn call(input: &Value) -> Result<Drawn, ApiError> {
    let request = Request::read("us-east-1", input, NOW)?;
    let answer = request.answer(&mut service())?;
    request.draw(&answer)
}

fn png(widget: &Value) -> Vec<u8> {
    match ask(widget, None).unwrap() {
        Drawn::Member(Output::Map(members)) => match members.into_iter().next() {
            Some(("MetricWidgetImage", Output::Blob(png))) => png,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}

/// From the header of a PNG.
fn size(png: &[u8]) -> (u32, u32) {
    assert_eq!(&png[1..4], b"PNG");
    let number = |from: usize| u32::from_be_bytes(png[from..from + 4].try_into().unwrap());
    (number(16), number(20))
}

#[test]
fn the_picture_has_the_asked_size_and_the_asked_data() {
    let widget = json!({"metrics": [["shop", "Orders"]], "stat": "Sum", "period": 60, "title": "Orders"});
    let with_data = png(&widget);
    assert_eq!(size(&with_data), (600, 400));
    let nothing = png(&json!({"metrics": [["shop", "Others"]], "stat": "Sum", "period": 60, "title": "Orders"}));
    assert_ne!(with_data, nothing, "the line is drawn");
    let sized = |more: Value| {
        let mut all = widget.clone();
        all.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        png(&all)
    };
    assert_eq!(size(&sized(json!({"width": 300, "height": 120}))), (300, 120));
    for changed in [
        json!({"theme": "dark"}),
        json!({"start": "-PT30M"}),
        json!({"view": "bar"}),
        json!({"view": "pie"}),
        json!({"stacked": true}),
        json!({"legend": {"position": "hidden"}}),
        json!({"timezone": "+0130"}),
        json!({"yAxis": {"left": {"min": -100}}}),
        json!({"annotations": {"horizontal": [{"value": 40, "label": "goal"}]}}),
        json!({"stat": "Maximum", "period": 600}),
        json!({"metrics": [["shop", "Orders", {"id": "m1", "visible": false}], [{"expression": "m1*2", "label": "double"}]]}),
    ] {
        assert_ne!(sized(changed.clone()), with_data, "{changed}");
    }
}

#[test]
fn the_other_format_is_the_picture_itself() {
    let widget = json!({"metrics": [["shop", "Orders"]]});
    match ask(&widget, Some("image/png")).unwrap() {
        Drawn::Body(response) => assert_eq!(response.headers()[header::CONTENT_TYPE], "image/png"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_cloudwatch_refuses_is_refused_with_the_reason() {
    for (widget, reason) in [
        (json!({}), "metrics"),
        (json!({"metrics": []}), "1 to 100"),
        (json!({"metrics": [["shop", "Orders"]], "width": 2001}), "width is from 1 to 2000"),
        (json!({"metrics": [["shop", "Orders"]], "height": 0}), "height is from 1 to 2000"),
        (json!({"metrics": [["shop", "Orders"]], "theme": "blue"}), "theme"),
        (json!({"metrics": [["shop", "Orders"]], "region": "eu-west-1"}), "local Region"),
        (json!({"metrics": [["shop", "Orders"]], "view": "stars"}), "view"),
        (json!({"metrics": [["shop", "Orders"]], "period": 7}), "period"),
        (json!({"metrics": [["shop"]]}), "metrics"),
        (
            json!({"annotations": {"alarms": ["arn:aws:cloudwatch:us-east-1:000000000000:alarm:none"]}}),
            "no metric alarm",
        ),
    ] {
        let error = ask(&widget, None).unwrap_err();
        assert_eq!(error.code, "ValidationError", "{widget}");
        assert!(error.message.contains(reason), "{widget}: {}", error.message);
    }
    let no_json = call(&json!({"MetricWidget": "{"})).unwrap_err();
    assert!(no_json.message.contains("EOF"), "{}", no_json.message);
    assert_eq!(call(&json!({})).unwrap_err().code, "MissingRequiredParameterException");
    assert!(ask(&json!({"metrics": [["a", "b"]]}), Some("gif")).unwrap_err().message.contains("OutputFormat"));
}
