use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::error::ApiError;

/// An answer, ready to be sent.
#[derive(Debug, PartialEq, Eq)]
pub struct Reply {
    /// HTTP status.
    pub status: u16,
    /// Headers beside the length.
    pub headers: Vec<(&'static str, String)>,
    /// Body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A REST-JSON answer: the operation is in the path, the result in the body.
    #[must_use]
    pub fn rest_json(result: Result<impl Serialize, ApiError>) -> Self {
        let result = result.and_then(|answer| {
            serde_json::to_vec(&answer)
                .map_err(|error| ApiError::new(500, "InternalFailure", format!("the answer can't be written: {error}")))
        });
        let mut headers = vec![("content-type", "application/json".to_owned()), ("x-amzn-requestid", request_id())];
        match result {
            Ok(body) => Self { status: 200, headers, body },
            Err(error) => {
                headers.push(("x-amzn-errortype", error.code.to_owned()));
                let status = error.status;
                Self { status, headers, body: error.into_output("Message").to_json().to_string().into_bytes() }
            }
        }
    }
}

impl<B: From<Vec<u8>>> From<Reply> for http::Response<B> {
    fn from(reply: Reply) -> Self {
        let mut response = http::Response::new(B::from(reply.body));
        *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        for (name, value) in reply.headers {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
        response
    }
}

/// Unique within the process; nobody looks it up.
pub(crate) fn request_id() -> String {
    use std::sync::atomic::{AtomicU64, Ordering};

    static COUNT: AtomicU64 = AtomicU64::new(1);
    format!("00000000-0000-4000-8000-{:012x}", COUNT.fetch_add(1, Ordering::Relaxed))
}
