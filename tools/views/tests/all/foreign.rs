//! Bodies that are not ours: public ones, retold with other names. What is not drawn is said by its name.

use std::fs;

use views::{Answer, Body, Content, Theme, draw};

use crate::support::{NOW, answer, range};

/// Titles of what is drawn, and what is said of the rest.
fn drawn(name: &str, set: &[(&str, &str)]) -> (Vec<String>, Vec<String>, String) {
    let path = format!("{}/tests/bodies/{name}.json", env!("CARGO_MANIFEST_DIR"));
    let set: Vec<_> = set.iter().map(|(id, value)| ((*id).to_owned(), (*value).to_owned())).collect();
    let body =
        Body::parse_with(&fs::read_to_string(path).unwrap(), &set).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert!(body.unknown.is_empty(), "{name}: {:?}", body.unknown);
    let (mut titles, mut said, mut widgets) = (Vec::new(), Vec::new(), Vec::new());
    for widget in &body.widgets {
        // As a service does that knows no searches.
        let answer = match &widget.content {
            Content::Metric(metric) if metric.queries(range(), body.period).iter().any(is_search) => {
                Answer::Failed("SEARCH is not supported".into())
            }
            content => answer(content),
        };
        let shown = draw(widget, &answer, range(), body.period, NOW);
        let title = shown.title.clone().unwrap_or_else(|| "Text".into());
        match shown.description.strip_prefix("Not drawn: ") {
            Some(reason) => said.push(format!("{title}: {reason}")),
            None => titles.push(title),
        }
        widgets.push(((widget.x, widget.y, widget.width, widget.height), shown));
    }
    let picture = views::dashboard(name, range(), &widgets, Theme::Light);
    assert!(!views::png(&picture, 1.0).unwrap().is_empty());
    (titles, said, picture.svg)
}

fn is_search(query: &views::Query) -> bool {
    matches!(&query.kind, views::QueryKind::Expression(expression) if expression.contains("SEARCH"))
}

#[test]
fn a_video_pipeline_is_drawn_but_for_its_search() {
    let (titles, said, svg) = drawn("video-pipeline", &[]);
    assert_eq!(titles, ["Text", "Jobs", "Bitrate by rendition", "Failures in %", "Disk", "Alarms"]);
    assert_eq!(said, ["CPU of every encoder: SEARCH is not supported"]);
    for shown in ["Encoder fleet", "uplink", "rollout", "720p"] {
        assert!(svg.contains(shown), "{shown}");
    }
}

#[test]
fn a_machine_room_follows_its_variables_and_says_that_explorers_are_not_drawn() {
    let (titles, said, svg) = drawn("machine-room", &[("instance", "i-0bbb"), ("region", "eu-west-1")]);
    assert_eq!(titles, ["CPU", "Network", "Shown by an alarm", "Share", "Disk"]);
    assert!(said.len() == 1 && said[0].starts_with("Everything tagged room: "), "{said:?}");
    assert!(svg.contains("p90 of i-0bbb"), "the chosen instance");
}

#[test]
fn a_web_shop_has_its_logs_and_says_which_widgets_nobody_draws() {
    let (titles, said, _) = drawn("web-shop", &[]);
    assert_eq!(titles, ["Errors by page", "Slow pages", "Browsers", "Stock", "Text"]);
    assert!(said.len() == 1 && said[0].starts_with("Requests by route: ") && said[0].contains("PromQL"), "{said:?}");
}
