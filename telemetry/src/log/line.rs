use std::fmt::Write;
use std::sync::Arc;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::Level;
use crate::config::Config;
use crate::field::{Value, millis};
use crate::step::Finished;
use crate::step::scope::Scope;

/// A line to be written.
#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) at: SystemTime,
    pub(crate) level: Level,
    pub(crate) message: &'static str,
    pub(crate) scope: Arc<Scope>,
    pub(crate) fields: Vec<(&'static str, Value)>,
}

impl Line {
    pub(crate) fn new(
        level: Level,
        message: &'static str,
        scope: &Arc<Scope>,
        fields: &[(&'static str, Value)],
    ) -> Self {
        Self {
            at: scope.invocation.at(Instant::now()),
            level,
            message,
            scope: Arc::clone(scope),
            fields: fields.to_vec(),
        }
    }

    pub(crate) fn render(&self, config: &Config, out: &mut String) {
        let mut object = Object::open(out, self.at, self.level, self.message, config);
        object.ids(&self.scope, config);
        object.text("step", self.scope.name);
        object.fields(&self.fields);
        object.close();
    }
}

impl Finished {
    pub(crate) fn at(&self) -> SystemTime {
        self.scope.started_at + self.duration
    }

    pub(crate) fn render(&self, config: &Config, out: &mut String) {
        let data = self.scope.data();
        let message = match (&self.failure, self.scope.root) {
            (None, false) => "step done",
            (None, true) => "work done",
            (Some(_), false) => "step failed",
            (Some(_), true) => "work failed",
        };
        let mut object = Object::open(out, self.at(), self.level(), message, config);
        object.ids(&self.scope, config);
        object.text("step", self.scope.name);
        object.text("outcome", self.outcome(&data));
        object.number("durationMs", millis(self.duration));
        if let Some(failure) = &self.failure {
            object.text("errorClass", failure.class);
            object.text("error", failure.message());
            if let Some(code) = &failure.code {
                object.text("errorCode", code.as_str());
            }
        }
        if let Some(call) = &data.aws {
            object.text("awsService", call.service);
            object.text("awsOperation", call.operation);
            if let Some(id) = &data.aws_request_id {
                object.text("awsRequestId", id.as_str());
            }
            if let Some(retries) = data.retries {
                object.count("retries", retries);
            }
        }
        object.fields(&data.fields);
        object.close();
    }
}

/// A JSON object being written, one member after the other.
pub(crate) struct Object<'o>(pub(crate) &'o mut String);

impl<'o> Object<'o> {
    pub(crate) fn open(out: &'o mut String, at: SystemTime, level: Level, message: &str, config: &Config) -> Self {
        out.push_str("{\"timestamp\":\"");
        timestamp(at, out);
        out.push('"');
        let mut object = Self(out);
        object.text("level", level.as_str());
        object.text("message", message);
        object.text("service", &config.service);
        object.text("environment", &config.environment);
        object
    }

    pub(crate) fn ids(&mut self, scope: &Scope, config: &Config) {
        if let Some(id) = scope.invocation.request_id.as_deref() {
            self.text("requestId", id);
        }
        if let Some(header) = &scope.unit.header {
            self.text("traceId", &header.xray_trace_id());
        }
        if let Some(id) = scope.span_id() {
            let _ = write!(self.0, ",\"spanId\":\"{id}\"");
        }
        if let Some(id) = scope.unit.correlation.get() {
            self.text(config.correlation_key, id.as_str());
        }
    }

    pub(crate) fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        self.0.push('"');
        escape(value, self.0);
        self.0.push('"');
    }

    pub(crate) fn count(&mut self, key: &str, value: u64) {
        self.key(key);
        let _ = write!(self.0, "{value}");
    }

    pub(crate) fn number(&mut self, key: &str, value: f64) {
        self.key(key);
        if value.is_finite() {
            let _ = write!(self.0, "{}", (value * 1e3).round() / 1e3);
        } else {
            self.0.push_str("null");
        }
    }

    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        self.key(key);
        self.0.push_str(if value { "true" } else { "false" });
    }

    pub(crate) fn fields(&mut self, fields: &[(&'static str, Value)]) {
        for (key, value) in fields {
            match value {
                Value::Static(text) => self.text(key, text),
                Value::Count(count) => self.count(key, *count),
                Value::Duration(duration) => self.number(key, millis(*duration)),
                Value::Bool(value) => self.bool(key, *value),
                Value::Id(id) => self.text(key, id.as_str()),
            }
        }
    }

    pub(crate) fn close(self) {
        self.0.push_str("}\n");
    }

    fn key(&mut self, key: &str) {
        self.0.push_str(",\"");
        escape(key, self.0);
        self.0.push_str("\":");
    }
}

fn escape(text: &str, out: &mut String) {
    if text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
        out.push_str(text);
        return;
    }
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            char if (char as u32) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", char as u32);
            }
            char => out.push(char),
        }
    }
}

/// RFC 3339 in UTC with milliseconds, as Lambda's own JSON lines have it.
pub(crate) fn timestamp(at: SystemTime, out: &mut String) {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    // Howard Hinnant's civil_from_days, for days since 1970.
    let shifted = days + 719_468;
    let (era, day_of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 { month_from_march + 3 } else { month_from_march - 9 };
    let year = year_of_era + era * 400 + u64::from(month <= 2);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    let milli = since.subsec_millis();
    let _ = write!(out, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::time::Duration;

    fn stamp(seconds: u64) -> String {
        let mut text = String::new();
        timestamp(UNIX_EPOCH + Duration::from_millis(seconds * 1000 + 7), &mut text);
        text
    }

    #[test]
    fn timestamps_know_leap_years() {
        assert_eq!(stamp(0), "1970-01-01T00:00:00.007Z");
        assert_eq!(stamp(951_782_400), "2000-02-29T00:00:00.007Z");
        assert_eq!(stamp(1_709_164_799), "2024-02-28T23:59:59.007Z");
        assert_eq!(stamp(4_107_542_400), "2100-03-01T00:00:00.007Z");
    }

    proptest! {
        #[test]
        fn every_text_is_valid_json(text in ".*") {
            let mut out = String::from("{\"a\":1");
            let mut object = Object(&mut out);
            object.text("text", &text);
            object.close();
            let read: serde_json::Value = serde_json::from_str(&out).unwrap();
            prop_assert_eq!(read["text"].as_str(), Some(text.as_str()));
        }
    }
}
