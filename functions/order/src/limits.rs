//! The limits, names and countries of `terraform/order.schema.json`, as constants made by `build.rs`.

#![allow(
    dead_code,
    reason = "minimum lengths are all 1 and told as \"must not be empty\"; the constants exist all the same"
)]

include!(concat!(env!("OUT_DIR"), "/limits.rs"));
