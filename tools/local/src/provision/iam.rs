//! One role a function, with the policy of the file: the emulator refuses whatever it does not allow.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use aws_sdk_iam::Client;

use crate::{facts::Facts, names::Names};

/// The roles' ARNs by function.
pub(super) type Roles = BTreeMap<&'static str, String>;

pub(super) const SERVICES: [&str; 2] = ["validator", "processor"];

pub(super) async fn create(facts: &Facts, names: &Names, iam: &Client) -> Result<Roles> {
    let trust = facts.policy("assume-lambda", &BTreeMap::new())?;
    let mut roles = Roles::new();
    for service in SERVICES {
        let name = names.function(service);
        let role = iam
            .create_role()
            .role_name(&name)
            .assume_role_policy_document(&trust)
            .send()
            .await?
            .role
            .context("a role without a description")?;
        iam.put_role_policy()
            .role_name(&name)
            .policy_name(service)
            .policy_document(facts.policy(service, &names.policy_holes(service))?)
            .send()
            .await?;
        roles.insert(service, role.arn);
    }
    Ok(roles)
}
