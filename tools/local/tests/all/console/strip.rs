//! The guided strip, clicked through: an order, a broken consumer, a red alarm, its runbook, green; and the incident as a test.

use std::{fs, path::PathBuf, process::Command, time::Duration};

use super::{console, screenshots};
use crate::{browser::Browser, common::Stack, running::browser};

/// An alarm's twelve minutes are as many seconds, and the machine may be busy.
const SOON: Duration = Duration::from_secs(90);

fn alarms(project: &std::path::Path, scenario: &str) -> std::process::Output {
    let program = PathBuf::from(env!("CARGO_BIN_EXE_suite")).with_file_name("alarms");
    assert!(program.is_file(), "{}: `cargo build -p alarms` first, or `make test`", program.display());
    let file = format!("tools/alarms/scenarios/{scenario}");
    Command::new(program)
        .args(["test", "--only", "incident", "--scenarios", &file])
        .current_dir(project)
        .output()
        .unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_five_minutes_lead_from_red_to_green_and_the_incident_is_kept_as_a_test() {
    let stack = Stack::up_changed(|_| {}, &["--time-scale", "60"]).await;
    let project = stack.dir().join("project");
    let console = console(&stack, &project);
    let Some(mut browser) = browser(&console, "the guided strip in a browser") else { return };
    let shot = |browser: &mut Browser, name: &str| browser.screenshot(&screenshots().join(format!("strip-{name}.png")));
    let step =
        |number: usize| format!("document.querySelectorAll('.strip li')[{}]?.classList.contains('now')", number - 1);
    browser.until("the step to break something", &step(2), SOON);
    shot(&mut browser, "1-sent");
    browser.press("#now-strip form[action='/consumer'] button");
    browser.until("the step to wait for the alarm", &step(3), SOON);
    shot(&mut browser, "2-broken");
    browser.until("the alarm", &step(4), SOON);
    assert_eq!(browser.eval("document.querySelector('.verdict').classList.contains('bad')"), true);
    shot(&mut browser, "3-red");
    browser.press("#now-strip a.action[href='/runbooks/queue-age']");
    shot(&mut browser, "4-runbook");
    // The block that starts the consumer, by its Run button.
    let block = browser.eval(
        "[...document.querySelectorAll('.block')].find(one => one.innerText.includes('orders consumer start')).id",
    );
    browser.press(&format!("#{} form button", block.as_str().unwrap()));
    let id = block.as_str().unwrap();
    assert_eq!(
        browser.eval(&format!("Boolean(document.querySelector('#{id} .result.ok'))")),
        true,
        "{}",
        browser.eval("document.querySelector('main').innerText")
    );
    shot(&mut browser, "5-ran");
    browser.until(
        "the page's alarms to be OK",
        "document.querySelector('#runbook-alarms').innerText.includes('Recovered')",
        SOON,
    );
    browser.go(&format!("{}/", console.base()));
    browser.until("all steps to be done", "document.querySelectorAll('.strip li.done').length === 5", SOON);
    shot(&mut browser, "6-green");

    browser.press("#now-strip a.action[href='/alarms/queue-age']");
    browser.press("form[action='/alarms/queue-age/scenario'] button");
    browser.until("the scenario to be saved", "document.body.innerText.includes('Saved as')", SOON);
    shot(&mut browser, "7-scenario");
    assert_eq!(browser.complaints(), Vec::<String>::new());
    let scenarios = project.join("tools/alarms/scenarios");
    let saved = fs::read_dir(scenarios).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let saved = saved.into_iter().find(|name| name.starts_with("incident-queue-age-")).expect("a file");
    let passed = alarms(&project, &saved);
    assert!(
        passed.status.success(),
        "{}{}",
        String::from_utf8_lossy(&passed.stdout),
        String::from_utf8_lossy(&passed.stderr)
    );
    let catalogue = project.join("terraform/alarms.yaml");
    let text = fs::read_to_string(&catalogue).unwrap();
    let (before, own) = text.split_once("\n  queue-age:").unwrap();
    fs::write(&catalogue, format!("{before}\n  queue-age:{}", own.replacen("threshold: 120", "threshold: 240", 1)))
        .unwrap();
    let failed = alarms(&project, &saved);
    assert_eq!(failed.status.code(), Some(1), "{}", String::from_utf8_lossy(&failed.stdout));
}
