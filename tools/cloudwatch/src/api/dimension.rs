use std::collections::BTreeMap;

use serde::Deserialize;

use super::{ApiError, Out};

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Dimension {
    name: String,
    value: String,
}

pub(super) fn set(dimensions: Vec<Dimension>) -> Result<BTreeMap<String, String>, ApiError> {
    if dimensions.len() > 30 {
        return Err(ApiError::invalid("The collection Dimensions must not have a size greater than 30."));
    }
    let mut set = BTreeMap::new();
    for Dimension { name, value } in dimensions {
        if !(1..=255).contains(&name.len()) || !(1..=1024).contains(&value.len()) {
            return Err(ApiError::invalid("a dimension's name has 1 to 255 characters, its value 1 to 1024"));
        }
        if set.insert(name.clone(), value).is_some() {
            return Err(ApiError::invalid(format!("the dimension {name} is given twice")));
        }
    }
    Ok(set)
}

pub(super) fn out(dimensions: &BTreeMap<String, String>) -> Out {
    let pair = |(name, value): (&String, &String)| {
        Out::Map(vec![("Name", Out::Text(name.clone())), ("Value", Out::Text(value.clone()))])
    };
    Out::List(dimensions.iter().map(pair).collect())
}
