//! `MetricDataQueries.member.1.Id=a` as nested lists and maps, every leaf a string.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// As many members as a request of 4 MiB could need.
const MAX_INDEX: usize = 10_000;

#[derive(Default)]
struct Node {
    leaf: Option<String>,
    children: BTreeMap<String, Node>,
}

pub(crate) fn decode(body: &[u8]) -> Result<Value, String> {
    let mut root = Node::default();
    for (name, value) in form_urlencoded::parse(body) {
        if matches!(name.as_ref(), "Action" | "Version") {
            continue;
        }
        let mut node = &mut root;
        for part in name.split('.').take(32) {
            node = node.children.entry(part.to_owned()).or_default();
        }
        node.leaf = Some(value.into_owned());
    }
    root.value()
}

impl Node {
    fn value(self) -> Result<Value, String> {
        if let Some(leaf) = self.leaf {
            return Ok(Value::from(leaf));
        }
        let mut children = self.children;
        if children.len() == 1
            && let Some(list) = children.remove("member")
        {
            let mut items = Vec::new();
            for (index, node) in list.children {
                let place: usize = index.parse().map_err(|_| format!("member.{index} is no place in a list"))?;
                if place > MAX_INDEX {
                    return Err(format!("member.{index} is beyond {MAX_INDEX}"));
                }
                items.push((place, node.value()?));
            }
            items.sort_by_key(|(place, _)| *place);
            return Ok(items.into_iter().map(|(_, value)| value).collect());
        }
        let members: Result<Map<_, _>, String> =
            children.into_iter().map(|(name, node)| Ok((name, node.value()?))).collect();
        Ok(Value::Object(members?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_keep_their_order_beyond_nine() {
        let body: String = (1..=12).map(|index| format!("&A.member.{index}.Id=x{index}")).collect();
        let value = decode(format!("Action=Do&Version=1&B=b{body}").as_bytes()).unwrap();
        assert_eq!(value["B"], "b");
        assert_eq!(value["A"][1]["Id"], "x2");
        assert_eq!(value["A"][11]["Id"], "x12");
        assert!(decode(b"A.member.x=1").is_err());
    }
}
