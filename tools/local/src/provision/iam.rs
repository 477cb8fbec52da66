//! One role a function, with the policy of the file: the emulator refuses whatever it does not allow.

use std::collections::BTreeMap;

use anyhow::{Context as _, Result};
use aws_sdk_iam::Client;
use suite::{Names, Placeholders, Suite, VIEWER};

/// The roles' ARNs by function.
pub(super) type Roles = BTreeMap<&'static str, String>;

/// What lets the viewer send dead letters back.
const VIEWER_ACTIONS: &str = "viewer-actions";

pub(super) async fn create(suite: &Suite, names: &Names, iam: &Client) -> Result<Roles> {
    let trust = suite.policy("assume-lambda", &Placeholders::none())?;
    let mut roles = Roles::new();
    for service in suite.functions() {
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
            .policy_document(suite.policy(service, &names.policy_placeholders(service))?)
            .send()
            .await?;
        roles.insert(service, role.arn);
    }
    if suite.settings.viewer.enabled && suite.settings.viewer.actions {
        iam.put_role_policy()
            .role_name(names.function(VIEWER))
            .policy_name(VIEWER_ACTIONS)
            .policy_document(suite.policy(VIEWER_ACTIONS, &names.policy_placeholders(VIEWER))?)
            .send()
            .await?;
    }
    Ok(roles)
}
