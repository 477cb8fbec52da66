//! Paging: the token is the place to go on at.

use super::{ApiError, Out};

/// Where a page starts.
pub(super) fn start(token: Option<&str>) -> Result<usize, ApiError> {
    token.map_or(Ok(0), |token| {
        token.parse().map_err(|_| ApiError::new(400, "InvalidNextToken", format!("Invalid nextToken '{token}'")))
    })
}

/// The token of the next page, if there is one.
pub(super) fn next(members: &mut Vec<(&'static str, Out)>, end: usize, total: usize) {
    if end < total {
        members.push(("NextToken", Out::Text(end.to_string())));
    }
}
