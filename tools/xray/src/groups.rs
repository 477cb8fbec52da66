//! Groups: names for filter expressions.
//!
//! AWS evaluates a group's filter when a trace comes in; here `group.name` and the service graph apply it when asked,
//! so a changed filter also counts for traces that are already held.

use serde::{Deserialize, Serialize};

use crate::filter::ResolveGroup;

/// X-Ray's limit in a Region.
const MAX_GROUPS: usize = 25;
const MAX_NAME: usize = 32;

/// X-Ray's `Group`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Group {
    pub(crate) group_name: String,
    #[serde(rename = "GroupARN")]
    pub(crate) group_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) filter_expression: Option<String>,
    pub(crate) insights_configuration: InsightsConfiguration,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct InsightsConfiguration {
    pub(crate) insights_enabled: bool,
    pub(crate) notifications_enabled: bool,
}

/// Which group a request means.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct GroupRef {
    pub(crate) group_name: Option<String>,
    #[serde(rename = "GroupARN")]
    pub(crate) group_arn: Option<String>,
}

#[derive(Debug, Default)]
pub(crate) struct Groups {
    groups: Vec<Group>,
    created: u64,
}

impl Groups {
    pub(crate) fn list(&self) -> &[Group] {
        &self.groups
    }

    pub(crate) fn find(&self, wanted: &GroupRef) -> Result<usize, String> {
        let found = match (&wanted.group_arn, &wanted.group_name) {
            (Some(arn), _) => self.groups.iter().position(|g| g.group_arn == *arn),
            (None, Some(name)) => self.groups.iter().position(|g| g.group_name == *name),
            (None, None) => return Err("Either GroupName or GroupARN must be specified".to_owned()),
        };
        found.ok_or_else(|| "Group not found".to_owned())
    }

    pub(crate) fn get(&self, wanted: &GroupRef) -> Result<&Group, String> {
        self.find(wanted).map(|index| &self.groups[index])
    }

    pub(crate) fn create(
        &mut self,
        name: &str,
        filter: Option<String>,
        insights: Option<InsightsConfiguration>,
        arn_prefix: &str,
    ) -> Result<&Group, String> {
        let valid = !name.is_empty()
            && name.chars().count() <= MAX_NAME
            && name.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '_');
        if !valid {
            return Err(format!("GroupName {name:?} must be 1 to {MAX_NAME} letters, digits, dashes or underscores"));
        }
        if name == "Default" {
            return Err("GroupName \"Default\" is reserved".to_owned());
        }
        if self.groups.iter().any(|group| group.group_name == name) {
            return Err("Group name already exists".to_owned());
        }
        if self.groups.len() == MAX_GROUPS {
            return Err(format!("Maximum number of groups ({MAX_GROUPS}) reached"));
        }
        // A group made again under the same name is another group, as on AWS.
        self.created += 1;
        let group_arn = format!("{arn_prefix}:group/{name}/{:032X}", self.created);
        self.groups.push(Group {
            group_name: name.to_owned(),
            group_arn,
            filter_expression: filter,
            insights_configuration: insights.unwrap_or_default(),
        });
        Ok(&self.groups[self.groups.len() - 1])
    }

    pub(crate) fn update(
        &mut self,
        wanted: &GroupRef,
        filter: Option<String>,
        insights: Option<InsightsConfiguration>,
    ) -> Result<&Group, String> {
        let index = self.find(wanted)?;
        let group = &mut self.groups[index];
        if let Some(filter) = filter {
            group.filter_expression = Some(filter);
        }
        if let Some(insights) = insights {
            group.insights_configuration = insights;
        }
        Ok(group)
    }

    pub(crate) fn delete(&mut self, wanted: &GroupRef) -> Result<Group, String> {
        let index = self.find(wanted)?;
        Ok(self.groups.remove(index))
    }

    fn filter(&self, matches: impl Fn(&Group) -> bool) -> Option<String> {
        let group = self.groups.iter().find(|group| matches(group))?;
        Some(group.filter_expression.clone().unwrap_or_default())
    }
}

impl ResolveGroup for Groups {
    fn by_name(&self, name: &str) -> Option<String> {
        // The group that AWS keeps for every trace.
        if name == "Default" {
            return Some(String::new());
        }
        self.filter(|group| group.group_name == name)
    }

    fn by_arn(&self, arn: &str) -> Option<String> {
        self.filter(|group| group.group_arn == arn)
    }
}
