use super::CatalogueError;
use std::collections::BTreeMap;

/// What fills the `${name}` holes of a catalogue and of its scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names(BTreeMap<String, String>);

impl Names {
    /// No names: for files without holes.
    pub fn none() -> Self {
        Names::default()
    }

    /// The project's naming rule: everything follows from project, environment and region.
    pub fn by_rule(project: &str, environment: &str, region: &str) -> Self {
        let prefix = format!("{project}-{environment}");
        let named = |suffix: &str| format!("{prefix}-{suffix}");
        let pairs = [
            ("namespace", project.to_owned()),
            ("environment", environment.to_owned()),
            ("region", region.to_owned()),
            ("orders_queue_name", named("orders")),
            ("orders_dlq_name", named("orders-dlq")),
            ("orders_table_name", named("orders")),
            ("validator_function_name", named("validator")),
            ("processor_function_name", named("processor")),
            ("api_name", named("api")),
            ("api_stage", environment.to_owned()),
            ("prefix", prefix),
        ];
        pairs.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }

    /// With one more.
    #[must_use]
    pub fn with(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.0.insert(name.into(), value.into());
        self
    }

    /// The value of a hole.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }

    /// Fills the holes of a text. `$${` stands for `${`, as in Terraform's templates.
    pub fn fill(&self, text: &str) -> Result<String, CatalogueError> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(at) = rest.find("${") {
            let (before, hole) = rest.split_at(at);
            if let Some(escaped) = before.strip_suffix('$') {
                filled.push_str(escaped);
                filled.push_str("${");
                rest = &hole[2..];
                continue;
            }
            filled.push_str(before);
            let Some((name, after)) = hole[2..].split_once('}') else {
                let head = hole.chars().take(20).collect();
                return Err(CatalogueError::Hole(head, "(the brace is not closed)".into()));
            };
            let value = self.get(name).ok_or_else(|| {
                let known: Vec<_> = self.0.keys().cloned().collect();
                CatalogueError::Hole(name.to_owned(), known.join(", "))
            })?;
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

impl FromIterator<(String, String)> for Names {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(pairs: I) -> Self {
        Names(pairs.into_iter().collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn holes_are_filled_and_unknown_ones_named() {
        let names = Names::by_rule("shop", "dev", "eu-west-1");
        assert_eq!(names.fill("a ${prefix}-x ${api_stage}").unwrap(), "a shop-dev-x dev");
        assert_eq!(names.fill("$${prefix}").unwrap(), "${prefix}");
        let error = names.fill("${nope}").unwrap_err().to_string();
        assert!(error.contains("`${nope}`") && error.contains("orders_queue_name"), "{error}");
    }
}
