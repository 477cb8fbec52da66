use axum::http::Request;

use super::*;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

fn now(text: &str) -> SystemTime {
    text.parse::<Timestamp>().unwrap().into()
}

fn verify(request: Request<()>, body: &[u8], secret: &str, at: &str) -> Result<(), &'static str> {
    let (parts, ()) = request.into_parts();
    let result = Signature::read(&parts).and_then(|signature| signature.verify(&parts, body, secret, now(at)));
    result.map_err(|refusal| refusal.code)
}

/// `get-vanilla-query-order-key-case` of AWS's published test suite for Signature Version 4.
fn published() -> axum::http::request::Builder {
    Request::get("/?Param2=value2&Param1=value1")
        .header("host", "example.amazonaws.com")
        .header("x-amz-date", "20150830T123600Z")
        .header(
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, \
             SignedHeaders=host;x-amz-date, \
             Signature=b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500",
        )
}

#[test]
fn the_published_example_is_verified_and_nothing_near_it() {
    let at = "2015-08-30T12:36:00Z";
    let request = || published().body(()).unwrap();
    assert_eq!(verify(request(), b"", SECRET, at), Ok(()));
    assert_eq!(verify(request(), b"x", SECRET, at), Err("SignatureDoesNotMatch"));
    assert_eq!(verify(request(), b"", "test", at), Err("SignatureDoesNotMatch"));
    let mut other_path = request();
    *other_path.uri_mut() = "/x?Param2=value2&Param1=value1".parse().unwrap();
    assert_eq!(verify(other_path, b"", SECRET, at), Err("SignatureDoesNotMatch"));
    let mut other_host = request();
    other_host.headers_mut().insert("host", "evil.example".parse().unwrap());
    assert_eq!(verify(other_host, b"", SECRET, at), Err("SignatureDoesNotMatch"));
}

#[test]
fn a_signature_holds_for_its_time_only() {
    let request = || published().body(()).unwrap();
    assert_eq!(verify(request(), b"", SECRET, "2015-08-30T12:50:00Z"), Ok(()));
    assert_eq!(verify(request(), b"", SECRET, "2015-08-30T12:52:00Z"), Err("RequestExpired"));
    assert_eq!(verify(request(), b"", SECRET, "2015-08-30T12:20:00Z"), Err("RequestExpired"));
}

#[test]
fn what_is_no_signature_is_said_to_be_none() {
    let plain = Request::post("/").header("host", "localhost").body(()).unwrap();
    assert_eq!(verify(plain, b"", SECRET, "2015-08-30T12:36:00Z"), Err("MissingAuthenticationToken"));
    for authorization in ["Bearer x", "AWS4-HMAC-SHA256 Credential=a/b", "AWS4-ECDSA-P256-SHA256 Credential=a"] {
        let request = Request::post("/")
            .header("host", "localhost")
            .header("x-amz-date", "20150830T123600Z")
            .header("authorization", authorization)
            .body(())
            .unwrap();
        assert_eq!(verify(request, b"", SECRET, "2015-08-30T12:36:00Z"), Err("IncompleteSignature"), "{authorization}");
    }
}
