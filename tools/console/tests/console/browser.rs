//! A browser, driven by its own protocol over two pipes: no port is open, and nothing else is installed.

#![allow(dead_code, reason = "each test program uses a part")]

use std::{
    collections::HashMap,
    fs::{self, File, OpenOptions},
    io::{BufRead as _, BufReader, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::mpsc::{self, Receiver},
    time::{Duration, Instant},
};

use serde_json::{Value, json};

/// Of Debian, of Ubuntu, of others.
const BROWSERS: [&str; 4] = ["chromium", "chromium-browser", "google-chrome", "chrome"];
const WITHIN: Duration = Duration::from_secs(60);

/// One that is installed.
pub(crate) fn installed() -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .flat_map(|folder| BROWSERS.map(|name| folder.join(name)))
        .find(|program| program.is_file())
}

/// A page in it.
pub(crate) struct Browser {
    child: Child,
    to: File,
    from: Receiver<Value>,
    next: u64,
    session: Option<String>,
    /// What a page has complained of since it was last asked.
    complaints: Vec<String>,
    _folder: tempfile::TempDir,
}

impl Browser {
    pub(crate) fn start(program: &Path) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let [input, output] = ["in", "out"].map(|name| folder.path().join(name));
        assert!(Command::new("mkfifo").args([&input, &output]).status().unwrap().success());
        // The protocol's pipes are the descriptors 3 and 4.
        let child = Command::new("sh")
            .args(["-c", r#"in=$1 out=$2; shift 2; exec "$@" 3<"$in" 4>"$out""#, "sh"])
            .args([&input, &output])
            .arg(program)
            .args(["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage"])
            .args(["--hide-scrollbars", "--remote-debugging-pipe", "--force-color-profile=srgb"])
            .arg(format!("--user-data-dir={}", folder.path().join("profile").display()))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let to = OpenOptions::new().write(true).open(&input).unwrap();
        let mut reader = BufReader::new(File::open(&output).unwrap());
        let (sender, from) = mpsc::channel();
        std::thread::spawn(move || {
            let mut message = Vec::new();
            while reader.read_until(0, &mut message).is_ok_and(|read| read > 0) {
                message.pop();
                let Ok(value) = serde_json::from_slice(&message) else { break };
                if sender.send(value).is_err() {
                    break;
                }
                message.clear();
            }
        });
        let mut browser = Self { child, to, from, next: 0, session: None, complaints: Vec::new(), _folder: folder };
        let target = browser.call("Target.createTarget", json!({"url": "about:blank"}))["targetId"].clone();
        let session = browser.call("Target.attachToTarget", json!({"targetId": target, "flatten": true}));
        browser.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            browser.call(&format!("{domain}.enable"), json!({}));
        }
        // Keys go to the page that has the focus, and no window of a headless browser has it.
        browser.call("Emulation.setFocusEmulationEnabled", json!({"enabled": true}));
        browser
    }

    pub(crate) fn call(&mut self, method: &str, params: Value) -> Value {
        self.next += 1;
        let id = self.next;
        let mut message = json!({"id": id, "method": method, "params": params});
        if let Some(session) = &self.session {
            message["sessionId"] = session.clone().into();
        }
        self.to.write_all(format!("{message}\0").as_bytes()).unwrap();
        let begun = Instant::now();
        loop {
            let answer = self.receive(WITHIN.saturating_sub(begun.elapsed()), method);
            if answer["id"] == id {
                assert!(answer["error"].is_null(), "{method}: {}", answer["error"]);
                return answer["result"].clone();
            }
        }
    }

    /// Whatever comes next; what is said of the page is kept.
    fn receive(&mut self, within: Duration, what: &str) -> Value {
        let message = self.from.recv_timeout(within).unwrap_or_else(|_| panic!("the browser does not answer: {what}"));
        let params = &message["params"];
        match message["method"].as_str() {
            Some("Runtime.exceptionThrown") => self.complaints.push(params["exceptionDetails"].to_string()),
            Some("Runtime.consoleAPICalled") if params["type"] == "error" => {
                self.complaints.push(params["args"].to_string())
            }
            Some("Log.entryAdded") if params["entry"]["level"] == "error" => {
                self.complaints.push(format!("{} {}", params["entry"]["text"], params["entry"]["url"]));
            }
            _ => {}
        }
        message
    }

    pub(crate) fn go(&mut self, url: &str) {
        self.leaving(|browser| drop(browser.call("Page.navigate", json!({"url": url}))));
    }

    /// Until another document than today's is whole: events tell of documents that were left, too.
    fn leaving(&mut self, leave: impl FnOnce(&mut Self)) {
        self.eval("window.left = true");
        leave(self);
        self.until("the page to load", "!window.left && document.readyState === 'complete'", WITHIN);
    }

    /// What an expression is, once it is settled.
    pub(crate) fn eval(&mut self, expression: &str) -> Value {
        let params =
            json!({"expression": expression, "awaitPromise": true, "returnByValue": true, "userGesture": true});
        let result = self.call("Runtime.evaluate", params);
        assert!(result["exceptionDetails"].is_null(), "{expression}: {}", result["exceptionDetails"]);
        result["result"]["value"].clone()
    }

    /// Until an expression is true.
    pub(crate) fn until(&mut self, what: &str, expression: &str, within: Duration) {
        let begun = Instant::now();
        loop {
            // Between two pages there is none to ask.
            let params = json!({"expression": format!("Boolean({expression})"), "returnByValue": true});
            if self.call("Runtime.evaluate", params)["result"]["value"] == true {
                return;
            }
            if begun.elapsed() > within {
                let page = self.eval("location.href + '\\n' + document.body.innerText");
                panic!("waited {} s for {what}: {}", within.as_secs(), page.as_str().unwrap_or_default());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Until the page's stream is there, and with it its scripts.
    pub(crate) fn until_live(&mut self) {
        let live = "document.getElementById('live').textContent.includes('● live')";
        self.until("the stream", live, Duration::from_secs(20));
    }

    /// Clicks what fits a selector, as a person does, and waits for the page that comes.
    pub(crate) fn press(&mut self, selector: &str) {
        let exists = self.eval(&format!("Boolean(document.querySelector({selector:?}))"));
        if exists != true {
            let page = self.eval("location.href + '\\n' + document.body.innerText");
            panic!("nothing fits {selector}: {}", page.as_str().unwrap_or_default());
        }
        self.leaving(|browser| drop(browser.eval(&format!("document.querySelector({selector:?}).click()"))));
    }

    /// A key, as the keyboard sends it.
    pub(crate) fn key(&mut self, key: &str) {
        let codes = HashMap::from([("Tab", 9), ("Enter", 13), ("Escape", 27)]);
        let code = codes.get(key).copied().unwrap_or_else(|| u32::from(key.to_uppercase().as_bytes()[0]));
        let text = match key {
            "Enter" => Some("\r"),
            "Tab" | "Escape" => None,
            key => Some(key),
        };
        let mut down = json!({"type": if text.is_some() { "keyDown" } else { "rawKeyDown" }, "key": key, "code": key, "windowsVirtualKeyCode": code});
        if let Some(text) = text {
            down["text"] = text.into();
        }
        self.call("Input.dispatchKeyEvent", down);
        self.call(
            "Input.dispatchKeyEvent",
            json!({"type": "keyUp", "key": key, "code": key, "windowsVirtualKeyCode": code}),
        );
    }

    /// By the Tab key alone to what is labelled so; what has the focus is seen.
    pub(crate) fn tab_to(&mut self, label: &str) {
        // As often as it takes, but not for ever.
        for _ in 0..80 {
            if self.eval("document.activeElement.textContent.trim()") == label {
                let outline = self.eval("getComputedStyle(document.activeElement).outlineStyle");
                assert_ne!(outline, "none", "one can't see that {label} has the focus");
                return;
            }
            self.key("Tab");
        }
        panic!("no way to {label} by the Tab key");
    }

    pub(crate) fn window(&mut self, width: u32, dark: bool) {
        self.call(
            "Emulation.setDeviceMetricsOverride",
            json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": false}),
        );
        let scheme = if dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}, {"name": "prefers-reduced-motion", "value": "reduce"}]);
        self.call("Emulation.setEmulatedMedia", json!({"features": features}));
    }

    /// The whole page, into a file.
    pub(crate) fn screenshot(&mut self, path: &Path) {
        let size = self.call("Page.getLayoutMetrics", json!({}))["cssContentSize"].clone();
        let clip = json!({"x": 0, "y": 0, "width": size["width"], "height": size["height"].as_f64().unwrap().min(6000.0), "scale": 1});
        let shot =
            self.call("Page.captureScreenshot", json!({"format": "png", "clip": clip, "captureBeyondViewport": true}));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, decoded(shot["data"].as_str().unwrap())).unwrap();
    }

    pub(crate) fn complaints(&mut self) -> Vec<String> {
        // What is under way is told first.
        self.eval("1");
        std::mem::take(&mut self.complaints)
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn decoded(base64: &str) -> Vec<u8> {
    let value = |c: u8| match c {
        b'A'..=b'Z' => c - b'A',
        b'a'..=b'z' => c - b'a' + 26,
        b'0'..=b'9' => c - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let mut bytes = Vec::with_capacity(base64.len() / 4 * 3);
    for chunk in base64.trim_end_matches('=').as_bytes().chunks(4) {
        let bits = chunk.iter().fold(0u32, |bits, c| bits << 6 | u32::from(value(*c))) << (6 * (4 - chunk.len()));
        bytes.extend_from_slice(&bits.to_be_bytes()[1..chunk.len()]);
    }
    bytes
}

/// Says what could not run here: in the file that `scripts/test` shows at the end, or past the harness, which keeps to itself what a
/// passing test prints.
pub(crate) fn skipped(what: &str) {
    match std::env::var_os("SKIPPED") {
        Some(file) => writeln!(OpenOptions::new().append(true).open(file).unwrap(), "{what}").unwrap(),
        None => writeln!(std::io::stderr(), "skipped: {what}").expect("a terminal"),
    }
}
