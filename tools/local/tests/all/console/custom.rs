//! The dashboard's custom widgets on the console's page: answered by the viewer's zip through the stack, their buttons at work.

use std::time::Duration;

use serde_json::json;

use super::{console, pages::dead_letter, screenshots};
use crate::{
    axe,
    common::{ORDER, Stack},
    running::{Console, browser},
};

const DASHBOARD: &str = "/dashboards/order-processing-local-orders";
/// The first call starts a function's process.
const SOON: Duration = Duration::from_secs(60);

async fn stack() -> (Stack, Console) {
    let stack = Stack::up_changed(|settings| settings["viewer"]["actions"] = json!(true), &[]).await;
    let console = console(&stack, &stack.dir().join("project"));
    (stack, console)
}

/// In the section of the widget with that title.
fn within(title: &str, of_it: &str) -> String {
    format!("document.querySelector('[data-custom][aria-label={title:?}]'){of_it}")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_widget_finds_an_order_and_redrives_a_letter_after_a_question() {
    let (stack, console) = stack().await;
    let Some(mut browser) = browser(&console, "the dashboard's custom widgets") else { return };
    let order = stack.post(ORDER).body["orderId"].as_str().unwrap().to_owned();
    stack.stored(&order).await;
    dead_letter(&stack).await;
    browser.go(&format!("{}{DASHBOARD}", console.base()));
    let find = |of_it: &str| within("Find an order", of_it);
    browser.until("the scripts", &find(".querySelector('cwdb-action[data-dressed]')"), SOON);
    browser.eval(&find(".querySelector('input[name=order]').focus()"));
    browser.call("Input.insertText", json!({"text": order}));
    browser.key("Enter");
    browser.until(
        "the waterfall",
        &find(".querySelector('.custom svg[role=img] title')?.textContent.startsWith('Trace 1-')"),
        SOON,
    );
    let shown = browser.eval(&find(".innerText"));
    let shown = shown.as_str().unwrap();
    assert!(shown.contains("✓ Stored") && shown.contains("✓ enqueue") && shown.contains("accepted"), "{shown}");

    let letters = |of_it: &str| within("Dead letters by reason", of_it);
    assert_eq!(browser.eval(&letters(".innerText.includes('Undecodable: 1')")), true);
    let mut problems = Vec::new();
    axe::look(&mut browser, "custom", 1280, false, &mut problems);
    axe::look(&mut browser, "custom", 320, true, &mut problems);
    assert!(problems.is_empty(), "{problems:?}");
    browser.window(1280, false);

    // A question first: who says no has done nothing.
    browser.eval(&letters(".querySelector('.btn').click()"));
    browser.until(
        "the question",
        "document.querySelector('#custom-question')?.innerText.includes('Send 1 letter (Undecodable) back')",
        SOON,
    );
    browser.screenshot(&screenshots().join("custom-question.png"));
    browser.eval("document.querySelector('#custom-question button').click()");
    browser.until("the question to go", "!document.querySelector('#custom-question')", SOON);
    assert_eq!(browser.eval(&letters(".innerText.includes('Undecodable: 1')")), true);
    // What a look has hidden shows again by itself.
    tokio::time::sleep(Duration::from_secs(4)).await;
    browser.eval(&letters(".querySelector('.btn').click()"));
    browser.until("the question again", "document.querySelector('#custom-question')", SOON);
    browser.eval("document.querySelector('#custom-question .primary').click()");
    browser.until("the letter to be sent back", &letters(".innerText.includes('1 of 1 sent back')"), SOON);

    // A runbook in a window of its own, and from it another.
    let alarms = |of_it: &str| within("What fires and its runbook", of_it);
    browser.eval(&alarms(".querySelector('details').open = true"));
    browser.eval(&alarms(
        ".querySelectorAll('details a').forEach(link => link.textContent === 'queue-age' && link.click())",
    ));
    browser.until("the runbook", "document.querySelector('dialog.answer')?.innerText.includes('Mitigation')", SOON);
    browser.screenshot(&screenshots().join("custom-runbook.png"));
    browser.eval("[...document.querySelectorAll('dialog.answer .custom a')].find(link => link.textContent === 'dlq-depth').click()");
    browser.until(
        "the other runbook",
        "document.querySelector('dialog.answer h1').innerText.startsWith('dlq-depth')",
        SOON,
    );
    assert_eq!(browser.complaints(), Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn without_scripts_a_widget_shows_its_first_answer_and_only_the_dashboard_s_functions_are_called() {
    let (stack, console) = stack().await;
    dead_letter(&stack).await;
    let page = |path: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let bearer = format!("Bearer {}", console.token());
        let mut answer = agent.get(format!("{}{path}", console.base())).header("authorization", bearer).call().unwrap();
        answer.body_mut().read_to_string().unwrap()
    };
    let html = page(DASHBOARD);
    assert!(
        html.contains("Undecodable: 1") && html.contains("name=\"order\"") && html.contains("Nothing fires"),
        "{html}"
    );
    assert!(!html.contains("<style") && !html.contains(" style="), "nothing that the policy of the page forbids");
    // A page that follows what changes does not ask the functions again.
    assert!(!page(&format!("{DASHBOARD}?live=1")).contains("Undecodable: 1"));
    let act = |endpoint: &str| {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).proxy(None).build().into();
        let bearer = format!("Bearer {}", console.token());
        let form = [
            ("widget", custom_index(&html)),
            ("endpoint", endpoint.to_owned()),
            ("parameters", "{\"widget\": \"alarms\"}".to_owned()),
        ];
        let mut answer = agent
            .post(format!("{}{DASHBOARD}/custom", console.base()))
            .header("authorization", bearer)
            .send_form(form)
            .unwrap();
        (answer.status().as_u16(), answer.body_mut().read_to_string().unwrap())
    };
    let (status, said) = act(&stack.outputs["viewer_function_arn"]);
    assert!(status == 200 && said.contains("Nothing fires"), "{status} {said}");
    let (status, said) = act("arn:aws:lambda:us-east-1:000000000000:function:order-processing-local-processor");
    assert!(status == 502 && said.contains("is no function of this dashboard"), "{status} {said}");
}

fn custom_index(html: &str) -> String {
    html.split("data-custom=\"").nth(1).unwrap().split('"').next().unwrap().to_owned()
}
