//! Each page in a browser: nothing it complains of, nothing that shuts somebody out, no wider than its window.

use std::time::Duration;

use crate::{
    axe, console,
    running::browser,
    standin::{ORDER, StandIn},
};

fn pages() -> Vec<(&'static str, String)> {
    [
        ("now", "/".to_owned()),
        ("order", format!("/orders/{ORDER}")),
        ("dashboard", "/dashboards/order-processing-local".to_owned()),
        ("alarms", "/alarms?lanes=all".to_owned()),
        ("alarm", "/alarms/queue-age".to_owned()),
        ("composite", "/alarms/processing-failing".to_owned()),
        ("traces", "/traces".to_owned()),
        ("map", "/map".to_owned()),
        ("logs", "/logs".to_owned()),
        ("query", "/logs?query=stats+count(*)+by+step".to_owned()),
        ("dlq", "/dlq".to_owned()),
        ("letter", "/dlq/5f0e1a2b-0000-4000-8000-000000000001".to_owned()),
        ("runbooks", "/runbooks".to_owned()),
        ("runbook", "/runbooks/queue-age".to_owned()),
        ("cost", "/cost".to_owned()),
        ("health", "/health".to_owned()),
        ("search", "/search?q=no+id".to_owned()),
        ("missing", "/no/such/page".to_owned()),
    ]
    .into()
}

#[test]
fn no_page_has_an_error_a_violation_or_a_serious_finding() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    let Some(mut browser) = browser(&console, "the console's pages in a browser") else { return };
    axe::assert_sound(&mut browser, console.base(), &pages());
}

#[test]
fn the_keyboard_alone_leads_from_the_first_page_to_a_letter_that_would_be_redriven() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    let Some(mut browser) = browser(&console, "the keyboard's way through the console") else { return };
    browser.until_live();
    browser.key("g");
    browser.key("q");
    browser.until(
        "the dead letters",
        "location.pathname === '/dlq' && document.body.innerText.includes('Conflict')",
        Duration::from_secs(30),
    );
    browser.tab_to("Redrive all 1");
    browser.key("Enter");
    browser.until(
        "what would be done",
        "document.body.innerText.includes('would be sent back')",
        Duration::from_secs(30),
    );
    browser.tab_to("Redrive 1");
    browser.key("?");
    browser.until("the list of keys", "document.getElementById('keys').open", Duration::from_secs(5));
    browser.key("Escape");
    browser.key("/");
    browser.until("the search", "document.activeElement.id === 'q'", Duration::from_secs(5));
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[test]
fn a_filter_is_in_the_address_and_the_page_says_that_it_is_live() {
    let stand_in = StandIn::start();
    let console = console(&stand_in);
    let Some(mut browser) = browser(&console, "the console's addresses") else { return };
    browser.until_live();
    browser.go(&format!("{}/traces?filter=http.status+%3D+202", console.base()));
    assert_eq!(browser.eval("document.getElementById('filter').value"), "http.status = 202");
}
