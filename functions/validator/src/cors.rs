//! Which pages of other origins may send orders: those of a setting, by default none.

use aws_lambda_events::http::{HeaderMap, HeaderName, HeaderValue, header};

/// The setting `cors_allow_origins`.
#[derive(Debug)]
pub(crate) struct Cors {
    origins: Vec<HeaderValue>,
}

/// What a page may send and read beside what every page may.
const POLICY: [(HeaderName, &str); 4] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST"),
    (header::ACCESS_CONTROL_ALLOW_HEADERS, "Content-Type, Idempotency-Key, X-Amzn-Trace-Id, traceparent"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After, X-Amzn-Trace-Id"),
    (header::ACCESS_CONTROL_MAX_AGE, "3600"),
];

impl Cors {
    pub(crate) fn new(origins: &[&str]) -> Self {
        Self { origins: origins.iter().filter_map(|origin| HeaderValue::from_str(origin).ok()).collect() }
    }

    /// For an answer to a page of this origin. No credentials are allowed: an order has none.
    pub(crate) fn headers(&self, origin: Option<&str>) -> HeaderMap {
        let mut headers = HeaderMap::new();
        if self.origins.is_empty() {
            return headers;
        }
        // A cache must not give one origin's answer to another.
        headers.insert(header::VARY, HeaderValue::from_static("Origin"));
        let allowed =
            self.origins.iter().find(|allowed| *allowed == "*" || origin.is_some_and(|origin| *allowed == origin));
        if let Some(origin) = allowed {
            headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.extend(POLICY.map(|(name, value)| (name, HeaderValue::from_static(value))));
        }
        headers
    }
}
