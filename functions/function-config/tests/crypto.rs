//! What the functions encrypt with. aws-lc, the SDK's default, gathers entropy for 20 ms of CPU at a start, and needs a C compiler for
//! each target.

#![allow(clippy::unwrap_used, reason = "a test")]

use std::process::Command;

#[test]
fn the_functions_crypto_is_ring_and_nothing_else() {
    for function in ["validator", "processor", "viewer"] {
        let tree = Command::new(env!("CARGO"))
            .args([
                "tree",
                "--offline",
                "--locked",
                "--package",
                function,
                "--edges",
                "normal,build",
                "--prefix",
                "none",
            ])
            .args(["--format", "{lib}", "--target", "x86_64-unknown-linux-gnu"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .output()
            .unwrap();
        assert!(tree.status.success(), "{}", String::from_utf8_lossy(&tree.stderr));
        let tree = String::from_utf8(tree.stdout).unwrap();
        let crates: Vec<&str> = tree.lines().map(str::trim).collect();
        assert!(crates.contains(&"ring") && crates.contains(&"rustls"), "{function}: {crates:?}");
        for other in
            ["aws_lc_rs", "aws_lc_sys", "aws_lc_fips_sys", "openssl", "openssl_sys", "native_tls", "boring", "s2n_tls"]
        {
            assert!(!crates.contains(&other), "{function} links {other}");
        }
    }
}
