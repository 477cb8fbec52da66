//! What an AWS call says of itself.

use axum::{extract::Request, http::header};

/// The service in a signature's scope: `Credential=<key>/<date>/<region>/<service>/aws4_request`.
pub(crate) fn signed_for(request: &Request) -> Option<&str> {
    let authorization = request.headers().get(header::AUTHORIZATION)?.to_str().ok()?;
    authorization.split_once("Credential=")?.1.split('/').nth(3)
}

/// The operation of AWS's JSON protocols: `X-Amz-Target: AmazonSQS.SendMessage`.
pub(crate) fn operation(request: &Request) -> Option<&str> {
    Some(request.headers().get("x-amz-target")?.to_str().ok()?.rsplit_once('.')?.1)
}
