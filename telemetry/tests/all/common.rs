//! What the tests of emitted telemetry share.
use serde_json::Value;
use telemetry::{Config, ErrorClass, ErrorKind, testing::Harness};

pub(crate) const ORDER: &str = "6f9619ff-8b86-4d01-b42d-00cf4fc964ff";

pub(crate) fn config(service: &str) -> Config {
    Config::new("shop", service, "test").correlation_key("orderId")
}

pub(crate) fn harness(service: &str) -> Harness {
    Harness::new(config(service)).unwrap()
}

/// An error of a given kind.
#[derive(Debug)]
pub(crate) struct Failing(pub(crate) ErrorKind);

impl ErrorClass for Failing {
    fn class(&self) -> &'static str {
        "Failing"
    }
    fn kind(&self) -> ErrorKind {
        self.0
    }
    fn cause(&self) -> &'static str {
        "failed for a test"
    }
}

/// Holds documents against the rules of X-Ray segment documents.
pub(crate) fn assert_conform(documents: &[Value]) {
    let schema: Value = serde_json::from_str(include_str!("segment.schema.json")).unwrap();
    let schema = jsonschema::validator_for(&schema).unwrap();
    assert!(!documents.is_empty());
    for document in documents {
        let errors: Vec<_> = schema.iter_errors(document).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{errors:?} in {document}");
        assert!(document.to_string().len() <= telemetry::trace::MAX_DOCUMENT_BYTES);
    }
}
