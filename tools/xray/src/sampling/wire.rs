//! Sampling rules and reports as they go over the wire.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// X-Ray's `SamplingRule`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SamplingRule {
    pub(crate) rule_name: Option<String>,
    #[serde(rename = "RuleARN", skip_serializing_if = "Option::is_none")]
    pub(crate) rule_arn: Option<String>,
    #[serde(rename = "ResourceARN")]
    pub(crate) resource_arn: String,
    pub(crate) priority: u32,
    pub(crate) fixed_rate: f64,
    pub(crate) reservoir_size: u32,
    pub(crate) service_name: String,
    pub(crate) service_type: String,
    pub(crate) host: String,
    #[serde(rename = "HTTPMethod")]
    pub(crate) http_method: String,
    #[serde(rename = "URLPath")]
    pub(crate) url_path: String,
    pub(crate) version: u32,
    #[serde(default)]
    pub(crate) attributes: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) sampling_rate_boost: Option<serde_json::Value>,
}

/// X-Ray's `SamplingRuleUpdate`: what is absent stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "PascalCase", default)]
pub(crate) struct SamplingRuleUpdate {
    pub(crate) rule_name: Option<String>,
    #[serde(rename = "RuleARN")]
    pub(crate) rule_arn: Option<String>,
    #[serde(rename = "ResourceARN")]
    pub(super) resource_arn: Option<String>,
    pub(super) priority: Option<u32>,
    pub(super) fixed_rate: Option<f64>,
    pub(super) reservoir_size: Option<u32>,
    pub(super) service_name: Option<String>,
    pub(super) service_type: Option<String>,
    pub(super) host: Option<String>,
    #[serde(rename = "HTTPMethod")]
    pub(super) http_method: Option<String>,
    #[serde(rename = "URLPath")]
    pub(super) url_path: Option<String>,
    pub(super) attributes: Option<BTreeMap<String, String>>,
    pub(super) sampling_rate_boost: Option<serde_json::Value>,
}

/// X-Ray's `SamplingRuleRecord`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct SamplingRuleRecord {
    pub(crate) sampling_rule: SamplingRule,
    pub(crate) created_at: f64,
    pub(crate) modified_at: f64,
}

/// X-Ray's `SamplingStatisticsDocument`: what a service did with a rule since its last report.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Statistics {
    pub(crate) rule_name: String,
    #[serde(rename = "ClientID")]
    pub(crate) client_id: String,
    pub(crate) request_count: u64,
    pub(crate) sampled_count: u64,
    #[serde(default)]
    pub(crate) borrow_count: u64,
}

/// X-Ray's `SamplingTargetDocument`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Target {
    pub(super) rule_name: String,
    pub(super) fixed_rate: f64,
    pub(super) reservoir_quota: u32,
    #[serde(rename = "ReservoirQuotaTTL")]
    pub(super) reservoir_quota_ttl: f64,
    pub(super) interval: u32,
}

/// X-Ray's `SamplingStatisticSummary`.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Summary {
    pub(super) rule_name: String,
    pub(super) timestamp: f64,
    pub(super) request_count: u64,
    pub(super) borrow_count: u64,
    pub(super) sampled_count: u64,
}

impl Summary {
    pub(super) fn at(rule_name: &str, timestamp: f64) -> Self {
        Self { rule_name: rule_name.to_owned(), timestamp, request_count: 0, borrow_count: 0, sampled_count: 0 }
    }
}
