//! Times as they are written.

use std::time::SystemTime;

use jiff::{Timestamp, fmt::temporal::DateTimePrinter};

const PRINTER: DateTimePrinter = DateTimePrinter::new().precision(Some(3));

/// RFC 3339 in UTC with milliseconds, as Lambda's own JSON lines have it.
pub(crate) fn timestamp(at: SystemTime, out: &mut String) {
    let at = Timestamp::try_from(at).unwrap_or(Timestamp::UNIX_EPOCH);
    // A `String` takes everything.
    let _ = PRINTER.print_timestamp(&at, out);
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

    #[test]
    fn timestamps_always_have_three_decimals() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_007, "2000-02-29T00:00:00.007Z"),
            (1_709_164_799_500, "2024-02-28T23:59:59.500Z"),
        ] {
            let mut out = String::new();
            timestamp(UNIX_EPOCH + Duration::from_millis(millis), &mut out);
            assert_eq!(out, text);
        }
    }
}
