//! Bytes to text, in the encodings people really have.

use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use super::SourceError;

/// More text than any plan has; a small file that unpacks to more is refused.
const MOST_BYTES: u64 = 256 << 20;

const BINARY_PLAN: &str =
    "this is a plan in Terraform's own form: run `terraform show -json FILE > plan.json`, and name plan.json";

/// The text of a file: UTF-8 with or without a byte order mark, UTF-16 as PowerShell's `>` writes it, gzip of any of them.
///
/// # Errors
/// When it is none of these; a binary plan of Terraform is told what to run.
pub fn decode(file: &str, bytes: &[u8]) -> Result<String, SourceError> {
    match bytes {
        [0x1f, 0x8b, ..] => {
            let mut unpacked = Vec::new();
            let mut reader = MultiGzDecoder::new(bytes).take(MOST_BYTES + 1);
            reader
                .read_to_end(&mut unpacked)
                .map_err(|error| SourceError::whole(file, format!("it begins as gzip and is not: {error}")))?;
            if unpacked.len() as u64 > MOST_BYTES {
                return Err(SourceError::whole(file, format!("it unpacks to more than {} MiB", MOST_BYTES >> 20)));
            }
            // gzip in gzip is somebody's joke.
            if unpacked.starts_with(&[0x1f, 0x8b]) {
                return Err(SourceError::whole(file, "it is packed twice: unpack it once"));
            }
            decode(file, &unpacked)
        }
        [b'P', b'K', 3 | 5, 4 | 6, ..] => Err(SourceError::whole(file, BINARY_PLAN)),
        [0xef, 0xbb, 0xbf, rest @ ..] => utf8(file, rest),
        [0xff, 0xfe, rest @ ..] => utf16(file, rest, u16::from_le_bytes),
        [0xfe, 0xff, rest @ ..] => utf16(file, rest, u16::from_be_bytes),
        [b'{' | b'[' | b' ' | b'"', 0, ..] => utf16(file, bytes, u16::from_le_bytes),
        [0, b'{' | b'[' | b' ' | b'"', ..] => utf16(file, bytes, u16::from_be_bytes),
        _ => utf8(file, bytes),
    }
}

fn utf8(file: &str, bytes: &[u8]) -> Result<String, SourceError> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(error) => {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            let column = before.iter().rev().take_while(|byte| **byte != b'\n').count() + 1;
            Err(SourceError::at(file, line, column, "it is not text: neither UTF-8 nor UTF-16 with a byte order mark"))
        }
    }
}

fn utf16(file: &str, bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, SourceError> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let text: Result<String, _> = char::decode_utf16(pairs.iter().map(|pair| unit(*pair))).collect();
    match text {
        Ok(text) if rest.is_empty() => Ok(text),
        _ => Err(SourceError::whole(file, "it begins as UTF-16 and is not")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::{Compression, write::GzEncoder};

    use super::*;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn every_encoding_comes_to_the_same_text() {
        let text = "{\"a\": \"ü\"}";
        let le: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let be: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        let with = |mark: &[u8], bytes: &[u8]| [mark, bytes].concat();
        for bytes in [
            text.as_bytes().to_vec(),
            with(&[0xef, 0xbb, 0xbf], text.as_bytes()),
            with(&[0xff, 0xfe], &le),
            with(&[0xfe, 0xff], &be),
            le,
            be,
            gzip(text.as_bytes()),
        ] {
            assert_eq!(decode("f", &bytes).unwrap(), text);
        }
    }

    #[test]
    fn what_is_no_text_is_said_with_its_place() {
        let error = |bytes: &[u8]| decode("f", bytes).unwrap_err().to_string();
        assert!(error(b"PK\x03\x04plan").contains("terraform show -json"));
        assert!(error(b"a: 1\nb: \xff\n").starts_with("f:2:4: it is not text"));
        assert!(error(&[0xff, 0xfe, b'a']).contains("UTF-16 and is not"));
        assert!(error(&[0x1f, 0x8b, 8, 0]).contains("gzip and is not"));
        assert!(error(&gzip(&gzip(b"{}"))).contains("packed twice"));
    }

    #[test]
    fn a_small_file_that_unpacks_to_a_huge_one_is_refused() {
        let bomb = gzip(&vec![b' '; (MOST_BYTES + 1) as usize]);
        assert!(bomb.len() < 1 << 20);
        assert!(decode("f", &bomb).unwrap_err().to_string().contains("more than 256 MiB"));
    }
}
