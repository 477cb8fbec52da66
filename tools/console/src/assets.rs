//! The style sheet, the scripts and the icon: in the binary, nothing from elsewhere.

use std::sync::LazyLock;

use axum::{
    http::{HeaderValue, header},
    response::{IntoResponse as _, Response},
};
use views::Theme;

/// The pictures' classes first, then the page's own, then a place for every column and row of a dashboard's grid.
static STYLE: LazyLock<String> = LazyLock::new(|| {
    let mut style = Theme::Auto.page_css();
    style.push_str(include_str!("../assets/console.css"));
    style.push_str("@media(min-width:901px){");
    for at in 0..24 {
        style.push_str(&format!(
            ".gx{at}{{grid-column-start:{}}}.gw{}{{grid-column-end:span {}}}",
            at + 1,
            at + 1,
            at + 1
        ));
    }
    for at in 0..ROWS {
        style.push_str(&format!(".gy{at}{{grid-row-start:{}}}", at + 1));
    }
    for at in 1..=TALLEST {
        style.push_str(&format!(".gh{at}{{grid-row-end:span {at}}}"));
    }
    style.push('}');
    style
});

/// A dashboard that goes on below has its widgets in their order.
pub(crate) const ROWS: u32 = 240;
pub(crate) const TALLEST: u32 = 48;

pub(crate) fn find(path: &str) -> Option<Response> {
    let (kind, text): (&'static str, &'static str) = match path {
        "/assets/console.css" => ("text/css; charset=utf-8", &STYLE),
        "/assets/console.js" => ("text/javascript; charset=utf-8", include_str!("../assets/console.js")),
        "/assets/live.js" => ("text/javascript; charset=utf-8", include_str!("../assets/live.js")),
        "/assets/keys.js" => ("text/javascript; charset=utf-8", include_str!("../assets/keys.js")),
        "/assets/forms.js" => ("text/javascript; charset=utf-8", include_str!("../assets/forms.js")),
        "/assets/custom.js" => ("text/javascript; charset=utf-8", include_str!("../assets/custom.js")),
        "/assets/icon.svg" | "/favicon.ico" => ("image/svg+xml", include_str!("../assets/icon.svg")),
        _ => return None,
    };
    let mut response = text.into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("max-age=60"));
    Some(response)
}
