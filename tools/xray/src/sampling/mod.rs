//! Sampling rules, and the quotas that services ask for while they apply them.

mod wire;

use std::collections::{BTreeMap, HashMap};

pub(crate) use wire::{SamplingRule, SamplingRuleRecord, SamplingRuleUpdate, Statistics, Summary, Target};

/// X-Ray's limit of custom rules in a Region.
const MAX_RULES: usize = 25;
const DEFAULT: &str = "Default";
/// Seconds between two reports of a service.
const INTERVAL: u32 = 10;
/// Seconds a quota holds.
const QUOTA_TTL: f64 = 300.0;
/// Seconds after its last report that a service still has a share.
const CLIENT_TTL: f64 = 60.0;
/// Seconds that one statistic summary covers.
const SUMMARY_PERIOD: f64 = 60.0;

/// Why a change was refused.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum RuleError {
    Invalid(String),
    TooMany(String),
}

fn invalid<T>(message: impl Into<String>) -> Result<T, RuleError> {
    Err(RuleError::Invalid(message.into()))
}

#[derive(Debug, Default)]
pub(crate) struct Sampling {
    records: Vec<SamplingRuleRecord>,
    arn_prefix: String,
    last_modification: f64,
    /// When each service last reported, by rule.
    clients: HashMap<String, BTreeMap<String, f64>>,
    summaries: BTreeMap<String, Summary>,
}

impl Sampling {
    pub(crate) fn new(region: &str, account_id: &str, now: f64) -> Self {
        let any = || "*".to_owned();
        let arn_prefix = format!("arn:aws:xray:{region}:{account_id}:sampling-rule");
        let default = SamplingRule {
            rule_name: Some(DEFAULT.to_owned()),
            rule_arn: Some(format!("{arn_prefix}/{DEFAULT}")),
            resource_arn: any(),
            priority: 10_000,
            fixed_rate: 0.05,
            reservoir_size: 1,
            service_name: any(),
            service_type: any(),
            host: any(),
            http_method: any(),
            url_path: any(),
            version: 1,
            attributes: BTreeMap::new(),
            sampling_rate_boost: None,
        };
        Self {
            records: vec![SamplingRuleRecord { sampling_rule: default, created_at: now, modified_at: now }],
            arn_prefix,
            last_modification: now,
            ..Self::default()
        }
    }

    pub(crate) fn records(&self) -> &[SamplingRuleRecord] {
        &self.records
    }

    pub(crate) fn last_modification(&self) -> f64 {
        self.last_modification
    }

    pub(crate) fn create(&mut self, mut rule: SamplingRule, now: f64) -> Result<SamplingRuleRecord, RuleError> {
        let Some(name) = rule.rule_name.clone() else {
            return invalid("RuleName is missing");
        };
        check(&rule)?;
        if !(1..=9999).contains(&rule.priority) {
            return invalid(format!("Priority {} is not in 1..9999", rule.priority));
        }
        if self.find(Some(&name), None).is_ok() {
            return invalid(format!("Sampling rule {name:?} already exists."));
        }
        if self.records.len() > MAX_RULES {
            return Err(RuleError::TooMany(format!(
                "You have reached the maximum number of sampling rules ({MAX_RULES})."
            )));
        }
        rule.rule_arn = Some(format!("{}/{name}", self.arn_prefix));
        let record = SamplingRuleRecord { sampling_rule: rule, created_at: now, modified_at: now };
        self.records.push(record.clone());
        self.last_modification = now;
        Ok(record)
    }

    pub(crate) fn update(&mut self, update: SamplingRuleUpdate, now: f64) -> Result<SamplingRuleRecord, RuleError> {
        let index = self.find(update.rule_name.as_deref(), update.rule_arn.as_deref())?;
        let mut rule = self.records[index].sampling_rule.clone();
        fn set<T>(field: &mut T, value: Option<T>) {
            if let Some(value) = value {
                *field = value;
            }
        }
        if rule.rule_name.as_deref() != Some(DEFAULT) && update.priority.is_some_and(|p| !(1..=9999).contains(&p)) {
            return invalid("Priority is not in 1..9999");
        }
        set(&mut rule.resource_arn, update.resource_arn);
        set(&mut rule.priority, update.priority);
        set(&mut rule.fixed_rate, update.fixed_rate);
        set(&mut rule.reservoir_size, update.reservoir_size);
        set(&mut rule.service_name, update.service_name);
        set(&mut rule.service_type, update.service_type);
        set(&mut rule.host, update.host);
        set(&mut rule.http_method, update.http_method);
        set(&mut rule.url_path, update.url_path);
        set(&mut rule.attributes, update.attributes);
        if update.sampling_rate_boost.is_some() {
            rule.sampling_rate_boost = update.sampling_rate_boost;
        }
        check(&rule)?;
        let record = &mut self.records[index];
        record.sampling_rule = rule;
        record.modified_at = now;
        self.last_modification = now;
        Ok(record.clone())
    }

    pub(crate) fn delete(
        &mut self,
        name: Option<&str>,
        arn: Option<&str>,
        now: f64,
    ) -> Result<SamplingRuleRecord, RuleError> {
        let index = self.find(name, arn)?;
        if self.records[index].sampling_rule.rule_name.as_deref() == Some(DEFAULT) {
            return invalid("The Default sampling rule cannot be deleted.");
        }
        self.last_modification = now;
        Ok(self.records.remove(index))
    }

    fn find(&self, name: Option<&str>, arn: Option<&str>) -> Result<usize, RuleError> {
        let rules = || self.records.iter().map(|record| &record.sampling_rule);
        let found = match (name, arn) {
            (Some(name), _) => rules().position(|rule| rule.rule_name.as_deref() == Some(name)),
            (None, Some(arn)) => rules().position(|rule| rule.rule_arn.as_deref() == Some(arn)),
            (None, None) => return invalid("Either RuleName or RuleARN must be specified"),
        };
        found.ok_or_else(|| RuleError::Invalid("Sampling rule does not exist.".to_owned()))
    }

    /// Takes a service's report on a rule, and gives it its share of the rule's reservoir; none for an unknown rule.
    pub(crate) fn target(&mut self, report: &Statistics, now: f64) -> Option<Target> {
        let index = self.find(Some(&report.rule_name), None).ok()?;
        let rule = &self.records[index].sampling_rule;
        let clients = self.clients.entry(report.rule_name.clone()).or_default();
        clients.retain(|_, last| now - *last <= CLIENT_TTL);
        clients.insert(report.client_id.clone(), now);
        let count = u32::try_from(clients.len()).unwrap_or(u32::MAX);
        let place = clients.keys().take_while(|id| **id < report.client_id).count();
        // The remainder goes to the first ones: the shares sum up to the reservoir.
        let extra = place < (rule.reservoir_size % count) as usize;

        let period = (now / SUMMARY_PERIOD).floor() * SUMMARY_PERIOD;
        let summary =
            self.summaries.entry(report.rule_name.clone()).or_insert_with(|| Summary::at(&report.rule_name, period));
        if summary.timestamp < period {
            *summary = Summary::at(&report.rule_name, period);
        }
        summary.request_count += report.request_count;
        summary.sampled_count += report.sampled_count;
        summary.borrow_count += report.borrow_count;

        Some(Target {
            rule_name: report.rule_name.clone(),
            fixed_rate: rule.fixed_rate,
            reservoir_quota: rule.reservoir_size / count + u32::from(extra),
            reservoir_quota_ttl: now + QUOTA_TTL,
            interval: INTERVAL,
        })
    }

    /// The latest minute of reports of each rule.
    pub(crate) fn summaries(&self) -> impl Iterator<Item = &Summary> {
        self.summaries.values()
    }
}

fn check(rule: &SamplingRule) -> Result<(), RuleError> {
    let lengths = [
        ("RuleName", rule.rule_name.as_deref().unwrap_or_default(), 32),
        ("ResourceARN", rule.resource_arn.as_str(), 500),
        ("ServiceName", rule.service_name.as_str(), 64),
        ("ServiceType", rule.service_type.as_str(), 64),
        ("Host", rule.host.as_str(), 64),
        ("HTTPMethod", rule.http_method.as_str(), 10),
        ("URLPath", rule.url_path.as_str(), 128),
    ];
    for (field, value, longest) in lengths {
        if value.is_empty() || value.chars().count() > longest {
            return invalid(format!("{field} must have 1 to {longest} characters"));
        }
    }
    if !(0.0..=1.0).contains(&rule.fixed_rate) {
        return invalid(format!("FixedRate {} is not in 0..1", rule.fixed_rate));
    }
    if rule.version != 1 {
        return invalid(format!("Version {} is not 1", rule.version));
    }
    let too_long = |text: &String| text.is_empty() || text.chars().count() > 32;
    if rule.attributes.len() > 5 || rule.attributes.iter().any(|(k, v)| too_long(k) || too_long(v)) {
        return invalid("Attributes has at most 5 pairs of 1 to 32 characters");
    }
    Ok(())
}

#[cfg(test)]
mod tests;
