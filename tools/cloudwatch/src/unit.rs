//! CloudWatch's units.

/// What a datapoint without a unit has.
pub const NO_UNIT: &str = "None";

/// Every unit that CloudWatch takes.
pub const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    NO_UNIT,
];

/// Whether CloudWatch knows the unit.
#[must_use]
pub fn is_unit(text: &str) -> bool {
    UNITS.contains(&text)
}
