//! Markdown as text widgets have it: no HTML, links that lead to pages only, and CloudWatch's buttons.

use maud::{Markup, PreEscaped};
use pulldown_cmark::{CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html::push_html};

fn events(text: &str) -> impl Iterator<Item = Event<'_>> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH).map(|event| match event {
        // What is HTML in it is shown as it is written.
        Event::Html(html) | Event::InlineHtml(html) => Event::Text(html),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            let dest_url = safe(dest_url);
            Event::Start(Tag::Link { link_type, dest_url, title, id })
        }
        // A picture would be loaded from elsewhere: a link to it is not.
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: safe(dest_url), title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        other => other,
    })
}

/// An address that a click may lead to; anything else leads nowhere.
fn safe(url: CowStr<'_>) -> CowStr<'_> {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    match scheme.as_deref() {
        Some("http" | "https" | "mailto") => url,
        None => url,
        // A colon that comes after a slash belongs to a path.
        Some(scheme) if scheme.contains(['/', '#', '?']) => url,
        Some(_) => "#".into(),
    }
}

/// `[button:primary:Text](url)` is a button, and its title is what is after the last colon.
fn button(text: &str) -> Option<&str> {
    let rest = text.strip_prefix("button:")?;
    Some(rest.strip_prefix("primary:").or_else(|| rest.strip_prefix("normal:")).unwrap_or(rest))
}

/// Markdown as HTML: no HTML of its own, no scheme but those that lead to pages.
#[must_use]
pub fn html(text: &str) -> Markup {
    let mut all: Vec<Event<'_>> = events(text).collect();
    for index in 1..all.len() {
        let (Event::Start(Tag::Link { dest_url, .. }), Event::Text(words)) = (&all[index - 1], &all[index]) else {
            continue;
        };
        let Some(label) = button(words) else { continue };
        let link = maud::html! { a class="button" href=(dest_url) { (label) } };
        all[index - 1] = Event::InlineHtml(link.into_string().into());
        all[index] = Event::Text("".into());
        if let Some(end) = all.iter().skip(index).position(|event| *event == Event::End(TagEnd::Link)) {
            all[index + end] = Event::Text("".into());
        }
    }
    let mut html = String::new();
    push_html(&mut html, all.into_iter());
    PreEscaped(html)
}

/// A line of a picture: its size, whether it is bold, and its text.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plain {
    pub(crate) size: f64,
    pub(crate) bold: bool,
    pub(crate) text: String,
}

/// The same as lines, for pictures and terminals: what a link leads to is not in them.
pub(crate) fn plain(text: &str) -> Vec<Plain> {
    let mut lines = Vec::new();
    let mut line = Plain { size: 13.0, bold: false, text: String::new() };
    let mut end = |line: &mut Plain| {
        if !line.text.trim().is_empty() {
            lines.push(Plain { text: line.text.trim().to_owned(), ..line.clone() });
        }
        *line = Plain { size: 13.0, bold: false, text: String::new() };
    };
    for event in events(text) {
        match event {
            Event::Start(Tag::Heading { level, .. }) => {
                let size = match level {
                    HeadingLevel::H1 => 20.0,
                    HeadingLevel::H2 => 16.0,
                    _ => 14.0,
                };
                line = Plain { size, bold: true, text: String::new() };
            }
            Event::Start(Tag::Item) => line.text.push_str("• "),
            Event::End(
                TagEnd::Heading(_) | TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead,
            )
            | Event::HardBreak => end(&mut line),
            Event::End(TagEnd::TableCell) => line.text.push_str("   "),
            Event::SoftBreak => line.text.push(' '),
            Event::Text(words) => match button(&words) {
                Some(label) => line.text.push_str(&format!("[ {label} ]")),
                None => {
                    // A block of code keeps its lines.
                    for (index, part) in words.split('\n').enumerate() {
                        if index > 0 {
                            end(&mut line);
                        }
                        line.text.push_str(part);
                    }
                }
            },
            Event::Code(words) => line.text.push_str(&words),
            _ => {}
        }
    }
    end(&mut line);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn html_is_shown_and_not_run() {
        let html = html("# Hi <script>alert(1)</script>\n\n<img src=x onerror=alert(1)>\n\n[x](javascript:alert(1)) ![p](http://a/b.png)").into_string();
        assert!(!html.contains("<script") && !html.contains("<img") && !html.contains("javascript:"), "{html}");
        assert!(html.contains("&lt;script&gt;") && html.contains("<a href=\"http://a/b.png\">p</a>"), "{html}");
    }

    #[test]
    fn buttons_links_and_tables_are_cloudwatchs() {
        let page = html("[button:primary:Open](https://example.com) and [docs](page.md#a:b)\n\n|a|b|\n|-|-|\n|1|2|")
            .into_string();
        assert!(page.contains("<a class=\"button\" href=\"https://example.com\">Open</a>"), "{page}");
        assert!(page.contains("<a href=\"page.md#a:b\">docs</a>") && page.contains("<table>"), "{page}");
    }

    #[test]
    fn pictures_get_lines() {
        let lines = plain("# Orders\nAre they *flowing*?\nSee [the page](x).\n\n- one\n- two `code`");
        let texts: Vec<_> = lines.iter().map(|line| line.text.as_str()).collect();
        assert_eq!(texts, ["Orders", "Are they flowing? See the page.", "• one", "• two code"]);
        assert!(lines[0].bold && lines[0].size > lines[1].size);
    }
}
