//! What an AWS call says of itself.

use axum::{extract::Request, http::header};

/// The service in a signature's scope: `Credential=<key>/<date>/<region>/<service>/aws4_request`, in the header or, with its
/// slashes escaped or not, in the query.
pub(crate) fn signed_for(request: &Request) -> Option<&str> {
    if let Some(authorization) = request.headers().get(header::AUTHORIZATION) {
        return authorization.to_str().ok()?.split_once("Credential=")?.1.split('/').nth(3);
    }
    let credential = request.uri().query()?.split('&').find_map(|pair| pair.strip_prefix("X-Amz-Credential="))?;
    match credential.contains('/') {
        true => credential.split('/').nth(3),
        false => credential.split("%2F").nth(3),
    }
}

/// The operation of AWS's JSON protocols: `X-Amz-Target: AmazonSQS.SendMessage`.
pub(crate) fn operation(request: &Request) -> Option<&str> {
    Some(request.headers().get("x-amz-target")?.to_str().ok()?.rsplit_once('.')?.1)
}
