//! What is asked: a path, a query, a form.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use axum::http::Uri;
use jiff::SignedDuration;

/// A request, as pages see it. The address is the state: nothing else is remembered of a reader.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    /// Its parts, decoded.
    pub(crate) path: Vec<String>,
    pub(crate) query: BTreeMap<String, String>,
    /// Of a POST.
    pub(crate) form: BTreeMap<String, String>,
    /// The path ended in `.json`.
    pub(crate) json: bool,
}

impl Ask {
    pub(crate) fn of(uri: &Uri, form: &[u8]) -> Self {
        let mut path: Vec<String> = uri.path().split('/').filter(|part| !part.is_empty()).map(decoded).collect();
        let mut json = false;
        if let Some(last) = path.last_mut()
            && let Some(stem) = last.strip_suffix(".json")
        {
            json = true;
            *last = stem.to_owned();
        }
        // `/.json` is the first page's.
        path.retain(|part| !part.is_empty());
        Self { path, query: pairs(uri.query().unwrap_or_default().as_bytes()), form: pairs(form), json }
    }

    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.query.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    pub(crate) fn field(&self, name: &str) -> Option<&str> {
        self.form.get(name).map(String::as_str).filter(|value| !value.trim().is_empty())
    }

    /// `since` of the query, or a default.
    pub(crate) fn since(&self, default: &str) -> Result<SignedDuration> {
        let text = self.get("since").unwrap_or(default);
        cli::time::since(text).with_context(|| format!("since={text}"))
    }

    /// This address with other values; `None` leaves one out.
    pub(crate) fn with(&self, changes: &[(&str, Option<&str>)]) -> String {
        let mut query = self.query.clone();
        for (name, value) in changes {
            match value {
                Some(value) => query.insert((*name).to_owned(), (*value).to_owned()),
                None => query.remove(*name),
            };
        }
        address(&self.path, &query)
    }

    /// The same data for scripts.
    pub(crate) fn json_address(&self) -> String {
        let mut path = self.path.clone();
        match path.last_mut() {
            Some(last) => last.push_str(".json"),
            None => path.push(".json".into()),
        }
        address(&path, &self.query)
    }
}

fn address(path: &[String], query: &BTreeMap<String, String>) -> String {
    let path = path.iter().map(|part| encoded(part)).collect::<Vec<_>>().join("/");
    let query = form_urlencoded::Serializer::new(String::new()).extend_pairs(query).finish();
    if query.is_empty() { format!("/{path}") } else { format!("/{path}?{query}") }
}

fn pairs(text: &[u8]) -> BTreeMap<String, String> {
    form_urlencoded::parse(text).map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
}

/// A part of a path.
pub(crate) fn encoded(part: &str) -> String {
    part.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

fn decoded(part: &str) -> String {
    // A plus is a plus in a path.
    let query = format!("p={}", part.replace('+', "%2B").replace('&', "%26"));
    form_urlencoded::parse(query.as_bytes()).next().map(|(_, value)| value.into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_as_it_was_written() {
        let ask = Ask::of(&"/dashboards/a%20b.json?since=3h&x=1%262".parse().unwrap(), b"");
        assert_eq!((ask.path.join("|"), ask.json), ("dashboards|a b".into(), true));
        assert_eq!(ask.with(&[("x", None), ("theme", Some("a&b"))]), "/dashboards/a%20b?since=3h&theme=a%26b");
        assert_eq!(ask.json_address(), "/dashboards/a%20b.json?since=3h&x=1%262");
        let first = Ask::of(&"/.json".parse().unwrap(), b"");
        assert_eq!((first.path.len(), first.json), (0, true));
        assert_eq!(Ask::of(&"/".parse().unwrap(), b"").json_address(), "/.json");
    }
}
