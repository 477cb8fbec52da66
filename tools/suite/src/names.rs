//! The one rule for names, the same as in `terraform/locals.tf`: everything begins with `<project>-<environment>`.

use crate::placeholders::Placeholders;

/// The account that the local stack's emulator plays.
pub const LOCAL_ACCOUNT: &str = "000000000000";

/// Where the runbooks are; Terraform's default of `runbooks_url` too.
pub const RUNBOOKS: &str = "runbooks";

/// The functions on an order's way; the viewer only looks at it.
pub const ORDER_FUNCTIONS: [&str; 2] = ["validator", "processor"];

/// The function behind the dashboard's custom widgets, where it is enabled.
pub const VIEWER: &str = "viewer";

/// X-Ray takes no longer name of a group or a rule.
const LONGEST_PREFIX: usize = 32;

/// The names of one environment's resources.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Names {
    project: String,
    environment: String,
    region: String,
    account: String,
}

impl Names {
    /// Of a project in an environment, in the account of the local stack.
    pub fn new(project: impl Into<String>, environment: impl Into<String>, region: impl Into<String>) -> Self {
        Self {
            project: project.into(),
            environment: environment.into(),
            region: region.into(),
            account: LOCAL_ACCOUNT.to_owned(),
        }
    }

    /// In another account.
    #[must_use]
    pub fn in_account(self, account: impl Into<String>) -> Self {
        Self { account: account.into(), ..self }
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

    /// The account.
    #[must_use]
    pub fn account(&self) -> &str {
        &self.account
    }

    /// What everything's name begins with; the X-Ray group's and the sampling rule's whole name.
    #[must_use]
    pub fn prefix(&self) -> String {
        format!("{}-{}", self.project, self.environment)
    }

    /// The prefix of a function's name: what [`Names::function`] made it of.
    #[must_use]
    pub fn prefix_of<'n>(function: &'n str, service: &str) -> Option<&'n str> {
        function.strip_suffix(service)?.strip_suffix('-')
    }

    fn named(&self, what: &str) -> String {
        format!("{}-{what}", self.prefix())
    }

    /// The REST API.
    #[must_use]
    pub fn api(&self) -> String {
        self.named("api")
    }

    /// The queue.
    #[must_use]
    pub fn queue(&self) -> String {
        self.named("orders")
    }

    /// The dead-letter queue.
    #[must_use]
    pub fn dead_letter_queue(&self) -> String {
        self.named("orders-dlq")
    }

    /// The table.
    #[must_use]
    pub fn table(&self) -> String {
        self.named("orders")
    }

    /// The table of what is known of clients' keys.
    #[must_use]
    pub fn idempotency_table(&self) -> String {
        self.named("idempotency")
    }

    /// The topic that alarms of a severity notify.
    #[must_use]
    pub fn topic(&self, severity: &str) -> String {
        self.named(severity)
    }

    /// A function, and its role.
    #[must_use]
    pub fn function(&self, service: &str) -> String {
        self.named(service)
    }

    /// A function's ARN.
    #[must_use]
    pub fn function_arn(&self, service: &str) -> String {
        self.arn("lambda", &format!("function:{}", self.function(service)))
    }

    /// A function's log group.
    #[must_use]
    pub fn log_group(&self, service: &str) -> String {
        log_group_of(&self.function(service))
    }

    /// The ARN of something in this account and region.
    #[must_use]
    pub fn arn(&self, service: &str, resource: &str) -> String {
        format!("arn:aws:{service}:{}:{}:{resource}", self.region, self.account)
    }

    /// What fills `terraform/alarms.yaml` and `dashboards/*.json`.
    #[must_use]
    pub fn placeholders(&self) -> Placeholders {
        Placeholders::from_iter([
            ("prefix", self.prefix()),
            ("namespace", self.project.clone()),
            ("environment", self.environment.clone()),
            ("region", self.region.clone()),
            ("account_id", self.account.clone()),
            ("api_name", self.api()),
            ("api_stage", self.environment.clone()),
            ("orders_queue_name", self.queue()),
            ("orders_dlq_name", self.dead_letter_queue()),
            ("orders_table_name", self.table()),
            ("validator_function_name", self.function("validator")),
            ("processor_function_name", self.function("processor")),
            ("viewer_function_arn", self.function_arn(VIEWER)),
            ("runbooks_url", RUNBOOKS.to_owned()),
        ])
    }

    /// What fills `terraform/policies/<service>.json`.
    #[must_use]
    pub fn policy_placeholders(&self, service: &str) -> Placeholders {
        let log_group = |service: &str| self.arn("logs", &format!("log-group:{}", self.log_group(service)));
        Placeholders::from_iter([
            ("orders_queue_arn", self.arn("sqs", &self.queue())),
            ("orders_dlq_arn", self.arn("sqs", &self.dead_letter_queue())),
            ("orders_table_arn", self.arn("dynamodb", &format!("table/{}", self.table()))),
            ("idempotency_table_arn", self.arn("dynamodb", &format!("table/{}", self.idempotency_table()))),
            ("log_group_arn", log_group(service)),
            ("validator_log_group_arn", log_group("validator")),
            ("processor_log_group_arn", log_group("processor")),
        ])
    }
}

/// Lambda's rule for the log group of a function.
fn log_group_of(function: &str) -> String {
    format!("/aws/lambda/{function}")
}

/// Terraform's rule for `project_name`, alone and before an environment's name.
///
/// # Errors
/// What Terraform would say.
pub fn check_project_name(project: &str, environment: &str) -> Result<(), String> {
    if !is_plain(project) {
        return Err(format!(
            "the project name `{project}` must be lower-case letters, digits and dashes, start with a letter and not end \
             with a dash: it is part of every resource's name"
        ));
    }
    let length = project.chars().count() + environment.chars().count() + 1;
    if length > LONGEST_PREFIX {
        return Err(format!(
            "the project name `{project}` and the environment `{environment}` together have {} characters, and may have {} \
             at most: X-Ray refuses group and rule names over {LONGEST_PREFIX}",
            length - 1,
            LONGEST_PREFIX - 1
        ));
    }
    Ok(())
}

/// `^[a-z][a-z0-9-]*[a-z0-9]$`
pub(crate) fn is_plain(name: &str) -> bool {
    let bytes = name.as_bytes();
    let all = bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-');
    bytes.len() > 1 && all && bytes[0].is_ascii_lowercase() && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_name_is_what_terraform_takes_for_one() {
        for good in ["order-processing", "a1", "shop"] {
            assert_eq!(check_project_name(good, "local"), Ok(()), "{good}");
        }
        for wrong in ["Shop_1", "", "a", "1shop", "shop-", "-shop", "sh op", "shöp"] {
            assert!(check_project_name(wrong, "local").unwrap_err().contains("lower-case letters"), "{wrong}");
        }
        let long = "a".repeat(27);
        assert!(check_project_name(&long, "local").unwrap_err().contains("have 32 characters"));
        assert_eq!(check_project_name(&long[1..], "local"), Ok(()));
    }
}
