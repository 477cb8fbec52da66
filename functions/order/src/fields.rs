//! A JSON object as its fields, unread: numbers keep their digits and nothing but what is asked for is parsed.

use std::fmt;

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

pub(crate) struct Fields<'a> {
    fields: Vec<(String, &'a RawValue)>,
    /// Names that stand more than once: readers disagree which one counts, so none does.
    pub(crate) duplicates: Vec<String>,
}

impl<'a> Fields<'a> {
    pub(crate) fn read(raw: &'a RawValue) -> Result<Self, serde_json::Error> {
        serde_json::from_str(raw.get())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, raw)| *raw)
    }
}

impl<'de> Deserialize<'de> for Fields<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct FieldsVisitor;

        impl<'de> Visitor<'de> for FieldsVisitor {
            type Value = Fields<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut seen = std::collections::HashSet::new();
                let (mut fields, mut duplicates) = (Vec::new(), Vec::new());
                while let Some((name, raw)) = map.next_entry::<String, &RawValue>()? {
                    if seen.insert(name.clone()) {
                        fields.push((name, raw));
                    } else if !duplicates.contains(&name) {
                        duplicates.push(name);
                    }
                }
                Ok(Fields { fields, duplicates })
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}
