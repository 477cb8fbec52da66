//! Sampling rules: create, list, update, delete; targets and statistics.

use aws_wire::ApiError;
use serde::{Deserialize, Serialize};

use super::{
    empty::Nothing,
    error,
    tags::{Tag, as_map},
};
use crate::{
    sampling::{SamplingRule, SamplingRuleRecord, SamplingRuleUpdate, Statistics, Summary, Target},
    store::Store,
};

const MAX_STATISTICS: usize = 25;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct CreateRule {
    sampling_rule: SamplingRule,
    #[serde(default)]
    tags: Vec<Tag>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct UpdateRule {
    sampling_rule_update: SamplingRuleUpdate,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RuleRef {
    rule_name: Option<String>,
    #[serde(rename = "RuleARN")]
    rule_arn: Option<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OneRule {
    sampling_rule_record: SamplingRuleRecord,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ManyRules {
    sampling_rule_records: Vec<SamplingRuleRecord>,
}

pub(super) fn create(store: &Store, request: CreateRule) -> Result<OneRule, ApiError> {
    let tags = as_map(request.tags)?;
    let record = store.sampling().create(request.sampling_rule, store.now()).map_err(error::rule)?;
    if let Some(arn) = &record.sampling_rule.rule_arn {
        store.tags().created(arn, tags);
    }
    Ok(OneRule { sampling_rule_record: record })
}

pub(super) fn list(store: &Store, _: Nothing) -> Result<ManyRules, ApiError> {
    Ok(ManyRules { sampling_rule_records: store.sampling().records().to_vec() })
}

pub(super) fn update(store: &Store, request: UpdateRule) -> Result<OneRule, ApiError> {
    let update = request.sampling_rule_update;
    Ok(OneRule { sampling_rule_record: store.sampling().update(update, store.now()).map_err(error::rule)? })
}

pub(super) fn delete(store: &Store, rule: RuleRef) -> Result<OneRule, ApiError> {
    let record = store
        .sampling()
        .delete(rule.rule_name.as_deref(), rule.rule_arn.as_deref(), store.now())
        .map_err(error::rule)?;
    if let Some(arn) = &record.sampling_rule.rule_arn {
        store.tags().deleted(arn);
    }
    Ok(OneRule { sampling_rule_record: record })
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct GetTargets {
    sampling_statistics_documents: Vec<Statistics>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Targets {
    sampling_target_documents: Vec<Target>,
    last_rule_modification: f64,
    unprocessed_statistics: Vec<UnprocessedStatistics>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct UnprocessedStatistics {
    rule_name: String,
    error_code: &'static str,
    message: &'static str,
}

pub(super) fn targets(store: &Store, request: GetTargets) -> Result<Targets, ApiError> {
    let reports = request.sampling_statistics_documents;
    if reports.len() > MAX_STATISTICS {
        let message = format!("SamplingStatisticsDocuments has more than {MAX_STATISTICS} entries");
        return Err(error::invalid(message));
    }
    let now = store.now();
    let mut sampling = store.sampling();
    let mut targets = Vec::new();
    let mut unprocessed_statistics = Vec::new();
    for report in &reports {
        match sampling.target(report, now) {
            Some(target) => targets.push(target),
            None => unprocessed_statistics.push(UnprocessedStatistics {
                rule_name: report.rule_name.clone(),
                error_code: "RuleNotFound",
                message: "Sampling rule does not exist.",
            }),
        }
    }
    Ok(Targets {
        sampling_target_documents: targets,
        last_rule_modification: sampling.last_modification(),
        unprocessed_statistics,
    })
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Summaries {
    sampling_statistic_summaries: Vec<Summary>,
}

pub(super) fn summaries(store: &Store, _: Nothing) -> Result<Summaries, ApiError> {
    Ok(Summaries { sampling_statistic_summaries: store.sampling().summaries().cloned().collect() })
}
