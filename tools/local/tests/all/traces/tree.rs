//! A trace's documents, each with its parent.

use std::collections::HashMap;

use serde_json::Value;

#[derive(Debug, Default)]
pub(crate) struct Tree {
    spans: HashMap<String, Value>,
}

impl Tree {
    pub(crate) fn read<'a>(documents: impl Iterator<Item = &'a str>) -> Self {
        let mut tree = Self::default();
        for document in documents {
            tree.add(serde_json::from_str(document).unwrap(), None);
        }
        tree
    }

    fn add(&mut self, mut span: Value, parent: Option<&str>) {
        let id = span["id"].as_str().unwrap().to_owned();
        if let Some(parent) = parent {
            span["parent_id"] = parent.into();
        }
        if let Value::Array(subsegments) = span["subsegments"].take() {
            for subsegment in subsegments {
                self.add(subsegment, Some(&id));
            }
        }
        self.spans.insert(id, span);
    }

    pub(crate) fn len(&self) -> usize {
        self.spans.len()
    }

    pub(crate) fn origin(&self, origin: &str) -> Option<&Value> {
        self.spans.values().find(|span| span["origin"] == origin)
    }

    pub(crate) fn named(&self, name: &str) -> Option<&Value> {
        self.spans.values().find(|span| span["name"] == name)
    }

    /// The names from the root down to this span.
    pub(crate) fn way_to<'a>(&'a self, span: &'a Value) -> Vec<&'a str> {
        let mut way = Vec::new();
        let mut at = Some(span);
        while let Some(span) = at.filter(|_| way.len() < self.spans.len()) {
            way.push(span["name"].as_str().unwrap());
            at = span["parent_id"].as_str().and_then(|parent| self.spans.get(parent));
        }
        way.reverse();
        way
    }
}
