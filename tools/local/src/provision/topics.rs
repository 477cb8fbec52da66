//! The topics that alarms notify, which only CloudWatch may publish to.

use alarms::model::Severity;
use anyhow::{Context as _, Result};
use aws_sdk_sns::Client;
use serde_json::Value;
use suite::{LOCAL_ACCOUNT, Names, Placeholders, Suite};

pub(super) async fn create(suite: &Suite, names: &Names, sns: &Client) -> Result<()> {
    for severity in [Severity::Page, Severity::Ticket] {
        let name = names.topic(severity.as_str());
        let arn = names.arn("sns", &name);
        sns.create_topic().name(name).send().await?;
        let placeholders = Placeholders::from_iter([
            ("topic_arn", arn.clone()),
            ("alarms_arn", names.arn("cloudwatch", &format!("alarm:{}-*", names.prefix()))),
            ("account_id", LOCAL_ACCOUNT.to_owned()),
        ]);
        let policy = without_tls(&suite.policy("topic", &placeholders)?)?;
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
