use std::{fmt::Display, process::ExitCode};

use jiff::Timestamp;
use serde_json::json;

/// How a function's process ends, with a last line about why. It goes to standard error, which reaches the log also from a
/// function that never comes to its first invocation.
pub fn exit_code(result: Result<(), impl Display>) -> ExitCode {
    let Err(error) = result else { return ExitCode::SUCCESS };
    eprintln!("{}", last_line(&error.to_string(), std::env::var("SERVICE_NAME").ok().as_deref()));
    ExitCode::FAILURE
}

/// With its fields in the order of all other lines.
fn last_line(error: &str, service: Option<&str>) -> String {
    let timestamp = Timestamp::now();
    let (service, error) = (json!(service), json!(error));
    format!(
        r#"{{"timestamp":"{timestamp:.3}","level":"ERROR","message":"the function ends","Service":{service},"error":{error}}}"#
    )
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::env::ConfigError;

    #[test]
    fn the_last_line_says_in_words_what_is_wrong() {
        let error = ConfigError::Missing("ORDERS_QUEUE_URL".into()).to_string();
        let line: Value = serde_json::from_str(&last_line(&error, Some("validator"))).unwrap();
        assert_eq!((&line["level"], &line["Service"]), (&json!("ERROR"), &json!("validator")));
        assert!(
            line["error"].as_str().unwrap().starts_with("environment variable ORDERS_QUEUE_URL is not set"),
            "{line}"
        );
    }
}
