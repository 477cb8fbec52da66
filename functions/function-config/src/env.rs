use std::{collections::HashMap, time::Duration};

/// A function's environment variables.
#[derive(Debug, Clone, Default)]
pub struct Env(HashMap<String, String>);

/// The environment does not hold what the function needs: it can't start.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Not there at all.
    #[error(
        "environment variable {0} is not set: the function's configuration must give it (see terraform/settings.json)"
    )]
    Missing(String),
    /// There, but no whole number.
    #[error("environment variable {name} must be a whole number, not {value:?} (see terraform/settings.json)")]
    NotANumber {
        /// Of the variable.
        name: String,
        /// What it holds.
        value: String,
    },
}

impl Env {
    /// The process's own environment; what is not Unicode is left out, as no setting of ours is.
    #[must_use]
    pub fn of_process() -> Self {
        Self(
            std::env::vars_os()
                .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
                .collect(),
        )
    }

    /// A variable that must be there.
    ///
    /// # Errors
    /// When it is not set or empty.
    pub fn text(&self, name: &str) -> Result<&str, ConfigError> {
        match self.0.get(name).map(String::as_str) {
            Some(value) if !value.is_empty() => Ok(value),
            _ => Err(ConfigError::Missing(name.to_owned())),
        }
    }

    /// A list, separated by commas; empty if the variable is empty or not set.
    #[must_use]
    pub fn list(&self, name: &str) -> Vec<&str> {
        let text = self.0.get(name).map(String::as_str).unwrap_or_default();
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect()
    }

    /// A whole number that must be there.
    ///
    /// # Errors
    /// When it is not set or no whole number.
    pub fn number(&self, name: &str) -> Result<u64, ConfigError> {
        let value = self.text(name)?;
        value.parse().map_err(|_| ConfigError::NotANumber { name: name.to_owned(), value: value.to_owned() })
    }

    /// A number of milliseconds that must be there.
    ///
    /// # Errors
    /// As [`number`](Self::number).
    pub fn milliseconds(&self, name: &str) -> Result<Duration, ConfigError> {
        self.number(name).map(Duration::from_millis)
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Env {
    fn from(variables: [(&str, &str); N]) -> Self {
        Self(variables.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_variable_is_said_with_its_name() {
        let env = Env::from([("EMPTY", ""), ("WORD", "ten")]);
        assert_eq!(env.text("EMPTY"), Err(ConfigError::Missing("EMPTY".into())));
        assert_eq!(
            env.milliseconds("WORD").unwrap_err().to_string(),
            "environment variable WORD must be a whole number, not \"ten\" (see terraform/settings.json)"
        );
    }
}
