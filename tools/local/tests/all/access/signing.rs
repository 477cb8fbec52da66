//! Signature Version 4 in the query's form, as a page could make it with a key that it has guessed: nothing of it needs a
//! preflight.

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256};

pub(crate) struct Key {
    pub(crate) id: String,
    pub(crate) secret: String,
}

/// The target of a request that is signed with the key, for `127.0.0.1:port`.
pub(crate) fn presigned(method: &str, port: u16, path: &str, service: &str, key: &Key, body: &str) -> String {
    let now = Timestamp::now().strftime("%Y%m%dT%H%M%SZ").to_string();
    let scope = format!("{}/us-east-1/{service}/aws4_request", &now[..8]);
    let credential = format!("{}/{scope}", key.id).replace('/', "%2F");
    let query = format!(
        "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={credential}&X-Amz-Date={now}&X-Amz-Expires=300&X-Amz-SignedHeaders=host"
    );
    let payload = if service == "s3" { "UNSIGNED-PAYLOAD".to_owned() } else { hex(&Sha256::digest(body)) };
    let canonical_path = if service == "s3" { path.to_owned() } else { path.replace('%', "%25") };
    let canonical = format!("{method}\n{canonical_path}\n{query}\nhost:127.0.0.1:{port}\n\nhost\n{payload}");
    let to_sign = format!("AWS4-HMAC-SHA256\n{now}\n{scope}\n{}", hex(&Sha256::digest(canonical)));
    let mac = |key: &[u8], text: &str| {
        let mut mac = Hmac::<Sha256>::new_from_slice(key).unwrap();
        mac.update(text.as_bytes());
        mac.finalize().into_bytes().to_vec()
    };
    let signing = scope.split('/').fold(format!("AWS4{}", key.secret).into_bytes(), |key, part| mac(&key, part));
    format!("{path}?{query}&X-Amz-Signature={}", hex(&mac(&signing, &to_sign)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
