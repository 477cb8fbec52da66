use aws_smithy_cbor::{Decoder, Encoder, data::Type};
use aws_smithy_types::{Blob, DateTime};
use serde_json::{Map, Value};

use crate::output::Output;

/// Deeper than any request of a service here.
const MAX_DEPTH: u32 = 16;

pub(crate) fn decode(body: &[u8]) -> Result<Value, String> {
    if body.is_empty() {
        return Ok(Value::Object(Map::new()));
    }
    let mut decoder = Decoder::new(body);
    value(&mut decoder, 0)?.ok_or_else(|| "null instead of a map".to_owned())
}

/// A timestamp becomes a number; null, as everywhere in the protocol, is the same as nothing.
fn value(decoder: &mut Decoder<'_>, depth: u32) -> Result<Option<Value>, String> {
    if depth > MAX_DEPTH {
        return Err("nested too deeply".into());
    }
    let text = |error: aws_smithy_cbor::decode::DeserializeError| error.to_string();
    Ok(Some(match decoder.datatype().map_err(text)? {
        Type::Bool => Value::from(decoder.boolean().map_err(text)?),
        Type::Null | Type::Undefined => {
            decoder.skip().map_err(text)?;
            return Ok(None);
        }
        Type::U8 | Type::U16 | Type::U32 | Type::U64 | Type::I8 | Type::I16 | Type::I32 | Type::I64 | Type::Int => {
            Value::from(decoder.long().map_err(text)?)
        }
        // NaN and infinities stay what they are: JSON has no word for them.
        Type::F16 | Type::F32 | Type::F64 => {
            let number = decoder.double().map_err(text)?;
            serde_json::Number::from_f64(number).map_or_else(|| Value::from(number.to_string()), Value::Number)
        }
        Type::String | Type::StringIndef => Value::from(decoder.str().map_err(text)?.into_owned()),
        Type::Tag => Value::from(decoder.timestamp().map_err(text)?.as_secs_f64()),
        Type::Array | Type::ArrayIndef => {
            let mut length = decoder.list().map_err(text)?;
            let mut items = Vec::new();
            while more(decoder, &mut length)? {
                items.extend(value(decoder, depth + 1)?);
            }
            Value::Array(items)
        }
        Type::Map | Type::MapIndef => {
            let mut length = decoder.map().map_err(text)?;
            let mut members = Map::new();
            while more(decoder, &mut length)? {
                let name = decoder.str().map_err(text)?.into_owned();
                if let Some(member) = value(decoder, depth + 1)? {
                    members.insert(name, member);
                }
            }
            Value::Object(members)
        }
        other => return Err(format!("unexpected {other:?}")),
    }))
}

/// Is there another item? An indefinite list ends with a break.
fn more(decoder: &mut Decoder<'_>, length: &mut Option<u64>) -> Result<bool, String> {
    match length {
        Some(0) => Ok(false),
        Some(left) => {
            *left -= 1;
            Ok(true)
        }
        None => {
            if decoder.datatype().map_err(|error| error.to_string())? != Type::Break {
                return Ok(true);
            }
            decoder.skip().map_err(|error| error.to_string())?;
            Ok(false)
        }
    }
}

pub(crate) fn encode(out: &Output) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    write(&mut encoder, out);
    encoder.into_writer()
}

fn write(encoder: &mut Encoder, out: &Output) {
    match out {
        Output::Text(text) => drop(encoder.str(text)),
        Output::Integer(number) => drop(encoder.long(*number)),
        Output::Number(number) => drop(encoder.double(*number)),
        Output::Boolean(truth) => drop(encoder.boolean(*truth)),
        Output::Time(seconds) => drop(encoder.timestamp(&DateTime::from_secs_f64(*seconds))),
        Output::Blob(bytes) => drop(encoder.blob(&Blob::new(bytes.as_slice()))),
        Output::List(items) => {
            encoder.array(items.len());
            for item in items {
                write(encoder, item);
            }
        }
        Output::Map(members) => {
            encoder.map(members.len());
            for (name, member) in members {
                encoder.str(name);
                write(encoder, member);
            }
        }
        Output::Structure(entries) | Output::Dictionary(entries) => {
            encoder.map(entries.len());
            for (name, value) in entries {
                encoder.str(name);
                write(encoder, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let out = Output::Map(vec![
            ("A", Output::List(vec![Output::Number(0.5), Output::Time(1_767_571_200.0)])),
            ("B", Output::Text("b".into())),
            ("C", Output::List(vec![Output::Integer(-3), Output::Boolean(true)])),
        ]);
        assert_eq!(
            decode(&encode(&out)).unwrap(),
            serde_json::json!({"A": [0.5, 1_767_571_200.0], "B": "b", "C": [-3, true]})
        );
    }

    #[test]
    fn indefinite_lengths_are_read() {
        // {_ "a": [_ 1, 2]}
        let body = [0xbf, 0x61, b'a', 0x9f, 0x01, 0x02, 0xff, 0xff];
        assert_eq!(decode(&body).unwrap(), serde_json::json!({"a": [1, 2]}));
    }

    #[test]
    fn garbage_and_towers_are_refused() {
        assert!(decode(&[0xbf, 0x61]).is_err());
        assert!(decode(&[0x81; 100]).is_err());
    }
}
