//! The checklist says the truth: what it counts as drawn changes what is drawn.

use serde_json::{Value, json};
use views::{Body, Page, Theme, checklist, draw};

use crate::support::{NOW, answer, range};

fn page(body: &Value) -> String {
    let body = Body::parse(&body.to_string()).unwrap_or_else(|error| panic!("{error}\n{body}"));
    assert!(body.unknown.is_empty(), "{:?}", body.unknown);
    let widgets: Vec<_> = body
        .widgets
        .iter()
        .map(|widget| {
            let place = (widget.x, widget.y, widget.width, widget.height);
            (place, draw(widget, &answer(&widget.content), range(), body.period, NOW))
        })
        .collect();
    let theme = Theme::Auto;
    let picture = views::dashboard("d", range(), &widgets, theme).svg;
    views::page(&Page { name: "d", range: range(), widgets: &widgets, variables: &body.variables, theme }) + &picture
}

#[test]
fn every_field_that_counts_as_drawn_changes_what_is_drawn() {
    let mut without_effect = Vec::new();
    for entry in checklist::entries() {
        let name = format!("{}: {}", entry.section, entry.field);
        let body = |part: &Value| match &entry.kind {
            Some(kind) => json!({"widgets": [{"type": kind, "properties": part}]}),
            None => part.clone(),
        };
        match &entry.why {
            Some(why) => assert!(!why.is_empty() && entry.with.is_null(), "{name}"),
            None if page(&body(&entry.without)) == page(&body(&entry.with)) => without_effect.push(name),
            None => {}
        }
    }
    assert!(without_effect.is_empty(), "{without_effect:#?}");
}

#[test]
fn no_field_is_counted_twice_and_nearly_all_are_drawn() {
    let entries = checklist::entries();
    let names: std::collections::BTreeSet<_> = entries.iter().map(|entry| (&entry.section, &entry.field)).collect();
    assert_eq!(names.len(), entries.len());
    let (_, drawn, all) = checklist::counts().pop().unwrap();
    assert!(drawn >= 90 && all - drawn <= 7, "{drawn} of {all}");
}
