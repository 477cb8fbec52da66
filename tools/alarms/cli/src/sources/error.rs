use std::fmt;

/// Why a file can't be read, told once, with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceError {
    /// Its path as it was given; `-` for standard input.
    pub file: String,
    /// Counted from 1, where it is known.
    pub line: Option<usize>,
    /// Counted from 1, where it is known.
    pub column: Option<usize>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl SourceError {
    /// About a file as a whole.
    pub fn whole(file: &str, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: None, column: None, message: message.into() }
    }

    /// About a place in a file.
    pub fn at(file: &str, line: usize, column: usize, message: impl Into<String>) -> Self {
        Self { file: file.to_owned(), line: Some(line), column: Some(column), message: message.into() }
    }

    /// About JSON.
    pub(crate) fn json(file: &str, error: &serde_json::Error) -> Self {
        let text = error.to_string();
        // The place is told once, in front.
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        match error.line() {
            0 => Self::whole(file, message),
            line => Self::at(file, line, error.column(), message),
        }
    }

    /// About YAML.
    pub(crate) fn yaml(file: &str, error: &serde_norway::Error) -> Self {
        let text = error.to_string();
        let message = text.rsplit_once(" at line ").map_or(text.as_str(), |(message, _)| message);
        match error.location() {
            None => Self::whole(file, message),
            Some(place) => Self::at(file, place.line(), place.column(), message),
        }
    }
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        for place in [self.line, self.column].into_iter().flatten() {
            write!(f, ":{place}")?;
        }
        write!(f, ": {}", self.message)
    }
}

impl std::error::Error for SourceError {}
