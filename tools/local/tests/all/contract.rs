//! The document that the API is published with, against the API: a few of the cases that `scripts/contract-cases` makes.

use std::{io::Write as _, process::Command};

use crate::common::{Stack, project};

#[tokio::test]
async fn generated_orders_are_answered_as_the_published_document_says() {
    let stack = Stack::up().await;
    let output = Command::new(project().join("scripts/contract-cases"))
        .args([&stack.outputs["api_url"], "60", "7"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    if output.status.code() == Some(2) {
        // `scripts/test` tells of it at its end.
        if let Ok(skipped) = std::env::var("SKIPPED") {
            let mut file = std::fs::OpenOptions::new().append(true).create(true).open(skipped).unwrap();
            writeln!(file, "the generated cases of docs/openapi.json: schemathesis could not be installed").unwrap();
        }
        return;
    }
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert!(told.contains("generated"), "{told}");
}
