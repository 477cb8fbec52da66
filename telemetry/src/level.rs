/// A line's level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Kept, and written only if the work fails.
    Debug,
    /// What happened.
    Info,
    /// It was the caller, or a limit.
    Warn,
    /// It was us.
    Error,
    /// Nothing is written at this level: the names `FATAL` and `CRITICAL` of other languages mean it.
    Silent,
}

impl Level {
    /// Reads the names of Lambda's log controls and of Rust, in any case; `TRACE` means `DEBUG`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text.trim().to_ascii_uppercase().as_str() {
            "TRACE" | "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" | "WARNING" => Self::Warn,
            "ERROR" => Self::Error,
            "FATAL" | "CRITICAL" | "OFF" => Self::Silent,
            _ => return None,
        })
    }

    /// The level's name in a line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
            Self::Silent => "SILENT",
        }
    }
}
