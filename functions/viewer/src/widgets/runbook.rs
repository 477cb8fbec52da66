//! The runbooks, as they are in the binary.

use maud::{Markup, PreEscaped, html};
use serde_json::json;

use crate::html::Call;

/// The widget that shows the pages.
pub(super) const WIDGET: &str = "alarms";

/// By name.
const PAGES: &[(&str, &str)] = &include!(concat!(env!("OUT_DIR"), "/runbooks.rs"));

pub(super) fn find(name: &str) -> Option<&'static str> {
    PAGES.iter().find(|(page, _)| *page == name).map(|(_, text)| *text)
}

pub(super) fn names() -> impl Iterator<Item = &'static str> {
    PAGES.iter().map(|(name, _)| *name)
}

/// A button that shows a page in a window of its own.
pub(super) fn call<'a>(endpoint: &'a str, page: &str) -> Call<'a> {
    Call { endpoint, with: json!({"widget": WIDGET, "page": page}), popup: true, confirmation: None }
}

/// A page, with its links to others as calls.
pub(super) fn draw(endpoint: &str, text: &str) -> Markup {
    let plain: Vec<&str> = text.lines().filter(|line| !line.starts_with("<!--")).collect();
    let page = views::markdown(&plain.join("\n")).into_string();
    html! { (PreEscaped(linked(endpoint, &page))) }
}

/// `dlq-depth.md` leads nowhere in a dashboard. What the Markdown's renderer has written is known: nothing else is looked for.
fn linked(endpoint: &str, page: &str) -> String {
    const LINK: &str = "<a href=\"";
    let mut out = String::with_capacity(page.len());
    let mut rest = page;
    while let Some((before, link)) = rest.split_once(LINK) {
        out.push_str(before);
        let Some((target, after)) = link.split_once("\">") else {
            rest = link;
            continue;
        };
        let Some((label, behind)) = after.split_once("</a>") else {
            rest = after;
            continue;
        };
        let name = target.strip_suffix(".md").filter(|name| find(name).is_some());
        match name {
            Some(name) => {
                out.push_str(&format!("<a>{label}</a>{}", call(endpoint, name).action().into_string()));
            }
            None if target.starts_with("https://") => out.push_str(&format!("{LINK}{target}\">{label}</a>")),
            // A file of the project.
            None => out.push_str(label),
        }
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_pages_are_calls_and_links_to_files_are_words() {
        let page = linked(
            "arn:f",
            r#"<p>see <a href="dlq-depth.md">that</a>, <a href="../terraform/x.tf">it</a>, <a href="https://a.b/c">c</a>.</p>"#,
        );
        assert!(
            page.starts_with("<p>see <a>that</a><cwdb-action action=\"call\" display=\"popup\" endpoint=\"arn:f\">"),
            "{page}"
        );
        assert!(page.ends_with("</cwdb-action>, it, <a href=\"https://a.b/c\">c</a>.</p>"), "{page}");
    }

    #[test]
    fn every_page_of_the_project_is_in_the_binary() {
        assert!(
            names().count() >= 18
                && find("queue-age").is_some()
                && find("README").is_none()
                && find("_template").is_none()
        );
    }
}
