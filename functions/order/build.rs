//! Turns the limits of the API's model into constants, so that they are written once and cost nothing at run time.

use std::{env, fmt::Write as _, fs, path::Path};

use serde_json::Value;

const SCHEMA: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../terraform/order.schema.json");

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo::rerun-if-changed={SCHEMA}");
    let schema: Value = serde_json::from_str(&fs::read_to_string(SCHEMA)?)?;
    let mut constants = String::new();
    emit(&schema["properties"], "", &mut constants)?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("limits.rs"), constants)?;
    Ok(())
}

/// One constant for each numeric keyword: `shippingAddress.city` `maxLength` becomes `SHIPPING_ADDRESS_CITY_MAX_LENGTH`.
fn emit(properties: &Value, prefix: &str, out: &mut String) -> Result<(), Box<dyn std::error::Error>> {
    for (name, property) in properties.as_object().ok_or("the schema has no properties")? {
        let path = format!("{prefix}{}", screaming(name));
        for (keyword, value) in property.as_object().ok_or("a property is no object")? {
            if let Some(limit) = value.as_u64() {
                writeln!(out, "pub(crate) const {path}_{}: u64 = {limit};", screaming(keyword))?;
            } else if keyword == "multipleOf" {
                let step = value.to_string();
                let decimals = step.split_once('.').map_or(0, |(_, digits)| digits.len());
                writeln!(out, "pub(crate) const {path}_DECIMALS: u32 = {decimals};")?;
            }
        }
        for nested in [property, &property["items"]] {
            if nested["properties"].is_object() {
                emit(&nested["properties"], &format!("{path}_"), out)?;
            }
        }
    }
    Ok(())
}

fn screaming(camel: &str) -> String {
    let mut out = String::new();
    for c in camel.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_uppercase());
    }
    out
}
