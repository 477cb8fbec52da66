//! Tags of groups and sampling rules, by ARN.

use std::collections::{BTreeMap, HashMap};

/// X-Ray's limit of a resource's tags.
pub(crate) const MAX_TAGS: usize = 50;

/// The tags of the resources that exist: an ARN without an entry is no resource.
#[derive(Debug, Default)]
pub(crate) struct Tags(HashMap<String, BTreeMap<String, String>>);

/// The resource would have more than [`MAX_TAGS`] tags.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

impl Tags {
    /// The resource came into being.
    pub(crate) fn created(&mut self, arn: &str, tags: BTreeMap<String, String>) {
        self.0.insert(arn.to_owned(), tags);
    }

    pub(crate) fn deleted(&mut self, arn: &str) {
        self.0.remove(arn);
    }

    pub(crate) fn of(&mut self, arn: &str) -> Option<&mut BTreeMap<String, String>> {
        self.0.get_mut(arn)
    }

    pub(crate) fn add(of: &mut BTreeMap<String, String>, tags: BTreeMap<String, String>) -> Result<(), TooMany> {
        let new = tags.keys().filter(|key| !of.contains_key(*key)).count();
        if of.len() + new > MAX_TAGS {
            return Err(TooMany);
        }
        of.extend(tags);
        Ok(())
    }
}
