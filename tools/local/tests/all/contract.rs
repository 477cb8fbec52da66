//! The document that the API is published with, against the API: a few of the cases that `scripts/contract-cases` makes.

use std::process::Command;

use crate::common::{Stack, project, skipped};

#[tokio::test]
async fn generated_orders_are_answered_as_the_published_document_says() {
    let stack = Stack::up().await;
    let output = Command::new(project().join("scripts/contract-cases"))
        .args([&stack.outputs["api_url"], "60", "7"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(2) {
        return skipped("the generated cases of docs/openapi.json: schemathesis could not be installed");
    }
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("generated"), "{told}");
}
