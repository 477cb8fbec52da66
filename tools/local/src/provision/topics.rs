//! The topics that alarms are told to, which only CloudWatch may publish to.

use std::collections::BTreeMap;

use alarms::model::Severity;
use anyhow::{Context as _, Result};
use aws_sdk_sns::Client;
use serde_json::Value;

use crate::{
    facts::Facts,
    names::{ACCOUNT, Names},
};

pub(super) async fn create(facts: &Facts, names: &Names, sns: &Client) -> Result<()> {
    for severity in [Severity::Page, Severity::Ticket] {
        let name = names.topic(severity.as_str());
        let arn = names.arn("sns", &name);
        sns.create_topic().name(name).send().await?;
        let holes = BTreeMap::from([
            ("topic_arn", arn.clone()),
            ("alarms_arn", names.arn("cloudwatch", &format!("alarm:{}-*", names.prefix()))),
            ("account_id", ACCOUNT.to_owned()),
        ]);
        let policy = without_tls(&facts.policy("topic", &holes)?)?;
        sns.set_topic_attributes().topic_arn(arn).attribute_name("Policy").attribute_value(policy).send().await?;
    }
    Ok(())
}

/// On loopback there is no TLS, as `terraform/observability.tf` has it too.
fn without_tls(policy: &str) -> Result<String> {
    let mut policy: Value = serde_json::from_str(policy)?;
    let statements = policy["Statement"].as_array_mut().context("a policy without statements")?;
    statements.retain(|statement| statement["Sid"] != "RefuseWithoutTls");
    Ok(policy.to_string())
}
