//! What API Gateway hands over, as far as the validator asks for it. The whole event, as aws_lambda_events has it, costs every order
//! a twentieth of its processor time for maps that nobody looks into; tests make their events with it, so that the two can't part.

use std::{borrow::Cow, fmt};

use base64::Engine as _;
use serde::{
    Deserialize,
    de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use crate::response::{Reason, Refusal};

/// A request. What is missing in the event is empty here; of types that API Gateway never sends nothing is read.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Request {
    http_method: String,
    headers: Headers,
    multi_value_headers: Headers,
    request_context: RequestContext,
    body: Option<String>,
    is_base64_encoded: Option<bool>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RequestContext {
    identity: Option<Identity>,
    authorizer: Option<Value>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Identity {
    user_arn: Option<String>,
    api_key_id: Option<String>,
}

impl Request {
    /// Does a browser ask what it may send, before the request itself?
    pub(crate) fn is_preflight(&self) -> bool {
        self.http_method == "OPTIONS"
    }

    /// The page's origin, if a page sends it.
    pub(crate) fn origin(&self) -> Option<&str> {
        self.headers.last(Name::Origin)
    }

    /// The client's place in a trace of its own.
    pub(crate) fn traceparent(&self) -> Option<&str> {
        self.headers.last(Name::Traceparent)
    }

    /// The body as the client sent it; API Gateway passes binary media types in base64.
    pub(crate) fn body(&mut self) -> Result<Vec<u8>, Refusal> {
        let body = self.body.take().unwrap_or_default();
        if self.is_base64_encoded != Some(true) {
            return Ok(body.into_bytes());
        }
        base64::engine::general_purpose::STANDARD
            .decode(body.trim())
            .map_err(|_| Refusal::new(Reason::InvalidBody, "Request body is not valid base64"))
    }

    /// Does the client say that the body is encoded? API Gateway undoes what it can; its header may stay.
    pub(crate) fn is_encoded(&self) -> bool {
        self.headers.last(Name::ContentEncoding).is_some_and(|encoding| !encoding.eq_ignore_ascii_case("identity"))
    }

    /// The values of the `Idempotency-Key` header: all of them are in one of the two maps, the last in the other.
    pub(crate) fn idempotency_keys(&self) -> impl Iterator<Item = &[u8]> {
        let all =
            if self.multi_value_headers.has(Name::IdempotencyKey) { &self.multi_value_headers } else { &self.headers };
        all.values(Name::IdempotencyKey).map(str::as_bytes)
    }

    /// Who signs the request, owns its API key or is known to the API's authorizer; a name of its own for each kind.
    pub(crate) fn caller(&self) -> Option<String> {
        let identity = self.request_context.identity.as_ref();
        if let Some(arn) = identity.and_then(|identity| identity.user_arn.as_ref()) {
            // A role's sessions come and go between a request and its retry: the role stays.
            let principal = match arn.split_once(":assumed-role/") {
                Some((account, role)) => format!("{account}:assumed-role/{}", role.split('/').next().unwrap_or(role)),
                None => arn.clone(),
            };
            return Some(format!("iam {principal}"));
        }
        let authorizer = self.request_context.authorizer.as_ref();
        let authorized =
            authorizer.and_then(|known| known["principalId"].as_str().or_else(|| known["claims"]["sub"].as_str()));
        if let Some(principal) = authorized {
            return Some(format!("authorizer {principal}"));
        }
        identity.and_then(|identity| identity.api_key_id.as_ref()).map(|id| format!("api-key {id}"))
    }
}

/// The headers that are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Name {
    ContentEncoding,
    IdempotencyKey,
    Origin,
    Traceparent,
}

const NAMES: [(&str, Name); 4] = [
    ("content-encoding", Name::ContentEncoding),
    ("idempotency-key", Name::IdempotencyKey),
    ("origin", Name::Origin),
    ("traceparent", Name::Traceparent),
];

/// Either of the two maps, without the headers that nobody asks for.
#[derive(Debug, Default)]
struct Headers(Vec<(Name, String)>);

impl Headers {
    fn values(&self, name: Name) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| *known == name).map(|(_, value)| value.as_str())
    }

    fn last(&self, name: Name) -> Option<&str> {
        self.values(name).last()
    }

    fn has(&self, name: Name) -> bool {
        self.values(name).next().is_some()
    }
}

impl<'de> Deserialize<'de> for Headers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct HeadersVisitor;

        impl<'de> Visitor<'de> for HeadersVisitor {
            type Value = Headers;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map of headers")
            }

            fn visit_unit<E>(self) -> Result<Headers, E> {
                Ok(Headers::default())
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Headers, A::Error> {
                let mut headers = Headers::default();
                while let Some(Key(name)) = map.next_key()? {
                    match name {
                        Some(name) => {
                            let Texts(texts) = map.next_value()?;
                            headers.0.extend(texts.into_iter().map(|text| (name, text)));
                        }
                        None => {
                            map.next_value::<IgnoredAny>()?;
                        }
                    }
                }
                Ok(headers)
            }
        }

        deserializer.deserialize_any(HeadersVisitor)
    }
}

/// A header's name in any case.
struct Key(Option<Name>);

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct KeyVisitor;

        impl Visitor<'_> for KeyVisitor {
            type Value = Key;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's name")
            }

            fn visit_str<E>(self, text: &str) -> Result<Key, E> {
                let known = NAMES.into_iter().find(|(name, _)| name.eq_ignore_ascii_case(text));
                Ok(Key(known.map(|(_, name)| name)))
            }
        }

        deserializer.deserialize_str(KeyVisitor)
    }
}

/// A header's value, or its values.
struct Texts(Vec<String>);

impl<'de> Deserialize<'de> for Texts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct TextsVisitor;

        impl<'de> Visitor<'de> for TextsVisitor {
            type Value = Texts;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a header's value")
            }

            fn visit_unit<E>(self) -> Result<Texts, E> {
                Ok(Texts(Vec::new()))
            }

            fn visit_str<E>(self, text: &str) -> Result<Texts, E> {
                Ok(Texts(vec![text.to_owned()]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Texts, A::Error> {
                let mut texts = Vec::new();
                while let Some(text) = seq.next_element::<Cow<'de, str>>()? {
                    texts.push(text.into_owned());
                }
                Ok(Texts(texts))
            }
        }

        deserializer.deserialize_any(TextsVisitor)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn request(event: Value) -> Request {
        serde_json::from_value(event).unwrap()
    }

    #[test]
    fn a_header_is_found_in_any_case_and_its_last_value_counts() {
        let request = request(json!({
            "headers": {"ORIGIN": "https://shop.example", "X-Other": "1", "content-Encoding": "br"},
            "multiValueHeaders": {"idempotency-KEY": ["a", "b"], "Accept": ["*/*"]},
        }));
        assert_eq!(request.origin(), Some("https://shop.example"));
        assert!(request.is_encoded());
        assert_eq!(request.idempotency_keys().collect::<Vec<_>>(), [b"a", b"b"]);
    }

    #[test]
    fn what_api_gateway_leaves_out_or_sends_as_null_is_empty() {
        for event in [
            json!({}),
            json!({"headers": null, "multiValueHeaders": null, "body": null, "isBase64Encoded": null}),
            json!({"requestContext": {"identity": null, "authorizer": null}, "headers": {"Origin": null}}),
            json!({"requestContext": {"identity": {"userArn": null}, "authorizer": {"claims": null, "principalId": 7}}}),
        ] {
            let mut request = request(event);
            assert_eq!((request.origin(), request.caller(), request.is_encoded()), (None, None, false));
            assert_eq!(request.idempotency_keys().count(), 0);
            assert_eq!(request.body().unwrap(), b"");
        }
    }

    #[test]
    fn the_caller_is_named_by_what_knows_it() {
        for (context, caller) in [
            (
                json!({"identity": {"userArn": "arn:aws:iam::1:user/shop", "apiKeyId": "k"}}),
                "iam arn:aws:iam::1:user/shop",
            ),
            (
                json!({"identity": {"userArn": "arn:aws:sts::1:assumed-role/shop/session-7"}}),
                "iam arn:aws:sts::1:assumed-role/shop",
            ),
            (json!({"authorizer": {"principalId": "p", "claims": {"sub": "s"}}}), "authorizer p"),
            (json!({"authorizer": {"claims": {"sub": "s"}}, "identity": {"apiKeyId": "k"}}), "authorizer s"),
            (json!({"identity": {"apiKeyId": "k"}}), "api-key k"),
        ] {
            assert_eq!(request(json!({"requestContext": context})).caller().as_deref(), Some(caller), "{context}");
        }
    }
}
