//! The one rule for names, the same as in `terraform/locals.tf`: everything begins with `<project>-<environment>`.

use std::collections::BTreeMap;

use alarms::catalogue;

/// The environment that the local stack is.
pub(crate) const ENVIRONMENT: &str = "local";

/// The account that the emulator plays.
pub(crate) const ACCOUNT: &str = "000000000000";

/// Where the runbooks are; Terraform's default of `runbooks_url` too.
pub(crate) const RUNBOOKS: &str = "runbooks";

/// The names of one environment's resources.
#[derive(Debug, Clone)]
pub struct Names {
    project: String,
    environment: String,
    region: String,
}

impl Names {
    /// Of a project in an environment.
    pub fn new(project: impl Into<String>, environment: impl Into<String>, region: impl Into<String>) -> Self {
        Self { project: project.into(), environment: environment.into(), region: region.into() }
    }

    /// The project's name, which is also the namespace of its metrics.
    #[must_use]
    pub fn project(&self) -> &str {
        &self.project
    }

    /// The environment's name, which is also the API's stage.
    #[must_use]
    pub fn environment(&self) -> &str {
        &self.environment
    }

    /// The region.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// What everything's name begins with; the X-Ray group's and the sampling rule's whole name.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.project, self.environment)
    }

    /// The REST API.
    #[must_use]
    pub fn api(&self) -> String {
        format!("{}-api", self.prefix())
    }

    /// The queue.
    #[must_use]
    pub fn queue(&self) -> String {
        format!("{}-orders", self.prefix())
    }

    /// The dead-letter queue.
    #[must_use]
    pub fn dead_letter_queue(&self) -> String {
        format!("{}-orders-dlq", self.prefix())
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> String {
        format!("{}-orders", self.prefix())
    }

    /// The table of what is known of clients' keys.
    #[must_use]
    pub fn idempotency_table(&self) -> String {
        format!("{}-idempotency", self.prefix())
    }

    /// The topic that alarms of a severity are told to.
    #[must_use]
    pub fn topic(&self, severity: &str) -> String {
        format!("{}-{severity}", self.prefix())
    }

    /// A function, and its role.
    #[must_use]
    pub fn function(&self, service: &str) -> String {
        format!("{}-{service}", self.prefix())
    }

    /// A function's log group.
    #[must_use]
    pub fn log_group(&self, service: &str) -> String {
        format!("/aws/lambda/{}", self.function(service))
    }

    /// The ARN of something in this account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{ACCOUNT}:{resource}", self.region)
    }

    /// What fills the holes of `terraform/alarms.yaml` and `dashboards/*.json`.
    #[must_use]
    pub fn holes(&self) -> catalogue::Names {
        catalogue::Names::by_rule(&self.project, &self.environment, &self.region)
            .with("account_id", ACCOUNT)
            .with("runbooks_url", RUNBOOKS)
    }

    /// What fills the holes of `terraform/policies/<service>.json`.
    #[must_use]
    pub fn policy_holes(&self, service: &str) -> BTreeMap<&'static str, String> {
        BTreeMap::from([
            ("orders_queue_arn", self.arn("sqs", &self.queue())),
            ("orders_dlq_arn", self.arn("sqs", &self.dead_letter_queue())),
            ("orders_table_arn", self.arn("dynamodb", &format!("table/{}", self.table()))),
            ("idempotency_table_arn", self.arn("dynamodb", &format!("table/{}", self.idempotency_table()))),
            ("log_group_arn", self.arn("logs", &format!("log-group:{}", self.log_group(service)))),
        ])
    }
}
