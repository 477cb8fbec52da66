use std::fmt;

use memchr::memmem;
use metrique::emf::Emf;
use metrique::writer::format::Format;
use metrique::writer::{Entry, EntryWriter};

/// The most bytes of a log event.
const MAX_RECORD_BYTES: usize = 1024 * 1024;
const MAX_METRICS: usize = 100;
const MAX_DIMENSIONS: usize = 30;

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
}

/// Formats entries of one service.
pub(crate) struct EmfWriter {
    emf: Emf,
    service: String,
    environment: String,
    scratch: Vec<u8>,
}

impl fmt::Debug for EmfWriter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EmfWriter").field("service", &self.service).finish_non_exhaustive()
    }
}

/// Properties every record of an invocation carries beside its metrics.
#[derive(Debug, Default, Clone)]
pub(crate) struct Properties {
    pub(crate) texts: Vec<(&'static str, String)>,
}

/// An entry with the service's dimensions and the invocation's ids.
struct WithGlobals<'g, E> {
    entry: &'g E,
    writer: (&'g str, &'g str),
    properties: &'g Properties,
}

impl<E: Entry> Entry for WithGlobals<'_, E> {
    fn write<'a>(&'a self, writer: &mut impl EntryWriter<'a>) {
        self.entry.write(writer);
        writer.value("Service", self.writer.0);
        writer.value("Environment", self.writer.1);
        for (key, value) in &self.properties.texts {
            writer.value(*key, value.as_str());
        }
    }
}

impl EmfWriter {
    pub(crate) fn new(namespace: &str, service: &str, environment: &str) -> Self {
        let dimensions = vec![vec!["Service".to_owned(), "Environment".to_owned()]];
        // Debug builds, and so every test, check names, uniqueness and dimensions too.
        let emf = Emf::builder(namespace.to_owned(), dimensions).skip_all_validations(!cfg!(debug_assertions)).build();
        Self {
            emf,
            service: service.to_owned(),
            environment: environment.to_owned(),
            scratch: Vec::with_capacity(1024),
        }
    }

    /// Appends one record, a line of JSON, to `out`; refused, `out` is untouched.
    pub(crate) fn write(
        &mut self,
        entry: &impl Entry,
        properties: &Properties,
        out: &mut String,
    ) -> Result<(), EmfError> {
        self.scratch.clear();
        let entry = WithGlobals { entry, writer: (&self.service, &self.environment), properties };
        self.emf.format(&entry, &mut self.scratch).map_err(|error| EmfError::Entry(error.to_string()))?;
        check(&self.scratch)?;
        let mut record = Vec::with_capacity(self.scratch.len());
        plain_arrays(&self.scratch, &mut record);
        out.push_str(&String::from_utf8_lossy(&record));
        Ok(())
    }
}

fn limit(what: &'static str, found: usize, limit: usize) -> Result<(), EmfError> {
    if found > limit {
        return Err(EmfError::Limit { what, found, limit });
    }
    Ok(())
}

/// Holds a record against the limits metrique leaves alone. Values are bounded by their type, see [`super::Millis`].
fn check(record: &[u8]) -> Result<(), EmfError> {
    limit("bytes", record.len(), MAX_RECORD_BYTES)?;
    let metrics = occurrences(record, b"{\"Name\":");
    limit("metrics", metrics, MAX_METRICS)?;
    // Dimensions are a list of lists right behind its key; commas inside one are its members less one.
    let widest = between(record, b"\"Dimensions\":[", b"]]")
        .map_or(0, |sets| sets.split(|byte| *byte == b'[').map(|set| occurrences(set, b"\"") / 2).max().unwrap_or(0));
    limit("dimensions", widest, MAX_DIMENSIONS)
}

fn occurrences(text: &[u8], pattern: &[u8]) -> usize {
    memmem::find_iter(text, pattern).count()
}

fn find(text: &[u8], pattern: &[u8]) -> Option<usize> {
    memmem::find(text, pattern)
}

fn between<'t>(text: &'t [u8], before: &[u8], after: &[u8]) -> Option<&'t [u8]> {
    let rest = &text[find(text, before)? + before.len()..];
    Some(&rest[..find(rest, after)?])
}

/// Writes `{"Values":[1,2],"Counts":[1,1]}` as the `[1,2]` the format's specification documents; real counts stay.
fn plain_arrays(record: &[u8], out: &mut Vec<u8>) {
    const VALUES: &[u8] = b"{\"Values\":";
    const COUNTS: &[u8] = b",\"Counts\":[";
    let mut rest = record;
    while let Some(start) = find(rest, VALUES) {
        let (before, object) = rest.split_at(start);
        out.extend_from_slice(before);
        let parsed = find(object, b"}").and_then(|end| {
            let counts = find(&object[..end], COUNTS)?;
            let all_one =
                object[counts + COUNTS.len()..end].iter().all(|byte| matches!(byte, b'1' | b',' | b']' | b' '))
                    && !object[counts..end].windows(2).any(|pair| pair == b"11");
            Some((counts, end, all_one))
        });
        match parsed {
            Some((counts, end, true)) => {
                out.extend_from_slice(&object[VALUES.len()..counts]);
                rest = &object[end + 1..];
            }
            _ => {
                out.extend_from_slice(VALUES);
                rest = &object[VALUES.len()..];
            }
        }
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests;
