//! A real browser on a page of another origin, with everything that a page can try.

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    path::PathBuf,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use super::{own_key, port, signing::presigned};
use crate::common::{ORDER, Stack, skipped, wait_for};

/// Of Debian, of Ubuntu, of others.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];

fn browser() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

/// Tries each way, then says on itself what came of them.
fn page(stack: &Stack) -> String {
    let port = port(stack);
    // The page even knows the stack's key: where it comes from is enough to refuse it.
    let invoke = presigned(
        "POST",
        port,
        "/2015-03-31/functions/order-processing-local-validator/invocations",
        "lambda",
        &own_key(stack),
        "{}",
    );
    let functions = presigned("GET", port, "/2015-03-31/functions", "lambda", &own_key(stack), "");
    let (api, order) = (&stack.outputs["api_url"], serde_json::Value::from(ORDER));
    format!(
        r#"<!doctype html><meta charset="utf-8"><title>page</title><pre id="result">not run</pre>
<form id="form" method="post" enctype="text/plain" action="{api}" target="frame"><input name='{{"a":"' value='"}}'></form>
<iframe name="frame"></iframe><img src="http://127.0.0.1:{port}{functions}">
<script>
const at = "http://127.0.0.1:{port}";
const tries = {{
  invoke: () => fetch(at + "{invoke}", {{method: "POST", mode: "no-cors", headers: {{"content-type": "text/plain"}}, body: "{{}}"}}),
  read: () => fetch(at + "{functions}").then(answer => answer.text()),
  reset: () => fetch(at + "/_ministack/reset", {{method: "POST", mode: "no-cors"}}),
  fault: () => fetch(at + "/_local/faults", {{method: "POST", headers: {{"content-type": "application/json"}},
    body: JSON.stringify({{service: "sqs", operation: null, effect: "error", times: null, delay_ms: 0}})}}),
  health: () => fetch(at + "/_local/health").then(answer => answer.text()),
  order: () => fetch("{api}", {{method: "POST", mode: "no-cors", headers: {{"content-type": "text/plain"}}, body: {order}}}),
}};
(async () => {{
  document.getElementById("form").submit();
  const said = [];
  for (const [name, run] of Object.entries(tries)) {{
    try {{
      const answer = await run();
      // A no-cors answer is opaque: that it came says nothing, so the stack is asked afterwards.
      said.push(name + "=" + (answer.type === "opaque" ? "opaque" : "READ"));
    }} catch (error) {{ said.push(name + "=blocked"); }}
  }}
  document.getElementById("result").textContent = "done " + said.join(" ");
}})();
</script>"#
    )
}

#[tokio::test]
async fn a_browser_on_another_page_reaches_nothing() {
    let Some(browser) = browser() else {
        return skipped("the browser's attempts at the local stack: no chromium is installed");
    };
    let stack = Stack::up().await;
    let (before, page) = (stack.count().await, page(&stack));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let ended = Arc::new(AtomicBool::new(false));
    let (serving, until) = (page.clone(), Arc::clone(&ended));
    let server = std::thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { break };
            if until.load(Ordering::Relaxed) {
                break;
            }
            let mut buffer = [0; 4096];
            let _ = stream.read(&mut buffer);
            let head = format!(
                "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
                serving.len()
            );
            let _ = stream.write_all((head + &serving).as_bytes());
        }
    });
    let profile = tempfile::tempdir().unwrap();
    let output = tokio::task::spawn_blocking(move || {
        Command::new("timeout")
            .args(["120".as_ref(), browser.as_os_str()])
            .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"])
            .arg(format!("--user-data-dir={}", profile.path().display()))
            .args(["--virtual-time-budget=15000", "--dump-dom"])
            .arg(format!("http://{address}/"))
            .output()
            .unwrap()
    })
    .await
    .unwrap();
    ended.store(true, Ordering::Relaxed);
    drop(std::net::TcpStream::connect(address));
    server.join().unwrap();
    let dom = String::from_utf8_lossy(&output.stdout).into_owned();
    let result =
        dom.split("id=\"result\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap_or_default().to_owned();
    assert!(result.starts_with("done "), "{result}: {dom} {}", String::from_utf8_lossy(&output.stderr));
    assert!(!result.contains("READ"), "{result}");
    for closed in ["read=blocked", "health=blocked", "fault=blocked"] {
        assert!(result.contains(closed), "{result}");
    }

    // What the page could not see did not happen either.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stack.count().await, before, "no order of the page's");
    let listed = stack.suite(&["fault"]);
    assert_eq!(String::from_utf8_lossy(&listed.stdout).trim(), "[]", "no fault of the page's");
    let answer = stack.post(ORDER);
    wait_for("an order of ours to be stored", async || stack.item(answer.body["orderId"].as_str().unwrap()).await)
        .await;
    assert_eq!(stack.count().await, before + 1);
}
