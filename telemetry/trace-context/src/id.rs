use std::{
    fmt,
    num::{NonZeroU64, NonZeroU128},
    ops::Deref,
};

/// A trace's id: 16 bytes, not all zero.
///
/// It is displayed as X-Ray writes it, `1-5759e988-bd862e3fe1be46a994272793`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TraceId(NonZeroU128);

impl TraceId {
    /// The id of this number; none for zero.
    #[must_use]
    pub fn new(id: u128) -> Option<Self> {
        NonZeroU128::new(id).map(Self)
    }

    /// Reads X-Ray's form, `1-<8 hex>-<24 hex>`. The time in it is not judged: an id of W3C origin has none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (time, unique) = text.strip_prefix("1-")?.split_once('-')?;
        if time.len() != 8 || unique.len() != 24 {
            return None;
        }
        Self::new(hex(time)? << 96 | hex(unique)?)
    }

    /// Reads W3C's form, 32 hexadecimal digits.
    #[must_use]
    pub fn from_hex(text: &str) -> Option<Self> {
        if text.len() != 32 {
            return None;
        }
        Self::new(hex(text)?)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u128 {
        self.0.get()
    }

    /// In W3C's form.
    #[must_use]
    pub fn hex(self) -> Ascii<32> {
        let mut text = [0; 32];
        digits(self.get(), &mut text);
        Ascii(text)
    }

    /// In X-Ray's form.
    #[must_use]
    pub fn xray(self) -> Ascii<35> {
        let mut text = *b"1-00000000-000000000000000000000000";
        digits(self.get() >> 96, &mut text[2..10]);
        digits(self.get(), &mut text[11..]);
        Ascii(text)
    }
}

impl fmt::Display for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.xray())
    }
}

impl fmt::Debug for TraceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.xray())
    }
}

/// The id of a segment, subsegment or span: 8 bytes, not all zero. It is displayed as 16 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SpanId(NonZeroU64);

impl SpanId {
    /// The id of this number; none for zero.
    #[must_use]
    pub fn new(id: u64) -> Option<Self> {
        NonZeroU64::new(id).map(Self)
    }

    /// Reads 16 hexadecimal digits.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if text.len() != 16 {
            return None;
        }
        Self::new(hex(text)? as u64)
    }

    /// The number.
    #[must_use]
    pub fn get(self) -> u64 {
        self.0.get()
    }

    /// The 16 digits.
    #[must_use]
    pub fn hex(self) -> Ascii<16> {
        let mut text = [0; 16];
        digits(u128::from(self.get()), &mut text);
        Ascii(text)
    }
}

impl fmt::Display for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

impl fmt::Debug for SpanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.hex())
    }
}

/// The text of an id, on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Ascii<const N: usize>([u8; N]);

impl<const N: usize> Deref for Ascii<N> {
    type Target = str;

    fn deref(&self) -> &str {
        // Only ASCII gets in.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Display for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

impl<const N: usize> fmt::Debug for Ascii<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self)
    }
}

/// Unlike `from_str_radix` it takes no sign.
fn hex(text: &str) -> Option<u128> {
    text.bytes().try_fold(0u128, |number, digit| {
        let digit = match digit {
            b'0'..=b'9' => digit - b'0',
            b'a'..=b'f' => digit - b'a' + 10,
            b'A'..=b'F' => digit - b'A' + 10,
            _ => return None,
        };
        Some(number << 4 | u128::from(digit))
    })
}

/// The lowest digits of a number, as many as there is room for.
fn digits(mut number: u128, text: &mut [u8]) {
    for digit in text.iter_mut().rev() {
        *digit = b"0123456789abcdef"[(number & 15) as usize];
        number >>= 4;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn garbage_is_no_id() {
        for text in [
            "",
            "1-",
            "1-5759e988-bd862e3fe1be46a99427279",
            "1-+759e988-bd862e3fe1be46a994272793",
            "2-5759e988-bd862e3fe1be46a994272793",
        ] {
            assert_eq!(TraceId::parse(text), None, "{text}");
        }
        assert_eq!(TraceId::parse("1-00000000-000000000000000000000000"), None);
        assert_eq!(TraceId::from_hex(&"0".repeat(32)), None);
        for text in ["", "0000000000000000", "53995c3f42cd8ad", "53995c3f42cd8ad\u{e9}", "+3995c3f42cd8ad8"] {
            assert_eq!(SpanId::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_back(trace in 1u128.., span in 1u64..) {
            let (trace, span) = (TraceId::new(trace).unwrap(), SpanId::new(span).unwrap());
            prop_assert_eq!(TraceId::parse(&trace.xray()), Some(trace));
            prop_assert_eq!(TraceId::parse(&trace.xray().to_uppercase()), Some(trace));
            prop_assert_eq!(TraceId::from_hex(&trace.hex()), Some(trace));
            prop_assert_eq!(SpanId::parse(&span.hex()), Some(span));
        }
    }
}
