use std::fmt::Write as _;

use crate::api::{ApiError, Out};

const NAMESPACE: &str = "http://monitoring.amazonaws.com/doc/2010-08-01/";

pub(super) fn encode(operation: &str, request_id: &str, result: &Result<Out, ApiError>) -> String {
    let mut xml = String::new();
    match result {
        Ok(out) => {
            let _ = write!(xml, "<{operation}Response xmlns=\"{NAMESPACE}\">");
            // An empty result has no element of its own.
            if !matches!(out, Out::Map(members) if members.is_empty()) {
                element(&mut xml, &format!("{operation}Result"), out);
            }
            let _ = write!(
                xml,
                "<ResponseMetadata><RequestId>{request_id}</RequestId></ResponseMetadata></{operation}Response>"
            );
        }
        Err(error) => {
            let kind = if error.status < 500 { "Sender" } else { "Receiver" };
            let _ = write!(xml, "<ErrorResponse xmlns=\"{NAMESPACE}\"><Error><Type>{kind}</Type>");
            element(&mut xml, "Code", &Out::Text(error.code.into()));
            element(&mut xml, "Message", &Out::Text(error.message.clone()));
            let _ = write!(xml, "</Error><RequestId>{request_id}</RequestId></ErrorResponse>");
        }
    }
    xml
}

fn element(xml: &mut String, name: &str, out: &Out) {
    let _ = write!(xml, "<{name}>");
    match out {
        Out::Text(text) => escape(xml, text),
        Out::Number(number) => drop(write!(xml, "{number:?}")),
        #[expect(clippy::cast_possible_truncation, reason = "whole seconds")]
        Out::Time(seconds) => match jiff::Timestamp::from_second(*seconds as i64) {
            Ok(time) => drop(write!(xml, "{time}")),
            Err(_) => drop(write!(xml, "{seconds}")),
        },
        Out::List(items) => items.iter().for_each(|item| element(xml, "member", item)),
        Out::Map(members) => members.iter().for_each(|(name, member)| element(xml, name, member)),
        Out::Dictionary(entries) => entries.iter().for_each(|(name, value)| {
            xml.push_str("<entry>");
            element(xml, "key", &Out::Text(name.clone()));
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
