//! Functions on text.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::Value as Json;

use super::{Argument, Context, Function, MANY, flag, function, number};
use crate::value::Value;

pub(super) const FUNCTIONS: &[Function] = &[
    function("isEmpty", 1, 1, |a, _| flag(text(a, 0).is_none_or(|text| text.is_empty()))),
    function("isBlank", 1, 1, |a, _| flag(text(a, 0).is_none_or(|text| text.trim().is_empty()))),
    function("concat", 1, MANY, |a, _| {
        let parts: Option<Vec<_>> = a.iter().map(Value::as_text).collect();
        parts.map_or(Value::Null, |parts| Value::text(parts.concat()))
    }),
    function("ltrim", 1, 2, |a, _| trim(a, true, false)),
    function("rtrim", 1, 2, |a, _| trim(a, false, true)),
    function("trim", 1, 2, |a, _| trim(a, true, true)),
    function("strlen", 1, 1, |a, _| {
        #[expect(clippy::cast_precision_loss, reason = "no message has 2^53 characters")]
        number(text(a, 0).map(|text| text.chars().count() as f64))
    }),
    function("toUpper", 1, 1, |a, _| map(a, |text| Some(text.to_uppercase()))),
    function("toLower", 1, 1, |a, _| map(a, |text| Some(text.to_lowercase()))),
    function("substr", 2, 3, substr),
    function("replace", 3, 3, replace),
    function("regexReplace", 3, 3, regex_replace).with(&[(1, Argument::Pattern)]),
    function("strContains", 2, 3, |a, _| {
        if a.get(2).is_some_and(Value::is_true) {
            let lower = |index| text(a, index).map(|text| text.to_lowercase());
            return both(lower(0), lower(1), |text, part| text.contains(part));
        }
        both(text(a, 0), text(a, 1), |text, part| text.contains(part))
    }),
    function("startsWith", 2, 2, |a, _| both(text(a, 0), text(a, 1), |text, part| text.starts_with(part))),
    function("endsWith", 2, 2, |a, _| both(text(a, 0), text(a, 1), |text, part| text.ends_with(part))),
    function("urlEncode", 1, 1, |a, _| map(a, |text| Some(utf8_percent_encode(text, UNRESERVED).to_string()))),
    function("urlDecode", 1, 1, |a, _| {
        map(a, |text| Some(percent_decode_str(&text.replace('+', " ")).decode_utf8().ok()?.into_owned()))
    }),
    function("base64Encode", 1, 1, |a, _| map(a, |text| Some(STANDARD.encode(text)))),
    function("base64Decode", 1, 1, |a, _| map(a, |text| String::from_utf8(STANDARD.decode(text).ok()?).ok())),
    function("split", 2, 2, split),
    function("hexToAscii", 1, 1, |a, _| map(a, hex_to_ascii)),
    function("hexToDec", 1, 1, |a, _| number(text(a, 0).and_then(|text| hex_to_dec(&text)))),
    function("decToHex", 1, 1, |a, _| match a.first().and_then(Value::millis) {
        Some(number) if number < 0 => Value::text(format!("-0x{:x}", number.unsigned_abs())),
        Some(number) => Value::text(format!("0x{number:x}")),
        None => Value::Null,
    }),
];

/// What RFC 3986 leaves alone.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

fn text(arguments: &[Value], index: usize) -> Option<String> {
    arguments.get(index)?.as_text().map(|text| text.to_string())
}

fn map(arguments: &[Value], f: fn(&str) -> Option<String>) -> Value {
    text(arguments, 0).and_then(|text| f(&text)).map_or(Value::Null, Value::text)
}

/// 0 where something is missing, as nothing contains or is contained in it.
fn both(text: Option<String>, part: Option<String>, f: fn(&str, &str) -> bool) -> Value {
    flag(text.zip(part).is_some_and(|(text, part)| f(&text, &part)))
}

fn trim(arguments: &[Value], left: bool, right: bool) -> Value {
    let Some(all) = text(arguments, 0) else { return Value::Null };
    let characters = match arguments.get(1) {
        Some(characters) => match characters.as_text() {
            Some(characters) => Some(characters),
            None => return Value::Null,
        },
        None => None,
    };
    let goes = |c: char| characters.as_ref().map_or_else(|| c.is_whitespace(), |these| these.contains(c));
    let mut rest = all.as_str();
    if left {
        rest = rest.trim_start_matches(goes);
    }
    if right {
        rest = rest.trim_end_matches(goes);
    }
    Value::text(rest)
}

fn substr(arguments: &[Value], _: &Context) -> Value {
    let count = |index: usize| {
        let number = arguments.get(index)?.number().filter(|number| *number >= 0.0)?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "saturates, and more is more than any text has"
        )]
        Some(number as usize)
    };
    let (Some(all), Some(start)) = (text(arguments, 0), count(1)) else { return Value::Null };
    let length = match arguments.get(2) {
        Some(_) => match count(2) {
            Some(length) => length,
            None => return Value::Null,
        },
        None => usize::MAX,
    };
    Value::text(all.chars().skip(start).take(length).collect::<String>())
}

fn replace(arguments: &[Value], _: &Context) -> Value {
    match (text(arguments, 0), text(arguments, 1), text(arguments, 2)) {
        (Some(all), Some(search), Some(with)) if !search.is_empty() => Value::text(all.replace(&search, &with)),
        (Some(all), Some(_), Some(_)) => Value::text(all),
        _ => Value::Null,
    }
}

/// RE2 writes groups as `\1`; the engine writes them as `${1}`.
fn regex_replace(arguments: &[Value], _: &Context) -> Value {
    let (Some(all), Some(Value::Regex(regex)), Some(with)) = (text(arguments, 0), arguments.get(1), text(arguments, 2))
    else {
        return Value::Null;
    };
    let mut replacement = String::with_capacity(with.len());
    let mut chars = with.chars();
    while let Some(c) = chars.next() {
        match c {
            '$' => replacement.push_str("$$"),
            '\\' => match chars.next() {
                Some(digit) if digit.is_ascii_digit() => replacement.extend(["${", &digit.to_string(), "}"]),
                Some(other) => replacement.push(other),
                None => replacement.push('\\'),
            },
            _ => replacement.push(c),
        }
    }
    Value::text(regex.replace_all(&all, replacement.as_str()))
}

fn split(arguments: &[Value], _: &Context) -> Value {
    let (Some(all), Some(delimiter)) = (text(arguments, 0), text(arguments, 1)) else { return Value::Null };
    let parts: Vec<Json> = if delimiter.is_empty() {
        vec![Json::String(all)]
    } else {
        all.split(&delimiter).map(|part| Json::String(part.to_owned())).collect()
    };
    Value::Structure(std::sync::Arc::new(Json::Array(parts)))
}

fn hex_to_ascii(hex: &str) -> Option<String> {
    let hex = hex.strip_prefix("0x").unwrap_or(hex);
    if !hex.len().is_multiple_of(2) || !hex.is_ascii() {
        return None;
    }
    let byte = |at: usize| u8::from_str_radix(hex.get(at..at + 2)?, 16).ok().filter(u8::is_ascii).map(char::from);
    (0..hex.len()).step_by(2).map(byte).collect()
}

fn hex_to_dec(hex: &str) -> Option<f64> {
    let (sign, digits) = hex.strip_prefix('-').map_or((1.0, hex), |digits| (-1.0, digits));
    let digits = digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits);
    #[expect(clippy::cast_precision_loss, reason = "numbers of the language are doubles")]
    u64::from_str_radix(digits, 16).ok().map(|number| sign * number as f64)
}
