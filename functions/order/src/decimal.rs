//! JSON numbers as exact decimals: `19.99` is never 19.989999.

use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// What a JSON number is, as far as a price cares.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Number {
    Exact(Decimal),
    Negative,
    TooManyDecimals,
    TooLarge,
}

/// Reads the text of a JSON number with at most `decimals` decimals and 15 digits before the point.
pub(crate) fn parse(text: &str, decimals: u32) -> Number {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or((false, mantissa), |rest| (true, rest));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));

    let digits = || whole.bytes().chain(fraction.bytes());
    let leading_zeros = digits().take_while(|digit| *digit == b'0').count();
    let Some(rest @ 1..) = (whole.len() + fraction.len()).checked_sub(leading_zeros) else {
        return Number::Exact(Decimal::ZERO);
    };
    let trailing_zeros = digits().rev().take_while(|digit| *digit == b'0').count();
    let significant = rest - trailing_zeros;
    if sign {
        return Number::Negative;
    }
    // An exponent too long to read has decided the matter by its sign.
    let exponent: i64 = match exponent.parse() {
        Ok(exponent) => exponent,
        Err(_) if exponent.starts_with('-') => return Number::TooManyDecimals,
        Err(_) => return Number::TooLarge,
    };
    // The value is `significant` x 10^power.
    let power = exponent.saturating_sub(fraction.len() as i64).saturating_add(trailing_zeros as i64);
    if (significant as i64).saturating_add(power) > 15 {
        return Number::TooLarge;
    }
    if power < -i64::from(decimals) {
        return Number::TooManyDecimals;
    }
    let scale = u32::try_from(-power).unwrap_or(0);
    let zeros = usize::try_from(power).unwrap_or(0);
    let value = digits().skip(leading_zeros).take(significant).chain(std::iter::repeat_n(b'0', zeros));
    let value = value
        .map(|digit| i64::from(digit - b'0'))
        .try_fold(0i64, |value, digit| value.checked_mul(10).and_then(|value| value.checked_add(digit)));
    value.map_or(Number::TooLarge, |value| Number::Exact(Decimal::new(value, scale)))
}

/// Writes a decimal as a JSON number with its own digits.
pub(crate) fn as_json_number<S: Serializer>(value: &Decimal, serializer: S) -> Result<S::Ok, S::Error> {
    RawValue::from_string(value.to_string()).map_err(S::Error::custom)?.serialize(serializer)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_of_a_price_is_kept() {
        for (text, exact) in [
            ("19.99", "19.99"),
            ("19.90", "19.9"),
            ("0.1", "0.1"),
            ("1e3", "1000"),
            ("1.25E-2", "0.0125"),
            ("100000e-5", "1"),
            ("0.0001", "0.0001"),
            ("-0.0", "0"),
            ("0e999999999999999999999", "0"),
        ] {
            assert_eq!(parse(text, 4), Number::Exact(exact.parse().unwrap()), "{text}");
        }
    }

    #[test]
    fn what_is_no_price_says_why() {
        for (text, why) in [
            ("-0.01", Number::Negative),
            ("0.00001", Number::TooManyDecimals),
            ("1e-400", Number::TooManyDecimals),
            ("1e-99999999999999999999", Number::TooManyDecimals),
            ("1e999", Number::TooLarge),
            ("1e99999999999999999999", Number::TooLarge),
            ("1e9223372036854775807", Number::TooLarge),
        ] {
            assert_eq!(parse(text, 4), why, "{text}");
        }
    }
}
