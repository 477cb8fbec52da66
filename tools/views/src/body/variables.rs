//! What the reader of a dashboard may choose.

use serde::Deserialize;
use serde_json::Value;

use super::BodyError;

/// A variable of a dashboard.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Variable {
    #[serde(rename = "type")]
    kind: Kind,
    property: Option<String>,
    pattern: Option<String>,
    /// How it is chosen.
    #[serde(default)]
    pub(crate) input_type: InputType,
    /// What it is chosen by.
    pub id: String,
    pub(crate) label: Option<String>,
    default_value: Option<String>,
    #[serde(default = "super::yes")]
    pub(crate) visible: bool,
    search: Option<String>,
    populate_from: Option<String>,
    #[serde(default)]
    pub(crate) values: Vec<Choice>,
    /// What is chosen.
    #[serde(skip)]
    pub value: Option<String>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Kind {
    Property,
    Pattern,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum InputType {
    #[default]
    Input,
    Select,
    Radio,
}

#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Choice {
    pub(crate) label: Option<String>,
    pub(crate) value: String,
}

const MAX_VALUES: usize = 500;
const MAX_ID: usize = 32;
const MAX_LABEL: usize = 30;
const MAX_SEARCH: usize = 2048;

impl Variable {
    fn check(&self, path: &str) -> Result<(), BodyError> {
        let wrong = |inner: &str, message: String| Err(BodyError::new(format!("{path}.{inner}"), message));
        let id_is_fine = self.id.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
        if self.id.is_empty() || self.id.len() > MAX_ID || !id_is_fine {
            return wrong("id", format!("an id has 1 to {MAX_ID} letters, digits, - and _"));
        }
        if self.label.as_ref().is_some_and(|label| label.chars().count() > MAX_LABEL) {
            return wrong("label", format!("a label has at most {MAX_LABEL} characters"));
        }
        if self.values.len() > MAX_VALUES {
            return wrong("values", format!("a variable has at most {MAX_VALUES} values"));
        }
        if self.search.as_ref().is_some_and(|search| search.chars().count() > MAX_SEARCH) {
            return wrong("search", format!("a search has at most {MAX_SEARCH} characters"));
        }
        if self.search.is_some() != self.populate_from.is_some() {
            return wrong("populateFrom", "search and populateFrom are given together".into());
        }
        match self.kind {
            Kind::Property if self.property.is_none() => {
                wrong("property", "a property variable names its property".into())
            }
            Kind::Pattern if self.pattern.as_deref().is_none_or(str::is_empty) => {
                wrong("pattern", "a pattern variable has its pattern".into())
            }
            _ => Ok(()),
        }
    }

    /// What is chosen before anybody chooses.
    fn first(&self) -> Option<String> {
        match self.default_value.as_deref() {
            Some("__FIRST") => self.values.first().map(|choice| choice.value.clone()),
            Some(value) => Some(value.to_owned()),
            None => None,
        }
    }

    /// How a page names it.
    pub(crate) fn name(&self) -> &str {
        self.label.as_deref().unwrap_or(&self.id)
    }

    /// What a page says where it can't offer a list: the values come out of the account.
    pub(crate) fn source(&self) -> Option<String> {
        Some(format!("{} of {}", self.populate_from.as_ref()?, self.search.as_ref()?))
    }
}

/// Puts the chosen values where the variables say.
pub(super) fn apply(
    mut body: Value,
    mut variables: Vec<Variable>,
    chosen: &[(String, String)],
) -> Result<(Value, Vec<Variable>), BodyError> {
    for (id, _) in chosen {
        if !variables.iter().any(|variable| variable.id == *id) {
            let known: Vec<_> = variables.iter().map(|variable| variable.id.as_str()).collect();
            let known = if known.is_empty() { "none".into() } else { known.join(", ") };
            return Err(BodyError::new("variables", format!("there is no variable {id:?}; the dashboard has {known}")));
        }
    }
    for (index, variable) in variables.iter_mut().enumerate() {
        variable.check(&format!("variables[{index}]"))?;
        let choice = chosen.iter().find(|(id, _)| *id == variable.id).map(|(_, value)| value.clone());
        variable.value = choice.or_else(|| variable.first());
        let Some(value) = &variable.value else { continue };
        let Some(widgets) = body.get_mut("widgets") else { continue };
        match (variable.kind, &variable.property, &variable.pattern) {
            (Kind::Property, Some(property), _) => set_property(widgets, property, value),
            (Kind::Pattern, _, Some(pattern)) => replace(widgets, pattern, value),
            _ => {}
        }
    }
    Ok((body, variables))
}

/// A field of that name anywhere in the widgets, and a dimension of that name in the rows.
fn set_property(value: &mut Value, property: &str, to: &str) {
    match value {
        Value::Object(map) => {
            for (key, inner) in map.iter_mut() {
                if key == property && (inner.is_string() || inner.is_number()) {
                    *inner = match to.parse::<i64>() {
                        Ok(number) if inner.is_number() => number.into(),
                        _ => to.into(),
                    };
                } else {
                    set_property(inner, property, to);
                }
            }
        }
        Value::Array(list) => {
            let names: Vec<_> = list.iter().map(|item| item.as_str() == Some(property)).collect();
            for (index, item) in list.iter_mut().enumerate() {
                // In a row namespace and name come first, then names and values of dimensions.
                let is_value = index >= 3 && index % 2 == 1 && names.get(index - 1) == Some(&true);
                if is_value && item.is_string() {
                    *item = to.into();
                } else {
                    set_property(item, property, to);
                }
            }
        }
        _ => {}
    }
}

fn replace(value: &mut Value, pattern: &str, to: &str) {
    match value {
        Value::String(text) if text.contains(pattern) => *text = text.replace(pattern, to),
        Value::Array(list) => list.iter_mut().for_each(|item| replace(item, pattern, to)),
        Value::Object(map) => map.values_mut().for_each(|inner| replace(inner, pattern, to)),
        _ => {}
    }
}
