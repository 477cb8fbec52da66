//! CloudWatch's embedded metric format, written from metrique's entries in one pass.

use std::{any::Any, borrow::Cow, fmt::Write};

use metrique::{
    emf::EntryDimensions,
    writer::{
        Entry, EntryConfig, EntryWriter, Observation, Unit, ValidationError, Value,
        unit::{Millisecond, UnitTag},
        value::{MetricFlags, ValueWriter},
    },
};

use super::distribution::{Point, joined};
use crate::{
    field::RESERVED,
    json::{self, Object},
};

/// The most bytes of a log event.
const MAX_RECORD_BYTES: usize = 1024 * 1024;
const MAX_METRICS: usize = 100;
const MAX_DIMENSIONS: usize = 30;
/// CloudWatch's bounds of a name, of a dimension's value and of a value.
const MAX_NAME_CHARS: usize = 255;
const MAX_DIMENSION_CHARS: usize = 1024;
const MAX_VALUE: f64 = (1u128 << 120) as f64 * (1u128 << 120) as f64 * (1u128 << 120) as f64;

/// The dimensions of every metric.
const BASE: [&str; 2] = ["Service", "Environment"];
/// Why a record was refused rather than left for CloudWatch to drop in silence.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmfError {
    /// The entry is not one record of metrics.
    #[error("metrique refused the record: {0}")]
    Entry(String),
    /// Over a limit of the format.
    #[error("the record has {found} {what}, the format takes {limit}")]
    Limit {
        /// What there is too much of.
        what: &'static str,
        /// How much there is.
        found: usize,
        /// How much may be.
        limit: usize,
    },
    /// A name that is a line's own, or that the record uses twice.
    #[error(
        "{0:?} can't be the name of a metric or a dimension: every line has a member of that name, or the record has it twice"
    )]
    Name(String),
    /// A dimension without a value, or with one that CloudWatch refuses.
    #[error(
        "the dimension {0:?} has no value that CloudWatch takes: 1 to {MAX_DIMENSION_CHARS} printable ASCII characters, not starting with ':'"
    )]
    Dimension(String),
}

/// Metrics on their way into one line.
#[derive(Debug, Default)]
pub(crate) struct Emf<'e> {
    /// Members with values, each behind a comma.
    members: String,
    names: Vec<Cow<'e, str>>,
    directives: Vec<Directive>,
    /// Values CloudWatch would not take, left out.
    pub(crate) refused_values: u64,
}

/// Metrics of the same dimension sets.
#[derive(Debug)]
struct Directive {
    /// As JSON.
    sets: Cow<'static, str>,
    metrics: String,
    count: usize,
}

const BASE_SETS: &str = r#"[["Service","Environment"]]"#;

impl<'e> Emf<'e> {
    /// With names that the line uses already.
    pub(crate) fn new(taken: impl IntoIterator<Item = &'static str>) -> Self {
        Self { names: taken.into_iter().map(Cow::Borrowed).collect(), ..Self::default() }
    }

    /// Is there no metric? There may be members.
    pub(crate) fn is_empty(&self) -> bool {
        self.directives.is_empty()
    }

    pub(crate) fn has_members(&self) -> bool {
        !self.members.is_empty()
    }

    /// Adds an entry; refused, nothing of it is left.
    pub(crate) fn entry(&mut self, entry: &'e impl Entry) -> Result<(), EmfError> {
        let before = (self.members.len(), self.names.len());
        let mut writer =
            Collect { emf: self, sets: None, metrics: String::new(), count: 0, texts: Vec::new(), error: None };
        entry.write(&mut writer);
        let result = writer.finish();
        if result.is_err() {
            self.members.truncate(before.0);
            self.names.truncate(before.1);
        }
        result
    }

    /// Adds durations as a member of the line and, published, as a metric under the base dimensions.
    pub(crate) fn durations(&mut self, name: String, values: &[Point], published: bool) -> Result<(), EmfError> {
        if !is_name(&name) || self.is_taken(&name) {
            return Err(EmfError::Name(name));
        }
        self.member(&name, values);
        if published {
            let mut metrics = String::with_capacity(64);
            declare(&name, Millisecond::UNIT, false, &mut metrics);
            self.directive(Cow::Borrowed(BASE_SETS), &metrics, 1)?;
        }
        self.names.push(name.into());
        Ok(())
    }

    /// Writes members into a line and, for metrics, metadata.
    pub(crate) fn write(&self, namespace: &str, at_ms: u64, object: &mut Object<'_>) {
        object.raw(&self.members);
        if self.is_empty() {
            return;
        }
        let mut aws = object.object("_aws");
        aws.count("Timestamp", at_ms);
        let out = aws.key("CloudWatchMetrics");
        let mut separator = '[';
        for directive in &self.directives {
            out.push(separator);
            separator = ',';
            let mut object = Object::open(out);
            object.text("Namespace", namespace);
            object.key("Dimensions").push_str(&directive.sets);
            let metrics = object.key("Metrics");
            metrics.push('[');
            metrics.push_str(&directive.metrics);
            metrics.push(']');
            object.close();
        }
        out.push(']');
        aws.close();
    }

    fn is_taken(&self, name: &str) -> bool {
        RESERVED.contains(&name) || self.names.iter().any(|known| known == name)
    }

    fn member(&mut self, name: &str, points: &[Point]) {
        self.members.push(',');
        json::string(name, &mut self.members);
        self.members.push(':');
        match points {
            [Point { value, count: 1 }] => number(*value, &mut self.members),
            points if points.iter().all(|point| point.count == 1) => {
                list(points.iter().map(|point| point.value), &mut self.members);
            }
            points => {
                self.members.push_str("{\"Values\":");
                list(points.iter().map(|point| point.value), &mut self.members);
                self.members.push_str(",\"Counts\":");
                list(points.iter().map(|point| point.count as f64), &mut self.members);
                self.members.push('}');
            }
        }
    }

    fn directive(&mut self, sets: Cow<'static, str>, metrics: &str, count: usize) -> Result<(), EmfError> {
        match self
            .directives
            .iter_mut()
            .find(|directive| directive.sets == sets && directive.count + count <= MAX_METRICS)
        {
            Some(directive) => {
                directive.metrics.push(',');
                directive.metrics.push_str(metrics);
                directive.count += count;
            }
            None => self.directives.push(Directive { sets, metrics: metrics.to_owned(), count }),
        }
        limit("bytes", self.members.len(), MAX_RECORD_BYTES / 2)
    }
}

/// Takes one entry.
struct Collect<'c, 'e> {
    emf: &'c mut Emf<'e>,
    sets: Option<&'e EntryDimensions>,
    metrics: String,
    count: usize,
    /// Text members that could be dimensions, and whether CloudWatch takes their values.
    texts: Vec<(Cow<'e, str>, bool)>,
    error: Option<EmfError>,
}

impl Collect<'_, '_> {
    fn finish(mut self) -> Result<(), EmfError> {
        if let Some(error) = self.error.take() {
            return Err(error);
        }
        limit("metrics", self.count, MAX_METRICS)?;
        let sets = self.dimensions()?;
        if self.count > 0 {
            self.emf.directive(sets, &self.metrics, self.count)?;
        }
        Ok(())
    }

    /// Every set of the entry behind the base dimensions.
    fn dimensions(&self) -> Result<Cow<'static, str>, EmfError> {
        let Some(sets) = self.sets.filter(|sets| !sets.is_empty()) else {
            return Ok(Cow::Borrowed(BASE_SETS));
        };
        let mut out = String::from("[");
        for set in sets.dim_sets() {
            out.push_str(if out.len() == 1 { "[" } else { ",[" });
            let mut count = 0;
            for name in BASE.into_iter().chain(set) {
                if count > 0 {
                    out.push(',');
                }
                json::string(name, &mut out);
                if count >= BASE.len() && !self.texts.iter().any(|(known, usable)| known == name && *usable) {
                    return Err(EmfError::Dimension(name.to_owned()));
                }
                count += 1;
            }
            limit("dimensions", count, MAX_DIMENSIONS)?;
            out.push(']');
        }
        out.push(']');
        Ok(out.into())
    }
}

impl<'e> EntryWriter<'e> for Collect<'_, 'e> {
    fn timestamp(&mut self, _timestamp: std::time::SystemTime) {
        self.error = Some(EmfError::Entry("a record has its invocation's time, not one of its own".to_owned()));
    }

    fn value(&mut self, name: impl Into<Cow<'e, str>>, value: &(impl Value + ?Sized)) {
        let name = name.into();
        if !is_name(&name) || self.emf.is_taken(&name) {
            self.error.get_or_insert(EmfError::Name(name.into_owned()));
            return;
        }
        value.write(Member { collect: self, name });
    }

    fn config(&mut self, config: &'e dyn EntryConfig) {
        if let Some(sets) = (config as &dyn Any).downcast_ref() {
            self.sets = Some(sets);
        }
    }
}

/// Takes the value of one member.
struct Member<'m, 'c, 'e> {
    collect: &'m mut Collect<'c, 'e>,
    name: Cow<'e, str>,
}

impl ValueWriter for Member<'_, '_, '_> {
    fn string(self, value: &str) {
        let emf = &mut *self.collect.emf;
        emf.members.push(',');
        json::string(&self.name, &mut emf.members);
        emf.members.push(':');
        json::string(value, &mut emf.members);
        emf.names.push(self.name.clone());
        self.collect.texts.push((self.name, is_dimension(value)));
    }

    fn metric<'a>(
        self,
        distribution: impl IntoIterator<Item = Observation>,
        unit: Unit,
        dimensions: impl IntoIterator<Item = (&'a str, &'a str)>,
        flags: MetricFlags<'_>,
    ) {
        if dimensions.into_iter().next().is_some() {
            let why = format!("{} has dimensions of its own: declare them as sets of the whole struct", self.name);
            self.collect.error.get_or_insert(EmfError::Entry(why));
            return;
        }
        let mut points = Vec::new();
        for observation in distribution {
            let point = match observation {
                Observation::Unsigned(value) => Point { value: value as f64, count: 1 },
                Observation::Floating(value) => Point { value, count: 1 },
                Observation::Repeated { total, occurrences } if occurrences > 0 => {
                    Point { value: total / occurrences as f64, count: occurrences }
                }
                _ => continue,
            };
            if point.value.abs() <= MAX_VALUE {
                points.push(point);
            } else {
                self.collect.emf.refused_values += point.count;
            }
        }
        if points.is_empty() {
            return;
        }
        let points = joined(points);
        self.collect.emf.member(&self.name, &points);
        let flags = Flags::of(flags);
        if !flags.no_metric {
            if self.collect.count > 0 {
                self.collect.metrics.push(',');
            }
            declare(&self.name, unit, flags.high_resolution, &mut self.collect.metrics);
            self.collect.count += 1;
        }
        self.collect.emf.names.push(self.name);
    }

    fn error(self, error: ValidationError) {
        self.collect.error.get_or_insert(EmfError::Entry(error.to_string()));
    }
}

/// metrique keeps the type of its flags to itself, so that they are read as they print; a test sees that they still print so.
#[derive(Debug, Default)]
struct Flags {
    no_metric: bool,
    high_resolution: bool,
}

impl Flags {
    fn of(flags: MetricFlags<'_>) -> Self {
        let mut read = Self::default();
        // It takes everything.
        let _ = write!(read, "{flags:?}");
        read
    }
}

impl Write for Flags {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        self.no_metric |= text == "NoMetric";
        self.high_resolution |= text == "HighStorageResolution";
        Ok(())
    }
}

fn declare(name: &str, unit: Unit, high_resolution: bool, out: &mut String) {
    let mut metric = Object::open(out);
    metric.text("Name", name);
    if unit != Unit::None {
        metric.text("Unit", unit.name());
    }
    if high_resolution {
        metric.count("StorageResolution", 1);
    }
    metric.close();
}

fn list(values: impl Iterator<Item = f64>, out: &mut String) {
    let mut separator = '[';
    for value in values {
        out.push(separator);
        separator = ',';
        number(value, out);
    }
    out.push(']');
}

fn number(value: f64, out: &mut String) {
    if value >= 0.0 && value.fract() == 0.0 && value < 1e15 {
        json::integer(value as u64, out);
    } else {
        // A `String` takes everything.
        let _ = write!(out, "{value}");
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), EmfError> {
    if found > limit {
        return Err(EmfError::Limit { what, found, limit });
    }
    Ok(())
}

/// Whether CloudWatch takes it as a metric's or a dimension's name.
fn is_name(name: &str) -> bool {
    name.len() <= MAX_NAME_CHARS && is_printable(name)
}

fn is_dimension(value: &str) -> bool {
    value.len() <= MAX_DIMENSION_CHARS && is_printable(value)
}

fn is_printable(text: &str) -> bool {
    !text.trim().is_empty() && !text.starts_with(':') && text.bytes().all(|byte| (0x20..0x7f).contains(&byte))
}

#[cfg(test)]
mod tests;
