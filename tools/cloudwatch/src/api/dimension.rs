use std::collections::BTreeMap;

use aws_wire::{ApiError, Output};
use serde::Deserialize;

use super::error::invalid;

/// A dimension of a metric, as requests have it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Dimension {
    name: String,
    value: String,
}

/// A metric's dimensions, checked.
///
/// # Errors
/// For more than 30, an impossible name or value, or a name given twice.
pub fn set(dimensions: Vec<Dimension>) -> Result<BTreeMap<String, String>, ApiError> {
    if dimensions.len() > 30 {
        return Err(invalid("The collection Dimensions must not have a size greater than 30."));
    }
    let mut set = BTreeMap::new();
    for Dimension { name, value } in dimensions {
        if !(1..=255).contains(&name.len()) || !(1..=1024).contains(&value.len()) {
            return Err(invalid("a dimension's name has 1 to 255 characters, its value 1 to 1024"));
        }
        if set.insert(name.clone(), value).is_some() {
            return Err(invalid(format!("the dimension {name} is given twice")));
        }
    }
    Ok(set)
}

/// A metric's dimensions, as answers have them.
pub fn output(dimensions: &BTreeMap<String, String>) -> Output {
    let pair = |(name, value): (&String, &String)| {
        Output::Map(vec![("Name", Output::Text(name.clone())), ("Value", Output::Text(value.clone()))])
    };
    Output::List(dimensions.iter().map(pair).collect())
}
