use std::fmt::Write as _;

use base64::{Engine as _, prelude::BASE64_STANDARD};

use crate::{error::ApiError, output::Output};

pub(crate) fn encode(namespace: &str, operation: &str, request_id: &str, result: &Result<Output, ApiError>) -> String {
    let mut xml = String::new();
    match result {
        Ok(out) => {
            let _ = write!(xml, "<{operation}Response xmlns=\"{namespace}\">");
            // An empty result has no element of its own.
            if !matches!(out, Output::Map(members) if members.is_empty()) {
                element(&mut xml, &format!("{operation}Result"), out);
            }
            let _ = write!(
                xml,
                "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
            );
        }
        Err(error) => {
            let kind = error.fault();
            let _ = write!(xml, "<ErrorResponse xmlns=\"{namespace}\"><Error><Type>{kind}</Type>");
            element(&mut xml, "Code", &Output::Text(error.query_code.into()));
            element(&mut xml, "Message", &Output::Text(error.message.clone()));
            error.members.iter().for_each(|(name, member)| element(&mut xml, name, member));
            let _ = write!(xml, "</Error><RequestId>{request_id}</RequestId></ErrorResponse>");
        }
    }
    xml
}

fn element(xml: &mut String, name: &str, out: &Output) {
    let _ = write!(xml, "<{name}>");
    match out {
        Output::Text(text) => escape(xml, text),
        Output::Integer(number) => drop(write!(xml, "{number}")),
        Output::Number(number) => drop(write!(xml, "{number:?}")),
        Output::Boolean(truth) => drop(write!(xml, "{truth}")),
        #[expect(clippy::cast_possible_truncation, reason = "milliseconds of any date fit")]
        Output::Time(seconds) => match jiff::Timestamp::from_millisecond((*seconds * 1000.0).round() as i64) {
            Ok(time) => drop(write!(xml, "{time}")),
            Err(_) => drop(write!(xml, "{seconds}")),
        },
        Output::Blob(bytes) => xml.push_str(&BASE64_STANDARD.encode(bytes)),
        Output::List(items) => items.iter().for_each(|item| element(xml, "member", item)),
        Output::Map(members) => members.iter().for_each(|(name, member)| element(xml, name, member)),
        Output::Structure(members) => members.iter().for_each(|(name, member)| element(xml, name, member)),
        Output::Dictionary(entries) => entries.iter().for_each(|(name, value)| {
            xml.push_str("<entry>");
            element(xml, "key", &Output::Text(name.clone()));
            element(xml, "value", value);
            xml.push_str("</entry>");
        }),
    }
    let _ = write!(xml, "</{name}>");
}

fn escape(xml: &mut String, text: &str) {
    for char in text.chars() {
        match char {
            '<' => xml.push_str("&lt;"),
            '>' => xml.push_str("&gt;"),
            '&' => xml.push_str("&amp;"),
            '"' => xml.push_str("&quot;"),
            // XML 1.0 has no way to write these.
            char if char.is_control() && !matches!(char, '\t' | '\n' | '\r') => xml.push('\u{fffd}'),
            char => xml.push(char),
        }
    }
}
