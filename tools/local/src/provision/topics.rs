//! The topics that alarms are told to, which only CloudWatch may publish to.

use std::collections::BTreeMap;

use alarms::model::Severity;
use anyhow::Result;
use aws_sdk_sns::Client;

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
        let policy = facts.policy("topic", &holes)?;
        sns.set_topic_attributes().topic_arn(arn).attribute_name("Policy").attribute_value(policy).send().await?;
    }
    Ok(())
}
