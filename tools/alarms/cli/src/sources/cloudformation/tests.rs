use std::collections::BTreeMap;

use alarms::{Catalogue, catalogue::Alarm, model::Source};

use super::{
    super::{Form, Given, Input, read as read_source},
    *,
};

fn found(text: &str, values: &[(&str, &str)]) -> Found {
    let values: BTreeMap<String, String> = values.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect();
    let mut found = Found::default();
    let input = Input { name: "template.yaml".into(), bytes: text.as_bytes().to_vec(), is_named: true };
    assert_eq!(read_source(&input, &Given { values }, &mut found), Ok(Form::Template));
    found.end();
    found
}

fn only(found: &Found) -> &Catalogue {
    assert_eq!(found.groups.len(), 1, "{found:?}");
    &found.groups[0].catalogue
}

const TEMPLATE: &str = r#"
AWSTemplateFormatVersion: "2010-09-09"
Transform: AWS::Serverless-2016-10-31
Parameters:
  Stage: { Type: String, Default: prod }
  Limit: { Type: Number }
Mappings:
  Limits: { prod: { age: 120 }, dev: { age: 600 } }
Conditions:
  IsProd: !Equals [!Ref Stage, prod]
  IsDev: !Not [!Condition IsProd]
Resources:
  Work:
    Type: AWS::SQS::Queue
    Properties:
      QueueName: !Sub "work-${Stage}"
      RedrivePolicy: { deadLetterTargetArn: !GetAtt Lost.Arn, maxReceiveCount: 3 }
  Lost: { Type: AWS::SQS::Queue }
  Age:
    Type: AWS::CloudWatch::Alarm
    Properties:
      AlarmName: !Join ["-", [!Ref Stage, age]]
      Namespace: AWS/SQS
      MetricName: ApproximateAgeOfOldestMessage
      Dimensions: [{ Name: QueueName, Value: !GetAtt Work.QueueName }]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 3
      ComparisonOperator: GreaterThanThreshold
      Threshold: !FindInMap [Limits, !Ref Stage, age]
      TreatMissingData: !If [IsProd, notBreaching, !Ref "AWS::NoValue"]
  Depth:
    Type: AWS::CloudWatch::Alarm
    Properties:
      Namespace: AWS/SQS
      MetricName: ApproximateNumberOfMessagesVisible
      Dimensions: [{ Name: QueueName, Value: !GetAtt Lost.QueueName }]
      Statistic: Maximum
      Period: 60
      EvaluationPeriods: 1
      ComparisonOperator: GreaterThanThreshold
      Threshold: !Ref Limit
  Gone: { Type: AWS::CloudWatch::Alarm, Condition: IsDev, Properties: {} }
  Page:
    Type: AWS::CloudWatch::CompositeAlarm
    Properties:
      AlarmName: page
      AlarmRule: !Sub 'ALARM("${Age}") OR ALARM("${Depth.Arn}")'
"#;

#[test]
fn functions_are_carried_out_and_what_is_open_is_named() {
    let found = found(TEMPLATE, &[("Limit", "5")]);
    let catalogue = only(&found);
    assert_eq!(catalogue.not_supported, []);
    let Some(Alarm::Metric(age)) = catalogue.find("Age") else { panic!("no Age") };
    assert_eq!((age.spec.name.as_str(), age.spec.threshold), ("prod-age", 120.0));
    assert!(age.spec.missing_data.is_some());
    let Source::Metric { metric, .. } = &age.spec.queries[0].source else { panic!("no metric") };
    assert_eq!(metric.dimensions["QueueName"], "work-prod");
    let Some(Alarm::Metric(depth)) = catalogue.find("Depth") else { panic!("no Depth") };
    assert_eq!(depth.spec.threshold, 5.0);
    let Source::Metric { metric, .. } = &depth.spec.queries[0].source else { panic!("no metric") };
    assert_eq!(metric.dimensions["QueueName"], "${Lost}");
    let Some(Alarm::Composite(page)) = catalogue.find("page") else { panic!("no page") };
    let names: Vec<_> = page.rule.alarms().into_iter().map(alarms::composite::alarm_name).collect();
    assert_eq!(names, ["prod-age", "Depth"]);
    let line = TEMPLATE.lines().position(|line| line == "  Depth:").unwrap() + 1;
    assert_eq!(found.groups[0].line_of("Depth"), Some(("template.yaml", Some(line))));
}

#[test]
fn a_threshold_without_a_value_is_named_and_counted() {
    let found = found(TEMPLATE, &[]);
    let left_out = &only(&found).not_supported;
    assert_eq!(left_out.len(), 1);
    assert_eq!(left_out[0].reason, "Threshold is `${Limit}`, and a number was expected");
}

#[test]
fn dead_letter_queues_are_known_by_who_names_them() {
    let found = found(TEMPLATE, &[]);
    let queues: Vec<_> = found.resources.iter().map(|r| (r.address.as_str(), r.is_dead_letter_queue)).collect();
    assert_eq!(queues.into_iter().collect::<BTreeMap<_, _>>(), BTreeMap::from([("Lost", true), ("Work", false)]));
}

#[test]
fn a_template_that_refers_to_itself_ends() {
    let text = "Conditions: { A: !Condition B, B: !Condition A }\nResources:\n  X: { Type: AWS::CloudWatch::Alarm, Condition: A, \
                Properties: { AlarmName: !Ref X } }\n";
    assert_eq!(found(text, &[]).len(), 1);
}

#[test]
fn what_sam_says_of_all_functions_holds_for_each() {
    let text = "Transform: AWS::Serverless-2016-10-31\nGlobals: { Function: { Timeout: 30 } }\nResources:\n  \
                A: { Type: AWS::Serverless::Function, Properties: { Timeout: 5 } }\n  B: { Type: AWS::Serverless::Function }\n";
    let found = found(text, &[]);
    let bounds: Vec<_> = found.resources.iter().map(|r| (r.address.as_str(), r.bounds["timeout_s"])).collect();
    assert_eq!(bounds, [("A", 5), ("B", 30)]);
}
