//! `${name}` in the suite's files, filled as Terraform's `templatefile` does.

use std::collections::BTreeMap;

/// What the placeholders stand for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placeholders(BTreeMap<String, String>);

/// A placeholder that can't be filled.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceholderError {
    /// Nothing has that name.
    #[error("nothing fills the placeholder `${{{name}}}`: known are {known}")]
    Unknown {
        /// Between the braces.
        name: String,
        /// All names, for whoever has mistyped one.
        known: String,
    },
    /// Its brace is missing.
    #[error("the placeholder `{0}` has no closing brace")]
    NotClosed(String),
    /// `%{ if ... }`: Terraform would carry it out, nobody else here would.
    #[error("`{0}`: Terraform would take it for a directive: write `%%{{`")]
    Directive(String),
}

impl Placeholders {
    /// None: for files without placeholders.
    #[must_use]
    pub fn none() -> Self {
        Self::default()
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// What a placeholder stands for.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Their names and values, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Fills a text. `$${` stands for `${` and `%%{` for `%{`, as in Terraform's templates.
    ///
    /// # Errors
    /// The first placeholder that can't be filled.
    pub fn fill(&self, text: &str) -> Result<String, PlaceholderError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${").into_iter().chain(rest.find("%{")).min() {
            let (before, placeholder) = rest.split_at(at);
            let (sign, inside) = placeholder.split_at(1);
            if let Some(escaped) = before.strip_suffix(sign) {
                filled.push_str(escaped);
                filled.push_str(sign);
                filled.push('{');
                rest = &inside[1..];
                continue;
            }
            let head = || placeholder.chars().take(20).collect();
            if sign == "%" {
                return Err(PlaceholderError::Directive(head()));
            }
            filled.push_str(before);
            let Some((name, after)) = inside[1..].split_once('}') else {
                return Err(PlaceholderError::NotClosed(head()));
            };
            let value = self.get(name.trim()).ok_or_else(|| PlaceholderError::Unknown {
                name: name.to_owned(),
                known: self.0.keys().cloned().collect::<Vec<_>>().join(", "),
            })?;
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

impl<N: Into<String>, V: Into<String>> FromIterator<(N, V)> for Placeholders {
    fn from_iter<I: IntoIterator<Item = (N, V)>>(pairs: I) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_and_escapes_kept() {
        let placeholders = Placeholders::from_iter([("prefix", "shop-dev"), ("api_stage", "dev")]);
        let fill = |text: &str| placeholders.fill(text).unwrap();
        assert_eq!(fill("a ${prefix}-x ${ api_stage }"), "a shop-dev-x dev");
        assert_eq!(fill("$${prefix} %%{ if } 5 %"), "${prefix} %{ if } 5 %");
        assert_eq!(fill("$${${prefix}}"), "${shop-dev}");
    }

    #[test]
    fn what_terraform_would_refuse_or_carry_out_is_refused() {
        let error = |text: &str| Placeholders::from_iter([("prefix", "x")]).fill(text).unwrap_err().to_string();
        assert!(error("${nope}").contains("`${nope}`: known are prefix"), "{}", error("${nope}"));
        assert!(error("${prefix").contains("no closing brace"));
        assert!(error("%{ if prefix }x%{ endif }").contains("directive"));
    }
}
