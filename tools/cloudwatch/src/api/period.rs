//! Periods and starts that CloudWatch takes.

use aws_wire::ApiError;

use super::error::invalid;
use crate::metric::EpochSeconds;

/// Rounded down as CloudWatch does: the older, the coarser.
pub(super) fn rounded(start: f64, now: EpochSeconds) -> EpochSeconds {
    #[expect(clippy::cast_possible_truncation, reason = "epoch seconds of any date fit")]
    let start = start.floor() as EpochSeconds;
    let step = match now - start {
        age if age < 15 * 86_400 => 60,
        age if age < 63 * 86_400 => 300,
        _ => 3_600,
    };
    start.div_euclid(step) * step
}

/// A period that CloudWatch takes, in whole seconds.
pub(super) fn period(seconds: f64) -> Result<i64, ApiError> {
    #[expect(clippy::cast_possible_truncation, reason = "checked to be small and whole")]
    if seconds.fract() == 0.0 && (1.0..=604_800.0).contains(&seconds) {
        let period = seconds as i64;
        if matches!(period, 1 | 5 | 10 | 20 | 30) || period % 60 == 0 {
            return Ok(period);
        }
    }
    Err(invalid("The parameter Period must be 1, 5, 10, 20, 30, or a multiple of 60."))
}
