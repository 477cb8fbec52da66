//! Signature Version 4, in the header's form and in the query's: read, then verified with the key's secret.

use std::time::{Duration, SystemTime};

use axum::http::{HeaderMap, header, request::Parts};
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{Timestamp, civil::DateTime, tz::TimeZone};
use sha2::{Digest as _, Sha256};

use super::{Refusal, canonical};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
/// AWS's tolerance.
const SKEW: Duration = Duration::from_mins(15);
/// The longest that a signature in a query may hold.
const LONGEST: Duration = Duration::from_hours(7 * 24);
const PAYLOAD_HASH: &str = "x-amz-content-sha256";

/// What a request says about its signature.
#[derive(Debug)]
pub(super) struct Signature {
    access_key: String,
    /// `<date>/<region>/<service>/aws4_request`.
    scope: String,
    signed_headers: String,
    signature: Vec<u8>,
    date: String,
    /// How long it holds: of one in the query.
    expires: Option<Duration>,
}

impl Signature {
    pub(super) fn read(parts: &Parts) -> Result<Self, Refusal> {
        let query = parts.uri.query().unwrap_or_default();
        let text = |name| text(&parts.headers, name);
        match parts.headers.get(header::AUTHORIZATION) {
            Some(value) => {
                let value = value.to_str().map_err(|_| malformed("Authorization"))?;
                let fields = value.strip_prefix(ALGORITHM).ok_or_else(|| malformed("Authorization"))?;
                let field = |wanted: &str| {
                    let found =
                        fields.split(',').find_map(|field| field.trim().strip_prefix(wanted)?.strip_prefix('='));
                    found.ok_or_else(|| malformed(wanted))
                };
                let date = text("x-amz-date").ok_or_else(|| malformed("X-Amz-Date"))?;
                Self::new(field("Credential")?, field("SignedHeaders")?, field("Signature")?, date, None)
            }
            None if query.contains("X-Amz-Signature=") => {
                let parameter = |name: &str| canonical::parameter(query, name).ok_or_else(|| malformed(name));
                if parameter("X-Amz-Algorithm")? != ALGORITHM {
                    return Err(malformed("X-Amz-Algorithm"));
                }
                let expires = canonical::parameter(query, "X-Amz-Expires")
                    .map_or(Ok(SKEW.as_secs()), |seconds| seconds.parse().map_err(|_| malformed("X-Amz-Expires")))?;
                Self::new(
                    &parameter("X-Amz-Credential")?,
                    &parameter("X-Amz-SignedHeaders")?,
                    &parameter("X-Amz-Signature")?,
                    &parameter("X-Amz-Date")?,
                    Some(Duration::from_secs(expires).min(LONGEST)),
                )
            }
            None => Err(Refusal::unsigned()),
        }
    }

    fn new(
        credential: &str,
        signed_headers: &str,
        signature: &str,
        date: &str,
        expires: Option<Duration>,
    ) -> Result<Self, Refusal> {
        let (access_key, scope) = credential.split_once('/').ok_or_else(|| malformed("Credential"))?;
        let parts: Vec<_> = scope.split('/').collect();
        let word = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric());
        if parts.len() != 4 || parts[3] != "aws4_request" || !date.starts_with(parts[0]) || !word(access_key) {
            return Err(malformed("Credential"));
        }
        let signed: Vec<_> = signed_headers.split(';').collect();
        if !signed.contains(&"host") {
            return Err(malformed("SignedHeaders"));
        }
        let signature = unhex(signature).ok_or_else(|| malformed("Signature"))?;
        Ok(Self {
            access_key: access_key.to_owned(),
            scope: scope.to_owned(),
            signed_headers: signed_headers.to_owned(),
            signature,
            date: date.to_owned(),
            expires,
        })
    }

    pub(super) fn access_key(&self) -> &str {
        &self.access_key
    }

    /// Date, region and service.
    pub(super) fn scope(&self) -> &str {
        &self.scope
    }

    pub(super) fn region(&self) -> &str {
        self.scope.split('/').nth(1).unwrap_or_default()
    }

    pub(super) fn verify(&self, parts: &Parts, body: &[u8], secret: &str, now: SystemTime) -> Result<(), Refusal> {
        self.holds_at(now)?;
        let service = self.scope.split('/').nth(2).unwrap_or_default();
        let payload_hash = match text(&parts.headers, PAYLOAD_HASH) {
            // In pieces that are signed one by one: S3's. The first signature, which is verified here, covers who calls and what.
            Some(told) if told.starts_with("STREAMING-") || told == "UNSIGNED-PAYLOAD" => told.to_owned(),
            None if self.expires.is_some() && service == "s3" => "UNSIGNED-PAYLOAD".to_owned(),
            told => {
                let hash = hex(&Sha256::digest(body));
                if told.is_some_and(|told| told != hash) {
                    return Err(mismatch());
                }
                hash
            }
        };
        let request = canonical::request(parts, service, &self.signed_headers, &payload_hash).ok_or_else(mismatch)?;
        let to_sign =
            format!("{ALGORITHM}\n{}\n{}\n{}", self.date, self.scope, hex(&Sha256::digest(request.as_bytes())));
        let key = self.scope.split('/').fold(format!("AWS4{secret}").into_bytes(), |key, part| {
            mac(&key, part.as_bytes()).finalize().into_bytes().to_vec()
        });
        // In constant time.
        mac(&key, to_sign.as_bytes()).verify_slice(&self.signature).map_err(|_| mismatch())
    }

    fn holds_at(&self, now: SystemTime) -> Result<(), Refusal> {
        let at = DateTime::strptime("%Y%m%dT%H%M%SZ", &self.date)
            .and_then(|at| at.to_zoned(TimeZone::UTC))
            .map_err(|_| malformed("X-Amz-Date"))?;
        let now = Timestamp::try_from(now).map_err(|_| malformed("X-Amz-Date"))?;
        let age = now.duration_since(at.timestamp());
        let longest = self.expires.unwrap_or(SKEW);
        if age.as_secs() > i64::try_from(longest.as_secs()).unwrap_or(i64::MAX)
            || -age.as_secs() > SKEW.as_secs() as i64
        {
            return Err(Refusal::new(
                "RequestExpired",
                "The signature is of another time: is this machine's clock right?",
            ));
        }
        Ok(())
    }
}

fn mac(key: &[u8], text: &[u8]) -> Hmac<Sha256> {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length");
    mac.update(text);
    mac
}

fn malformed(what: &str) -> Refusal {
    Refusal::new("IncompleteSignature", format!("The signature's {what} is missing or can't be read"))
}

fn mismatch() -> Refusal {
    Refusal::new(
        "SignatureDoesNotMatch",
        "The signature is not of the stack's credentials, which are new with each stack: . .local/env",
    )
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    (0..32).map(|n| u8::from_str_radix(&text[2 * n..2 * n + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests;
