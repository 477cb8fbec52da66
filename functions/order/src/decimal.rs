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

    let digits = format!("{whole}{fraction}");
    let significant = digits.trim_start_matches('0').trim_end_matches('0');
    if significant.is_empty() {
        return Number::Exact(Decimal::ZERO);
    }
    if sign {
        return Number::Negative;
    }
    // An exponent too long to read has decided the matter by its sign.
    let exponent: i64 = match exponent.parse() {
        Ok(exponent) => exponent,
        Err(_) if exponent.starts_with('-') => return Number::TooManyDecimals,
        Err(_) => return Number::TooLarge,
    };
    let trailing_zeros = digits.len() - digits.trim_end_matches('0').len();
    // The value is `significant` x 10^power.
    let power = exponent.saturating_sub(fraction.len() as i64).saturating_add(trailing_zeros as i64);
    if (significant.len() as i64).saturating_add(power) > 15 {
        return Number::TooLarge;
    }
    if power < -i64::from(decimals) {
        return Number::TooManyDecimals;
    }
    let scale = u32::try_from(-power).unwrap_or(0);
    let zeros = usize::try_from(power).unwrap_or(0);
    format!("{significant}{}", "0".repeat(zeros))
        .parse::<i64>()
        .map_or(Number::TooLarge, |digits| Number::Exact(Decimal::new(digits, scale)))
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
