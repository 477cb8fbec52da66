//! A JSON object as its fields, unread: numbers keep their digits and nothing but what is asked for is parsed.

use std::{borrow::Cow, collections::HashSet, fmt};

use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use crate::limits;

/// The fields that the contract names; of all others only what is wrong with their names.
#[derive(Default)]
pub(crate) struct Fields<'a> {
    fields: Vec<(&'static str, &'a RawValue)>,
    /// Names of the contract that stand more than once: readers disagree which one counts, so none does.
    pub(crate) duplicates: Vec<&'static str>,
    /// Another name stands more than once.
    pub(crate) foreign_duplicate: bool,
    /// The first half of a surrogate pair without the other that stands in a name.
    pub(crate) lone_surrogate: Option<u16>,
}

impl<'a> Fields<'a> {
    pub(crate) fn read(raw: &'a RawValue) -> Result<Self, serde_json::Error> {
        serde_json::from_str(raw.get())
    }

    pub(crate) fn get(&self, name: &str) -> Option<&'a RawValue> {
        self.fields.iter().find(|(field, _)| *field == name).map(|(_, raw)| *raw)
    }

    fn insert(&mut self, name: &str, raw: &'a RawValue, seen: &mut HashSet<String>) {
        match limits::NAMES.into_iter().find(|known| *known == name) {
            Some(known) if self.get(known).is_none() => self.fields.push((known, raw)),
            Some(known) if !self.duplicates.contains(&known) => self.duplicates.push(known),
            Some(_) => {}
            // One is enough to know.
            None if self.foreign_duplicate => {}
            None => self.foreign_duplicate = !seen.insert(name.to_owned()),
        }
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
                let (mut fields, mut seen) = (Fields::default(), HashSet::new());
                while let Some((Name(name), raw)) = map.next_entry::<Name<'de>, &RawValue>()? {
                    match std::str::from_utf8(&name) {
                        Ok(name) => fields.insert(name, raw, &mut seen),
                        Err(error) => {
                            let surrogate = surrogate_at(&name, error.valid_up_to());
                            fields.lone_surrogate = fields.lone_surrogate.or(surrogate);
                        }
                    }
                }
                Ok(fields)
            }
        }

        deserializer.deserialize_map(FieldsVisitor)
    }
}

/// As bytes, because JSON can spell a name that is no text: half of a surrogate pair.
struct Name<'a>(Cow<'a, [u8]>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NameVisitor;

        impl<'de> Visitor<'de> for NameVisitor {
            type Value = Name<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a name")
            }

            fn visit_borrowed_bytes<E>(self, name: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Name(Cow::Borrowed(name)))
            }

            fn visit_bytes<E>(self, name: &[u8]) -> Result<Self::Value, E> {
                Ok(Name(Cow::Owned(name.to_vec())))
            }
        }

        deserializer.deserialize_bytes(NameVisitor)
    }
}

/// The decoder writes a lone surrogate as the three bytes that UTF-8 would give it.
fn surrogate_at(name: &[u8], at: usize) -> Option<u16> {
    match name.get(at..at + 3)? {
        [0xed, second, third] => Some(0xd000 | u16::from(second & 0x3f) << 6 | u16::from(third & 0x3f)),
        _ => None,
    }
}
