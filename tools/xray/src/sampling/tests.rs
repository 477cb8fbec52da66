use super::*;

fn rule(name: &str, reservoir: u32) -> SamplingRule {
    let default = Sampling::new("us-east-1", "0", 0.0).records[0].sampling_rule.clone();
    SamplingRule {
        rule_name: Some(name.to_owned()),
        rule_arn: None,
        priority: 10,
        reservoir_size: reservoir,
        ..default
    }
}

fn report(client: &str) -> Statistics {
    Statistics {
        rule_name: "r".to_owned(),
        client_id: client.to_owned(),
        request_count: 5,
        sampled_count: 2,
        borrow_count: 1,
    }
}

#[test]
fn the_reservoir_is_shared_out_whole_among_the_clients() {
    let mut sampling = Sampling::new("us-east-1", "0", 0.0);
    sampling.create(rule("r", 5), 0.0).unwrap();
    for client in ["a", "b"] {
        sampling.target(&report(client), 1.0);
    }
    let shares: Vec<u32> = ["a", "b"].map(|c| sampling.target(&report(c), 2.0).unwrap().reservoir_quota).to_vec();
    assert_eq!(shares, [3, 2]);
    // A client that fell silent gives its share back.
    assert_eq!(sampling.target(&report("a"), 100.0).unwrap().reservoir_quota, 5);
}

#[test]
fn a_summary_covers_one_minute() {
    let mut sampling = Sampling::new("us-east-1", "0", 0.0);
    sampling.create(rule("r", 5), 0.0).unwrap();
    for (now, expected) in [(60.0, 5), (119.0, 10), (121.0, 5)] {
        sampling.target(&report("a"), now);
        let summary = sampling.summaries().next().unwrap().clone();
        assert_eq!(summary.request_count, expected);
    }
}

#[test]
fn the_default_rule_can_be_changed_and_not_deleted() {
    let mut sampling = Sampling::new("us-east-1", "0", 0.0);
    let update = SamplingRuleUpdate {
        rule_name: Some(DEFAULT.to_owned()),
        fixed_rate: Some(1.0),
        ..SamplingRuleUpdate::default()
    };
    let record = sampling.update(update, 7.0).unwrap();
    assert_eq!((record.sampling_rule.fixed_rate, record.modified_at, sampling.last_modification()), (1.0, 7.0, 7.0));
    assert!(matches!(sampling.delete(Some(DEFAULT), None, 8.0), Err(RuleError::Invalid(_))));
}

#[test]
fn limits_are_aws_ones() {
    let mut sampling = Sampling::new("us-east-1", "0", 0.0);
    for n in 0..MAX_RULES {
        sampling.create(rule(&format!("r{n}"), 1), 0.0).unwrap();
    }
    assert!(matches!(sampling.create(rule("more", 1), 0.0), Err(RuleError::TooMany(_))));
    assert!(matches!(sampling.create(rule("r1", 1), 0.0), Err(RuleError::Invalid(_))));
    for broken in [
        SamplingRule { priority: 10_000, ..rule("x", 1) },
        SamplingRule { fixed_rate: 1.5, ..rule("x", 1) },
        SamplingRule { host: String::new(), ..rule("x", 1) },
        SamplingRule { rule_name: Some("x".repeat(33)), ..rule("x", 1) },
        SamplingRule { rule_name: None, ..rule("x", 1) },
        SamplingRule { version: 2, ..rule("x", 1) },
    ] {
        assert!(matches!(sampling.create(broken, 0.0), Err(RuleError::Invalid(_))));
    }
}
