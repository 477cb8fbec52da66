//! Intrinsic functions. What stays open is a text that names it: `${Queue.QueueName}`.

use std::{cell::Cell, collections::BTreeMap};

use serde_json::{Map, Value};

const DEEPEST: usize = 48;

pub(super) struct Template<'a> {
    template: &'a Value,
    parameters: &'a BTreeMap<String, String>,
    open: Cell<usize>,
}

impl<'a> Template<'a> {
    pub(super) fn new(template: &'a Value, parameters: &'a BTreeMap<String, String>) -> Self {
        Self { template, parameters, open: Cell::new(0) }
    }

    /// How many values stayed open.
    pub(super) fn open(&self) -> usize {
        self.open.get()
    }

    fn symbol(&self, of: &str) -> Value {
        self.open.set(self.open.get() + 1);
        // `AWS::Region` would look like the parts of an ARN.
        Value::String(format!("${{{}}}", of.replace("::", ".")))
    }

    /// The name of an alarm or a rule: the one it says, or its logical id, which CloudFormation makes a name of.
    pub(super) fn name_of(&self, id: &str, depth: usize) -> String {
        // A name may be made of its own reference.
        if depth > DEEPEST {
            return id.to_owned();
        }
        let properties = &self.template["Resources"][id]["Properties"];
        let named = ["AlarmName", "Name"].iter().find(|key| !properties[**key].is_null());
        let name = named.map(|key| self.resolve(&properties[*key], depth + 1));
        name.as_ref().and_then(Value::as_str).unwrap_or(id).to_owned()
    }

    /// A value with every function in it carried out.
    pub(super) fn resolve(&self, value: &Value, depth: usize) -> Value {
        if depth > DEEPEST {
            return self.symbol("nested too deep");
        }
        match value {
            Value::Array(items) => {
                let items = items.iter().map(|item| self.resolve(item, depth + 1));
                Value::Array(items.filter(|item| !is_no_value(item)).collect())
            }
            Value::Object(map) => {
                if let (1, Some((name, argument))) = (map.len(), map.iter().next())
                    && (name == "Ref" || name == "Condition" || name.starts_with("Fn::"))
                    && let Some(result) = self.call(name, argument, depth + 1)
                {
                    return result;
                }
                let resolved = map.iter().map(|(key, value)| (key.clone(), self.resolve(value, depth + 1)));
                Value::Object(resolved.filter(|(_, value)| !is_no_value(value)).collect::<Map<_, _>>())
            }
            other => other.clone(),
        }
    }

    fn call(&self, name: &str, argument: &Value, depth: usize) -> Option<Value> {
        Some(match name {
            "Ref" => self.reference(argument.as_str()?, depth),
            "Fn::GetAtt" => self.attribute(argument, depth),
            "Fn::Sub" => self.substitute(argument, depth),
            "Fn::Join" => {
                let separator = argument[0].as_str()?;
                let items = self.resolve(&argument[1], depth);
                let items: Vec<String> = items.as_array()?.iter().map(text_of).collect();
                Value::String(items.join(separator))
            }
            "Fn::Select" => {
                let index = super::super::definition::number(&self.resolve(&argument[0], depth))?;
                let items = self.resolve(&argument[1], depth);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "an index; what is out of range is not found"
                )]
                let found = items.get(index.max(0.0) as usize).cloned();
                found.unwrap_or_else(|| self.symbol("Select"))
            }
            "Fn::Split" => {
                let text = self.resolve(&argument[1], depth);
                let parts = text.as_str()?.split(argument[0].as_str().filter(|separator| !separator.is_empty())?);
                parts.map(|part| Value::String(part.to_owned())).collect()
            }
            "Fn::FindInMap" => {
                let key = |at: usize| self.resolve(&argument[at], depth).as_str().map(str::to_owned);
                let (map, top, second) = (key(0)?, key(1)?, key(2)?);
                let found = &self.template["Mappings"][map.as_str()][top.as_str()][second.as_str()];
                if found.is_null() { self.symbol(&format!("{map}.{top}.{second}")) } else { found.clone() }
            }
            "Fn::If" => match self.condition(argument[0].as_str()?, depth) {
                Some(true) => self.resolve(&argument[1], depth),
                Some(false) => self.resolve(&argument[2], depth),
                None => self.symbol(&format!("If {}", argument[0].as_str()?)),
            },
            "Fn::Equals" | "Fn::And" | "Fn::Or" | "Fn::Not" | "Condition" => {
                let value = serde_json::json!({ name: argument });
                self.truth(&value, depth).map_or_else(|| self.symbol(name), Value::Bool)
            }
            "Fn::ImportValue" => self.symbol(&format!("import {}", text_of(&self.resolve(argument, depth)))),
            "Fn::Base64" | "Fn::Cidr" | "Fn::GetAZs" | "Fn::Transform" | "Fn::Length" | "Fn::ToJsonString" => {
                self.symbol(name.trim_start_matches("Fn::"))
            }
            _ => return None,
        })
    }

    fn reference(&self, name: &str, depth: usize) -> Value {
        if let Some(value) = self.parameters.get(name) {
            return Value::String(value.clone());
        }
        match name {
            "AWS::NoValue" => return no_value(),
            "AWS::Partition" => return Value::String("aws".into()),
            "AWS::URLSuffix" => return Value::String("amazonaws.com".into()),
            _ => {}
        }
        let parameter = &self.template["Parameters"][name];
        if parameter.is_object() {
            let default = &parameter["Default"];
            let of_store = parameter["Type"].as_str().is_some_and(|of| of.starts_with("AWS::SSM::"));
            let is_list =
                parameter["Type"].as_str().is_some_and(|of| of.starts_with("List<") || of == "CommaDelimitedList");
            return match default.as_str() {
                _ if default.is_null() || of_store => self.symbol(name),
                Some(text) if is_list => text.split(',').map(|item| Value::String(item.trim().to_owned())).collect(),
                _ => default.clone(),
            };
        }
        let resource = &self.template["Resources"][name];
        // `Ref` gives these a name; others an ARN, a URL or an id.
        let named = match resource["Type"].as_str() {
            Some("AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm") => {
                return Value::String(self.name_of(name, depth + 1));
            }
            Some("AWS::Lambda::Function" | "AWS::Serverless::Function") => "FunctionName",
            Some("AWS::DynamoDB::Table" | "AWS::Serverless::SimpleTable") => "TableName",
            Some("AWS::Kinesis::Stream" | "AWS::Events::Rule") => "Name",
            Some("AWS::S3::Bucket") => "BucketName",
            Some("AWS::RDS::DBInstance") => "DBInstanceIdentifier",
            Some("AWS::RDS::DBCluster") => "DBClusterIdentifier",
            Some("AWS::ECS::Cluster") => "ClusterName",
            _ => return self.symbol(name),
        };
        let value = self.resolve(&resource["Properties"][named], depth);
        if value.is_string() { value } else { self.symbol(name) }
    }

    fn attribute(&self, argument: &Value, depth: usize) -> Value {
        let pair = match argument {
            Value::Array(pair) => {
                Some((text_of(pair.first().unwrap_or(&Value::Null)), text_of(pair.get(1).unwrap_or(&Value::Null))))
            }
            Value::String(text) => text.split_once('.').map(|(id, attribute)| (id.to_owned(), attribute.to_owned())),
            _ => None,
        };
        let Some((id, attribute)) = pair else { return self.symbol("GetAtt") };
        let resource = &self.template["Resources"][id.as_str()];
        match (resource["Type"].as_str(), attribute.as_str()) {
            (Some("AWS::CloudWatch::Alarm" | "AWS::CloudWatch::CompositeAlarm"), "Arn") => {
                return Value::String(format!(
                    "arn:aws:cloudwatch:region:account:alarm:{}",
                    self.name_of(&id, depth + 1)
                ));
            }
            (Some(_), "QueueName" | "TopicName" | "TableName" | "FunctionName" | "Name") => {
                let named = self.resolve(&resource["Properties"][attribute.as_str()], depth);
                // What has no name of its own is known by its logical id, in alarms and in coverage alike.
                return if named.is_string() { named } else { self.symbol(&id) };
            }
            _ => {}
        }
        self.symbol(&format!("{id}.{attribute}"))
    }

    fn substitute(&self, argument: &Value, depth: usize) -> Value {
        let (text, variables) = match argument {
            Value::Array(pair) => (pair.first().and_then(Value::as_str), pair.get(1)),
            other => (other.as_str(), None),
        };
        let Some(text) = text else { return self.symbol("Sub") };
        let mut filled = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once("${") {
            filled.push_str(before);
            let Some((name, behind)) = after.split_once('}') else {
                filled.push_str("${");
                rest = after;
                continue;
            };
            rest = behind;
            let name = name.trim();
            let value = if let Some(literal) = name.strip_prefix('!') {
                Value::String(format!("${{{literal}}}"))
            } else if let Some(value) = variables.and_then(|variables| variables.get(name)) {
                self.resolve(value, depth)
            } else if name.contains('.') {
                self.attribute(&Value::String(name.to_owned()), depth)
            } else {
                self.reference(name, depth)
            };
            filled.push_str(&text_of(&value));
        }
        filled.push_str(rest);
        Value::String(filled)
    }

    /// Whether a condition holds; `None` when it depends on what is not known.
    pub(super) fn condition(&self, name: &str, depth: usize) -> Option<bool> {
        self.truth(&self.template["Conditions"][name], depth + 1)
    }

    fn truth(&self, value: &Value, depth: usize) -> Option<bool> {
        if depth > DEEPEST {
            return None;
        }
        let (name, argument) = match value {
            Value::Bool(truth) => return Some(*truth),
            Value::String(text) => return text.parse().ok(),
            Value::Object(map) => map.iter().next().filter(|_| map.len() == 1)?,
            _ => return None,
        };
        let all = || argument.as_array().into_iter().flatten().map(|part| self.truth(part, depth + 1));
        match name.as_str() {
            "Condition" => self.condition(argument.as_str()?, depth),
            "Fn::Not" => self.truth(&argument[0], depth + 1).map(|truth| !truth),
            "Fn::And" => {
                let parts: Vec<_> = all().collect();
                if parts.contains(&Some(false)) {
                    Some(false)
                } else {
                    parts.iter().all(Option::is_some).then_some(true)
                }
            }
            "Fn::Or" => {
                let parts: Vec<_> = all().collect();
                if parts.contains(&Some(true)) {
                    Some(true)
                } else {
                    parts.iter().all(Option::is_some).then_some(false)
                }
            }
            "Fn::Equals" => {
                let side = |at: usize| text_of(&self.resolve(&argument[at], depth + 1));
                let (left, right) = (side(0), side(1));
                let known = |text: &str| !text.contains("${");
                if left == right { Some(true) } else { (known(&left) && known(&right)).then_some(false) }
            }
            _ => None,
        }
    }
}

/// `AWS::NoValue` takes away what it is given to.
fn no_value() -> Value {
    serde_json::json!({ "AWS::NoValue": null })
}

fn is_no_value(value: &Value) -> bool {
    value.as_object().is_some_and(|map| map.len() == 1 && map.contains_key("AWS::NoValue"))
}

fn text_of(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}
