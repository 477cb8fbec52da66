//! `/export.zip`: what the pages say now, each as data, for somebody who has no way to this console.

use std::io::{Cursor, Write as _};

use anyhow::{Context as _, Result};
use axum::{
    body::Body,
    http::header,
    response::{IntoResponse as _, Response},
};
use zip::{ZipWriter, write::SimpleFileOptions};

use crate::{answer::Shown, app::App, ask::Ask};

/// Its name in the file, and its address. None of them has a customer in it.
const PAGES: [(&str, &str); 9] = [
    ("now", "/"),
    ("alarms", "/alarms?lanes=all"),
    ("dashboard", "/dashboards"),
    ("traces", "/traces"),
    ("map", "/map"),
    ("logs", "/logs"),
    ("dead-letters", "/dlq"),
    ("cost", "/cost"),
    ("health", "/health"),
];

/// `page` answers an address. A page that has no answer says why in its place: the others are worth having.
pub(crate) async fn bundle(app: &App, page: impl AsyncFn(&Ask) -> Result<Shown>) -> Result<Response> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, address) in PAGES {
        let ask = Ask::of(&address.parse().context("an address of a page")?, b"");
        let (name, text) = match page(&ask).await {
            Ok(shown) => (format!("{name}.json"), serde_json::to_string_pretty(&shown.data)?),
            Err(error) => (format!("{name}.error.txt"), format!("{error:#}\n")),
        };
        archive.start_file(name, SimpleFileOptions::default())?;
        archive.write_all(text.as_bytes())?;
    }
    let bytes = archive.finish()?.into_inner();
    let at = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let name = format!("attachment; filename=\"orders-{}-{at}.zip\"", app.name());
    Ok(([(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_DISPOSITION, name)], Body::from(bytes))
        .into_response())
}
