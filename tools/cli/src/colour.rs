//! Colour, where a terminal shows it and nobody has said `NO_COLOR`. Never the only sign: a word always says the same.

use anstyle::{AnsiColor, Style};

/// Colours, or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paint(bool);

impl Paint {
    /// For a file.
    pub const NEVER: Self = Self(false);
    /// Even into a pipe.
    pub const ALWAYS: Self = Self(true);

    /// As stdout takes it: a terminal, `NO_COLOR`, `CLICOLOR` and `CLICOLOR_FORCE`.
    #[must_use]
    pub fn stdout() -> Self {
        Self(anstream::AutoStream::choice(&std::io::stdout()) != anstream::ColorChoice::Never)
    }

    /// As stderr takes it.
    #[must_use]
    pub fn stderr() -> Self {
        Self(anstream::AutoStream::choice(&std::io::stderr()) != anstream::ColorChoice::Never)
    }

    /// Colours, if so.
    #[must_use]
    pub fn when(colour: bool) -> Self {
        Self(colour)
    }

    /// All is well.
    #[must_use]
    pub fn good(self, text: &str) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// Somebody should look.
    #[must_use]
    pub fn warn(self, text: &str) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// Something is wrong.
    #[must_use]
    pub fn bad(self, text: &str) -> String {
        self.with(AnsiColor::Red.on_default(), text)
    }

    /// On its way.
    #[must_use]
    pub fn running(self, text: &str) -> String {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    /// Of less weight.
    #[must_use]
    pub fn dim(self, text: &str) -> String {
        self.with(Style::new().dimmed(), text)
    }

    /// Of more weight.
    #[must_use]
    pub fn bold(self, text: &str) -> String {
        self.with(Style::new().bold(), text)
    }

    fn with(self, style: Style, text: &str) -> String {
        if self.0 && !text.is_empty() { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }
}
