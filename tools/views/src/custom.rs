//! What a custom widget's function answers: Markdown, HTML without what CloudWatch takes out of it, or the data itself.
//!
//! CloudWatch lets a widget have no scripts, no handlers of events, no frames and no `use`. Here it has no style sheets either: a page
//! that has none inline does not begin with somebody else's.

use maud::{Markup, html};
use serde_json::Value;

use crate::markdown;

/// A custom widget's answer as markup. A text is HTML, an object with `markdown` is Markdown, anything else is data.
#[must_use]
pub fn custom(answer: &Value) -> Markup {
    match (answer, answer.get("markdown").and_then(Value::as_str)) {
        (_, Some(text)) => markdown::html(text),
        (Value::String(text), _) => filtered(text),
        (data, _) => html! { pre { (serde_json::to_string_pretty(data).unwrap_or_default()) } },
    }
}

/// Without the filter somebody else's HTML is text.
#[cfg(not(feature = "html-filter"))]
fn filtered(text: &str) -> Markup {
    html! { pre { (text) } }
}

#[cfg(feature = "html-filter")]
fn filtered(text: &str) -> Markup {
    maud::PreEscaped(filter::FILTER.clean(text).to_string())
}

#[cfg(feature = "html-filter")]
mod filter {
    use std::sync::LazyLock;

    use ammonia::Builder;

    /// Beside what prose and tables are made of.
    const TAGS: [&str; 21] = [
        // Forms: their fields go to the function with a click. No attribute leads one anywhere else.
        "form",
        "label",
        "input",
        "select",
        "option",
        "textarea",
        "fieldset",
        "legend",      // CloudWatch's own
        "cwdb-action", // Pictures
        "svg",
        "g",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "desc",
    ];
    const FIELD: [&str; 13] = [
        "name",
        "type",
        "value",
        "placeholder",
        "size",
        "checked",
        "selected",
        "rows",
        "cols",
        "required",
        "min",
        "max",
        "step",
    ];
    const ACTION: [&str; 5] = ["action", "confirmation", "display", "endpoint", "event"];
    /// Attributes that place and colour. No id: another part of the page may have it.
    const PICTURE: [&str; 40] = [
        "xmlns",
        "viewBox",
        "width",
        "height",
        "role",
        "x",
        "y",
        "x1",
        "y1",
        "x2",
        "y2",
        "cx",
        "cy",
        "r",
        "rx",
        "ry",
        "d",
        "points",
        "dx",
        "dy",
        "transform",
        "preserveAspectRatio",
        "fill",
        "fill-opacity",
        "fill-rule",
        "stroke",
        "stroke-width",
        "stroke-dasharray",
        "stroke-linecap",
        "stroke-linejoin",
        "stroke-opacity",
        "opacity",
        "font-family",
        "font-size",
        "font-weight",
        "text-anchor",
        "dominant-baseline",
        "letter-spacing",
        "textLength",
        "lengthAdjust",
    ];

    pub(super) static FILTER: LazyLock<Builder<'static>> = LazyLock::new(|| {
        let mut filter = Builder::default();
        // Nothing is loaded from elsewhere.
        filter.rm_tags(["img", "map", "area"]).add_tags(TAGS).add_tags(["title"]);
        filter.add_generic_attributes(["class", "aria-label", "aria-hidden"]);
        filter.url_schemes(["http", "https", "mailto"].into());
        for tag in &TAGS[..8] {
            filter.add_tag_attributes(tag, FIELD);
        }
        filter.add_tag_attributes("cwdb-action", ACTION);
        for tag in &TAGS[9..] {
            filter.add_tag_attributes(tag, PICTURE);
        }
        filter
    });
}

#[cfg(all(test, feature = "html-filter"))]
mod tests {
    use serde_json::json;

    use super::*;

    fn shown(html: &str) -> String {
        custom(&json!(html)).into_string()
    }

    #[test]
    fn nothing_that_runs_loads_or_leads_away_is_left() {
        for attack in [
            "<script>alert(1)</script>",
            "<p onclick=alert(1)>a</p>",
            "<svg onload=alert(1)><rect onmouseover=alert(1) /></svg>",
            "<svg><script>alert(1)</script></svg>",
            "<svg><use href=\"data:image/svg+xml,x#x\"/></svg>",
            "<svg><animate attributeName=href values=javascript:alert(1) /></svg>",
            "<svg><style><img src=x onerror=alert(1)></style></svg>",
            "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
            "<svg><title><style><img src=x onerror=alert(1)></style></title></svg>",
            "<svg><desc><a xlink:href=\"javascript:alert(1)\">a</a></desc></svg>",
            "<iframe src=\"https://example.com\"></iframe>",
            "<object data=x></object><embed src=x><base href=\"https://example.com\"><link rel=stylesheet href=x><meta http-equiv=refresh content=0>",
            "<a href=\"javascript:alert(1)\">a</a><a href=\" java\nscript:alert(1)\">a</a>",
            "<form action=\"https://example.com\" method=post><input formaction=\"https://example.com\" name=a></form>",
            "<img src=\"https://example.com/pixel\"><p style=\"background:url(https://example.com)\">a</p>",
            "<input id=live data-live=metric autofocus onfocus=alert(1)>",
            "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
            "<cwdb-action action=html><script>alert(1)</script><p onclick=alert(1)>b</p></cwdb-action>",
        ] {
            let shown = shown(attack);
            let lower = shown.to_lowercase();
            for bad in [
                "<script",
                "onclick",
                "onload",
                "onerror",
                "onmouseover",
                "onfocus",
                "<use",
                "<animate",
                "<style",
                "style=",
                "<iframe",
                "<object",
                "<embed",
                "<base",
                "<link",
                "<meta",
                "<img",
                "javascript:",
                "script:",
                "action=\"http",
                "formaction",
                "id=",
                "data-",
                "<noscript",
                "<math",
            ] {
                // What is text now has no tags: `&lt;img`.
                assert!(!lower.contains(bad), "{attack}\nis shown as\n{shown}");
            }
        }
    }

    #[test]
    fn what_a_widget_is_made_of_stays() {
        for html in [
            "<h2>Dead</h2><table><thead><tr><th>Order</th></tr></thead><tbody><tr><td title=\"why\">x</td></tr></tbody></table>",
            "<form><label>Order <input name=\"order\" size=\"40\" placeholder=\"id\" value=\"a&amp;b\"></label></form>",
            "<a class=\"btn btn-primary\" rel=\"noopener noreferrer\">Find</a>",
            "<cwdb-action action=\"call\" confirmation=\"Sure?\" display=\"popup\" endpoint=\"arn:aws:lambda:x\">{\"a\":\"&lt;b&gt;\"}</cwdb-action>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1 1\" role=\"img\"><title>T</title><desc>D</desc><g><rect x=\"1\" class=\"v-ok\"></rect><text text-anchor=\"end\">a</text></g></svg>",
            "<details><summary>More</summary><p>a</p></details>",
        ] {
            // Attributes have no order.
            let parts = |html: &str| {
                let mut parts: Vec<String> = html.split([' ', '>', '<']).map(str::to_owned).collect();
                parts.sort();
                parts
            };
            assert_eq!(parts(&shown(html)), parts(html), "{}", shown(html));
        }
        assert_eq!(
            custom(&json!({"markdown": "**a** <script>"})).into_string(),
            "<p><strong>a</strong> &lt;script&gt;</p>\n"
        );
        assert!(custom(&json!({"rows": [1]})).into_string().starts_with("<pre>{\n"));
    }

    #[test]
    fn a_trace_s_own_picture_passes_whole() {
        let document = r#"{"trace_id": "1-65536f00-0123456789abcdef01234567", "id": "00000000000000a1", "name": "api", "start_time": 1, "end_time": 2, "fault": true}"#;
        let trace = waterfall::Trace::from_documents([document]).unwrap();
        let picture = crate::trace::waterfall(&trace, 800, crate::Theme::Dark).svg;
        let shown = shown(&picture);
        assert!(shown.starts_with("<svg ") && !shown.contains("<style"), "{shown}");
        for part in [
            "viewBox=\"0 0 ",
            "<title>Trace 1-65536f00",
            "<desc>",
            "class=\"v-alarm\"",
            "font-weight=\"700\"",
            "text-anchor=\"middle\"",
        ] {
            assert!(shown.contains(part), "{part}: {shown}");
        }
        assert_eq!(shown.matches("<text").count(), picture.matches("<text").count());
        assert_eq!(shown.matches("<rect").count(), picture.matches("<rect").count());
    }
}
