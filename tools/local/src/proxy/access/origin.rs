//! Where a request comes from: a browser says so, and whoever rebinds a name to this machine gives itself away by it.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderName, header};

use super::Refusal;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// The origins whose pages may call.
#[derive(Debug, Default)]
pub(in crate::proxy) struct Origins {
    /// The stack's own.
    own: Vec<String>,
    /// Those that the API declares: its own answers say what they may read.
    api: Vec<String>,
}

impl Origins {
    pub(in crate::proxy) fn new(port: u16, api: Vec<String>) -> Self {
        Self { own: vec![format!("http://127.0.0.1:{port}"), format!("http://localhost:{port}")], api }
    }

    pub(super) fn admit(&self, headers: &HeaderMap, api: bool) -> Result<(), Refusal> {
        let mut hosts = headers.get_all(header::HOST).iter();
        match (hosts.next().and_then(|host| host.to_str().ok()), hosts.next()) {
            (Some(host), None) if is_loopback(host) => {}
            _ => return Err(Refusal::foreign_host()),
        }
        let allowed = |origin: &str| {
            self.own.iter().any(|own| own == origin) || (api && self.api.iter().any(|api| api == origin || api == "*"))
        };
        let mut declared = false;
        for origin in headers.get_all(header::ORIGIN) {
            match origin.to_str() {
                Ok(origin) if allowed(origin) => declared = true,
                _ => return Err(Refusal::foreign_page()),
            }
        }
        for site in headers.get_all(SEC_FETCH_SITE) {
            // `none`: a person typed the address.
            if !declared && !matches!(site.as_bytes(), b"same-origin" | b"none") {
                return Err(Refusal::foreign_page());
            }
        }
        Ok(())
    }
}

/// A name that no server of somebody else's can answer for: 127.0.0.1, localhost, anything.localhost, [::1].
fn is_loopback(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    name == "localhost"
        || name.ends_with(".localhost")
        || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn only_this_machine_s_own_name_is_answered_for() {
        let origins = Origins::new(4566, Vec::new());
        for host in [
            "127.0.0.1:4566",
            "localhost:4566",
            "LOCALHOST",
            "[::1]:4566",
            "api1.execute-api.localhost:4566",
            "127.0.0.2",
        ] {
            assert_eq!(origins.admit(&headers(&[("host", host)]), false), Ok(()), "{host}");
        }
        for host in
            ["evil.example", "127.0.0.1.evil.example:4566", "localhost.evil.example", "0.0.0.0:4566", "", "10.0.0.1"]
        {
            assert!(origins.admit(&headers(&[("host", host)]), false).is_err(), "{host}");
        }
        assert!(origins.admit(&HeaderMap::new(), false).is_err());
    }

    #[test]
    fn a_page_of_another_origin_is_refused_however_its_browser_says_so() {
        let origins = Origins::new(4566, Vec::new());
        for foreign in [
            ("origin", "http://evil.example"),
            ("origin", "null"),
            ("origin", "http://127.0.0.1:9000"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let headers = headers(&[("host", "127.0.0.1:4566"), foreign]);
            assert!(origins.admit(&headers, false).is_err() && origins.admit(&headers, true).is_err(), "{foreign:?}");
        }
        for own in [("origin", "http://127.0.0.1:4566"), ("sec-fetch-site", "same-origin"), ("sec-fetch-site", "none")]
        {
            assert_eq!(origins.admit(&headers(&[("host", "127.0.0.1:4566"), own]), false), Ok(()), "{own:?}");
        }
    }

    #[test]
    fn an_origin_that_the_api_declares_reaches_the_api_and_nothing_else() {
        let origins = Origins::new(4566, vec!["https://shop.example".into()]);
        let headers = headers(&[
            ("host", "localhost:4566"),
            ("origin", "https://shop.example"),
            ("sec-fetch-site", "cross-site"),
        ]);
        assert_eq!(origins.admit(&headers, true), Ok(()));
        assert!(origins.admit(&headers, false).is_err());
    }
}
