//! axe-core, where npm can bring it: a tool of the tests, in no package and no page of the project.

use std::{fs, path::PathBuf, process::Command, sync::LazyLock, time::Duration};

use serde_json::Value;

use crate::{
    browser::{Browser, skipped},
    screenshots,
};

const VERSION: &str = "4.14.1";

/// Its script, brought once and kept.
static AXE: LazyLock<Option<String>> = LazyLock::new(|| {
    let folder: PathBuf = screenshots().with_file_name("axe-core");
    let script = folder.join(format!("axe-{VERSION}.js"));
    if !script.is_file() {
        fs::create_dir_all(&folder).ok()?;
        let packed = Command::new("npm")
            .args(["pack", "--silent", &format!("axe-core@{VERSION}")])
            .current_dir(&folder)
            .output();
        let archive = folder.join(format!("axe-core-{VERSION}.tgz"));
        let unpacked = packed.is_ok_and(|packed| packed.status.success())
            && Command::new("tar")
                .args(["-xzf"])
                .arg(&archive)
                .args(["-C"])
                .arg(&folder)
                .arg("package/axe.min.js")
                .status()
                .is_ok_and(|status| status.success());
        if !unpacked {
            skipped(&format!("axe's findings on the console's pages: npm can't bring axe-core {VERSION}"));
            return None;
        }
        fs::rename(folder.join("package/axe.min.js"), &script).ok()?;
    }
    fs::read_to_string(script).ok()
});

/// Serious and critical findings on the page that is shown.
pub(crate) fn findings(browser: &mut Browser) -> Vec<String> {
    let Some(axe) = AXE.as_deref() else { return Vec::new() };
    browser.eval(&format!("{axe}; true"));
    let found = browser.eval(
        "axe.run(document, {resultTypes: ['violations']}).then(result => result.violations
            .filter(one => ['serious', 'critical'].includes(one.impact))
            .map(one => one.id + ': ' + one.help + ' | ' + one.nodes.slice(0, 3).map(node => node.html.slice(0, 160) + ' ' + (node.any[0]?.message ?? '')).join(' | ')))",
    );
    found.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Every page, narrow and wide, light and dark: nothing wrong with it, and nothing that the browser complains of.
pub(crate) fn assert_sound(browser: &mut Browser, base: &str, pages: &[(&str, String)]) {
    let mut problems = Vec::new();
    for (name, path) in pages {
        browser.window(1280, false);
        browser.go(&format!("{base}{path}"));
        for (width, dark) in [(1280, false), (1280, true), (320, false), (320, true)] {
            look(browser, name, width, dark, &mut problems);
        }
        // Of a page that is not there the browser itself complains.
        let complaints = browser.complaints();
        problems.extend(complaints.into_iter().filter(|_| *name != "missing").map(|what| format!("{name}: {what}")));
        let text = browser.eval("document.querySelector('main').innerText");
        if text.as_str().is_none_or(|text| text.contains("This page has no answer")) {
            problems.push(format!("{name}: {text}"));
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

/// A page at one width in one theme: its picture, and what is wrong with it.
pub(crate) fn look(browser: &mut Browser, name: &str, width: u32, dark: bool, problems: &mut Vec<String>) {
    let theme = if dark { "dark" } else { "light" };
    browser.window(width, dark);
    std::thread::sleep(Duration::from_millis(100));
    browser.screenshot(&screenshots().join(format!("{name}-{width}-{theme}.png")));
    let wide = browser.eval("document.documentElement.scrollWidth - document.documentElement.clientWidth");
    if wide.as_i64().unwrap_or_default() > 0 {
        problems.push(format!("{name} at {width}: {wide} px wider than its window"));
    }
    if width == 1280 {
        problems.extend(findings(browser).into_iter().map(|found| format!("{name} {theme}: {found}")));
    }
}
