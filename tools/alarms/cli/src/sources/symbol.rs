//! Values that nobody knows yet, as texts that stand for themselves.

/// What an unknown value of a Terraform plan is called; behind it stands where it comes from.
pub const KNOWN_AFTER_APPLY: &str = "(known after apply)";

/// An unknown value of a plan: `(known after apply: aws_sqs_queue.orders.name)`.
pub fn known_after_apply(of: &str) -> String {
    format!("(known after apply: {of})")
}

/// Whether a text stands for a value that is not known: an unknown of a plan, or an unfilled placeholder.
pub fn is_symbolic(text: &str) -> bool {
    text.starts_with("(known after apply") || text.contains("${")
}
