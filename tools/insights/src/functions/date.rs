//! Functions on moments.

use jiff::{
    Timestamp,
    fmt::strtime::{self, BrokenDownTime},
    tz::TimeZone,
};

use super::{Argument, Context, Function, function};
use crate::{period::Period, value::Value};

pub(super) const FUNCTIONS: &[Function] = &[
    function("bin", 1, 1, |a, context| match (context.at, a) {
        (Some(at), [Value::Period(period)]) => Value::Time(period.floor(at)),
        _ => Value::Null,
    })
    .with(&[(0, Argument::Period)]),
    function("dateFloor", 2, 2, |a, _| rounded(a, Period::floor)).with(&[(1, Argument::Period)]),
    function("dateCeil", 2, 2, |a, _| rounded(a, Period::ceil)).with(&[(1, Argument::Period)]),
    function("fromMillis", 1, 1, |a, _| a.first().and_then(Value::millis).map_or(Value::Null, Value::Time)),
    function("toMillis", 1, 1, |a, _| {
        #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date are far below 2^53")]
        a.first().and_then(Value::millis).map_or(Value::Null, |at| Value::Number(at as f64))
    }),
    // In seconds, unlike all others.
    function("now", 0, 0, |_, context| {
        #[expect(clippy::cast_precision_loss, reason = "seconds of any date are far below 2^53")]
        Value::Number(context.window.now.div_euclid(1000) as f64)
    }),
    function("parseDate", 2, 3, parse_date).with(&[(1, Argument::Checked(java_pattern)), (2, Argument::Checked(zone))]),
    function("formatDate", 2, 3, format_date).with(&[(1, Argument::Checked(strftime)), (2, Argument::Checked(zone))]),
];

fn rounded(arguments: &[Value], f: fn(Period, i64) -> i64) -> Value {
    match arguments {
        [at, Value::Period(period)] => at.millis().map_or(Value::Null, |at| Value::Time(f(*period, at))),
        _ => Value::Null,
    }
}

fn time_zone(name: Option<&Value>) -> Option<TimeZone> {
    let Some(name) = name else { return Some(TimeZone::UTC) };
    let name = name.as_text()?;
    if name.eq_ignore_ascii_case("utc") || &*name == "Z" {
        return Some(TimeZone::UTC);
    }
    TimeZone::get(&name).ok().or_else(|| {
        let time: BrokenDownTime = strtime::parse("%z", &*name).or_else(|_| strtime::parse("%:z", &*name)).ok()?;
        time.offset().map(TimeZone::fixed)
    })
}

fn zone(name: &str) -> Result<(), String> {
    time_zone(Some(&Value::text(name)))
        .map(|_| ())
        .ok_or_else(|| format!("{name:?} is no time zone such as UTC, Europe/Berlin or +02:00"))
}

fn java_pattern(pattern: &str) -> Result<(), String> {
    translated(pattern).map(|_| ())
}

fn strftime(format: &str) -> Result<(), String> {
    let zoned = Timestamp::UNIX_EPOCH.to_zoned(TimeZone::UTC);
    strtime::format(format, &zoned)
        .map(|_| ())
        .map_err(|error| format!("{format:?} is no format such as %Y-%m-%d: {error}"))
}

fn format_date(arguments: &[Value], _: &Context) -> Value {
    let formatted = || {
        let moment = Timestamp::from_millisecond(arguments.first()?.millis()?).ok()?;
        let format = arguments.get(1)?.as_text()?;
        strtime::format(&*format, &moment.to_zoned(time_zone(arguments.get(2))?)).ok()
    };
    formatted().map_or(Value::Null, Value::text)
}

fn parse_date(arguments: &[Value], _: &Context) -> Value {
    let parsed = || {
        let text = arguments.first()?.as_text()?;
        let format = translated(&arguments.get(1)?.as_text()?).ok()?;
        let time = strtime::parse(&format, &*text).ok()?;
        // A date alone is its midnight.
        let at = match time.to_timestamp() {
            Ok(at) => at,
            Err(_) => {
                let date = time.to_date().ok()?;
                let time = time.to_time().unwrap_or_default();
                date.to_datetime(time).to_zoned(time_zone(arguments.get(2))?).ok()?.timestamp()
            }
        };
        Some(at.as_millisecond())
    };
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of any date are far below 2^53")]
    parsed().map_or(Value::Null, |at| Value::Number(at as f64))
}

/// A pattern of Java's `DateTimeFormatter` in the letters of `strptime`.
fn translated(pattern: &str) -> Result<String, String> {
    let mut format = String::new();
    let mut chars = pattern.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '\'' {
            if chars.next_if_eq(&'\'').is_some() {
                format.push('\'');
                continue;
            }
            for quoted in chars.by_ref().take_while(|c| *c != '\'') {
                literal(&mut format, quoted);
            }
            continue;
        }
        if !c.is_ascii_alphabetic() {
            literal(&mut format, c);
            continue;
        }
        let mut count = 1;
        while chars.next_if_eq(&c).is_some() {
            count += 1;
        }
        format.push_str(match (c, count) {
            ('y' | 'u', 2) => "%y",
            ('y' | 'u', _) => "%Y",
            ('M' | 'L', 1 | 2) => "%m",
            ('M' | 'L', 3) => "%b",
            ('M' | 'L', 4) => "%B",
            ('d', 1 | 2) => "%d",
            ('D', _) => "%j",
            ('E', 1..=3) => "%a",
            ('E', 4) => "%A",
            ('H', 1 | 2) => "%H",
            ('h', 1 | 2) => "%I",
            ('m', 1 | 2) => "%M",
            ('s', 1 | 2) => "%S",
            ('S', 1..=9) => "%f",
            ('a', 1) => "%p",
            ('X' | 'x', 3) => "%:z",
            ('X' | 'x' | 'Z', 1..=2) | ('Z', 3) => "%z",
            ('V', 2) => "%Q",
            _ => return Err(format!("{:?} of {pattern:?} is not supported here", c.to_string().repeat(count))),
        });
    }
    Ok(format)
}

fn literal(format: &mut String, c: char) {
    if c == '%' {
        format.push('%');
    }
    format.push(c);
}
