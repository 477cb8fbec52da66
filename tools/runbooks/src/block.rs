//! A fenced block of commands.

/// What a block's commands are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Reads only.
    Run,
    /// Changes something, idempotently.
    Mitigate,
    /// Takes a change back.
    Undo,
    /// Shows that all is well again.
    Verify,
}

impl Kind {
    /// By its word in the info string.
    pub(crate) fn of(word: &str) -> Option<Self> {
        Some(match word {
            "run" => Kind::Run,
            "mitigate" => Kind::Mitigate,
            "undo" => Kind::Undo,
            "verify" => Kind::Verify,
            _ => return None,
        })
    }

    /// The only section it may stand in.
    pub(crate) fn section(self) -> &'static str {
        match self {
            Kind::Run => "Diagnosis",
            Kind::Mitigate | Kind::Undo => "Mitigation",
            Kind::Verify => "Verify",
        }
    }

    /// The largest exit code that is no failure.
    pub(crate) fn largest_exit_code(self) -> i32 {
        if self == Kind::Run { 1 } else { 0 }
    }
}

/// Commands, and what they print.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// What for.
    pub kind: Kind,
    /// The word after the kind, for pages with branches.
    pub name: Option<String>,
    /// One a line.
    pub commands: Vec<String>,
    /// The `text` block after it.
    pub expected: Option<String>,
    /// Of its fence, from 1.
    pub line: usize,
}
