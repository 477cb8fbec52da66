//! Turns the limits, names and countries of the API's schema into constants, so that they are written once and cost nothing at
//! run time.

use std::{collections::BTreeSet, env, error::Error, fmt::Write as _, fs, path::Path};

use serde_json::Value;

/// From the crate's folder, which is where cargo runs this: a path written into the program would be another checkout's, once the
/// tree is copied with its target folder.
const SCHEMA: &str = "../../terraform/order.schema.json";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={SCHEMA}");
    let schema: Value = serde_json::from_str(&fs::read_to_string(SCHEMA)?)?;
    let (mut constants, mut names) = (String::new(), BTreeSet::new());
    emit(&schema["properties"], "", &mut constants, &mut names)?;
    let names: Vec<_> = names.into_iter().collect();
    writeln!(constants, "/// Every field that the schema names.")?;
    writeln!(constants, "pub(crate) const NAMES: [&str; {}] = {names:?};", names.len())?;
    let countries = countries(schema["$defs"]["countryWithoutPostalCode"]["pattern"].as_str())?;
    writeln!(constants, "/// Codes and names of the countries without postal codes.")?;
    writeln!(constants, "pub(crate) const WITHOUT_POSTAL_CODE: [&str; {}] = {countries:?};", countries.len())?;
    fs::write(Path::new(&env::var("OUT_DIR")?).join("limits.rs"), constants)?;
    Ok(())
}

/// One constant for each numeric keyword: `shippingAddress.city` `maxLength` becomes `SHIPPING_ADDRESS_CITY_MAX_LENGTH`.
fn emit<'a>(
    properties: &'a Value,
    prefix: &str,
    out: &mut String,
    names: &mut BTreeSet<&'a str>,
) -> Result<(), Box<dyn Error>> {
    for (name, property) in properties.as_object().ok_or("the schema has no properties")? {
        names.insert(name);
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
                emit(&nested["properties"], &format!("{path}_"), out, names)?;
            }
        }
    }
    Ok(())
}

/// The alternatives between `(?:` and `)`, with `[Aa]` for a letter of either case and `[.]` for a dot.
fn countries(pattern: Option<&str>) -> Result<Vec<String>, Box<dyn Error>> {
    let alternatives = pattern
        .and_then(|pattern| pattern.split_once("(?:")?.1.rsplit_once(')'))
        .ok_or("the countries' pattern is not of the form ^...(?:A|B)...$")?
        .0;
    alternatives
        .split('|')
        .map(|alternative| {
            let (mut name, mut rest) = (String::new(), alternative);
            while let Some(c) = rest.chars().next() {
                rest = &rest[c.len_utf8()..];
                if c == '[' {
                    let (class, after) = rest.split_once(']').ok_or("a class without an end")?;
                    match class.as_bytes() {
                        [one] => name.push(char::from(*one)),
                        [upper, lower] if upper.to_ascii_lowercase() == *lower => name.push(char::from(*upper)),
                        _ => return Err(format!("{alternative}: [{class}] is not one letter in both cases").into()),
                    }
                    rest = after;
                } else if c.is_ascii_alphabetic() || "\\.*+?(){}^$".contains(c) {
                    return Err(format!("{alternative}: {c} must be in brackets").into());
                } else {
                    name.push(c);
                }
            }
            Ok(name)
        })
        .collect()
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
