use std::collections::BTreeMap;

use serde::Serialize;

/// Something an alarm may watch: a resource of a plan or a template.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Resource {
    /// Its address, or its logical id.
    pub address: String,
    /// CloudFormation's name of its type: `AWS::SQS::Queue`.
    pub kind: &'static str,
    /// What dimensions of its metrics say, by the dimension's name. A value may be symbolic.
    pub dimensions: BTreeMap<&'static str, String>,
    /// Numbers that bound its metrics: `timeout_s`, `retention_s`.
    pub bounds: BTreeMap<&'static str, i64>,
    /// Another resource's dead-letter queue.
    pub is_dead_letter_queue: bool,
}

/// A type of resource: its name in CloudFormation, in Terraform, and where the values of its dimensions stand in each.
pub(super) struct Type {
    pub(super) kind: &'static str,
    pub(super) terraform: &'static str,
    /// Dimension, property in CloudFormation, attribute in Terraform. Without a property, CloudFormation gives the name.
    pub(super) dimensions: &'static [(&'static str, &'static str, &'static str)],
    /// Bound, property, attribute.
    pub(super) bounds: &'static [(&'static str, &'static str, &'static str)],
}

/// The common ones; what is not here is in no report of coverage.
pub(super) const TYPES: &[Type] = &[
    Type {
        kind: "AWS::Lambda::Function",
        terraform: "aws_lambda_function",
        dimensions: &[("FunctionName", "FunctionName", "function_name")],
        bounds: &[("timeout_s", "Timeout", "timeout")],
    },
    Type {
        kind: "AWS::Serverless::Function",
        terraform: "",
        dimensions: &[("FunctionName", "FunctionName", "")],
        bounds: &[("timeout_s", "Timeout", "")],
    },
    Type {
        kind: "AWS::SQS::Queue",
        terraform: "aws_sqs_queue",
        dimensions: &[("QueueName", "QueueName", "name")],
        bounds: &[("retention_s", "MessageRetentionPeriod", "message_retention_seconds")],
    },
    Type {
        kind: "AWS::SNS::Topic",
        terraform: "aws_sns_topic",
        dimensions: &[("TopicName", "TopicName", "name")],
        bounds: &[],
    },
    Type {
        kind: "AWS::DynamoDB::Table",
        terraform: "aws_dynamodb_table",
        dimensions: &[("TableName", "TableName", "name")],
        bounds: &[],
    },
    Type {
        kind: "AWS::Serverless::SimpleTable",
        terraform: "",
        dimensions: &[("TableName", "TableName", "")],
        bounds: &[],
    },
    Type {
        kind: "AWS::ApiGateway::RestApi",
        terraform: "aws_api_gateway_rest_api",
        dimensions: &[("ApiName", "Name", "name")],
        bounds: &[],
    },
    Type { kind: "AWS::Serverless::Api", terraform: "", dimensions: &[("ApiName", "Name", "")], bounds: &[] },
    Type {
        kind: "AWS::ApiGatewayV2::Api",
        terraform: "aws_apigatewayv2_api",
        dimensions: &[("ApiId", "", "id")],
        bounds: &[],
    },
    Type { kind: "AWS::Serverless::HttpApi", terraform: "", dimensions: &[("ApiId", "", "")], bounds: &[] },
    Type {
        kind: "AWS::RDS::DBInstance",
        terraform: "aws_db_instance",
        dimensions: &[("DBInstanceIdentifier", "DBInstanceIdentifier", "identifier")],
        bounds: &[],
    },
    Type {
        kind: "AWS::RDS::DBCluster",
        terraform: "aws_rds_cluster",
        dimensions: &[("DBClusterIdentifier", "DBClusterIdentifier", "cluster_identifier")],
        bounds: &[],
    },
    Type {
        kind: "AWS::ECS::Service",
        terraform: "aws_ecs_service",
        dimensions: &[("ServiceName", "ServiceName", "name")],
        bounds: &[],
    },
    Type {
        kind: "AWS::ElasticLoadBalancingV2::LoadBalancer",
        terraform: "aws_lb",
        dimensions: &[("LoadBalancer", "", "arn_suffix")],
        bounds: &[],
    },
    Type {
        kind: "AWS::ElasticLoadBalancingV2::TargetGroup",
        terraform: "aws_lb_target_group",
        dimensions: &[("TargetGroup", "", "arn_suffix")],
        bounds: &[],
    },
    Type {
        kind: "AWS::Kinesis::Stream",
        terraform: "aws_kinesis_stream",
        dimensions: &[("StreamName", "Name", "name")],
        bounds: &[],
    },
    Type {
        kind: "AWS::StepFunctions::StateMachine",
        terraform: "aws_sfn_state_machine",
        dimensions: &[("StateMachineArn", "", "arn")],
        bounds: &[],
    },
    Type {
        kind: "AWS::Serverless::StateMachine",
        terraform: "",
        dimensions: &[("StateMachineArn", "", "")],
        bounds: &[],
    },
    Type {
        kind: "AWS::Events::Rule",
        terraform: "aws_cloudwatch_event_rule",
        dimensions: &[("RuleName", "Name", "name")],
        bounds: &[],
    },
    Type {
        kind: "AWS::EC2::Instance",
        terraform: "aws_instance",
        dimensions: &[("InstanceId", "", "id")],
        bounds: &[],
    },
    Type {
        kind: "AWS::ElastiCache::CacheCluster",
        terraform: "aws_elasticache_cluster",
        dimensions: &[("CacheClusterId", "ClusterName", "cluster_id")],
        bounds: &[],
    },
    Type {
        kind: "AWS::ElastiCache::ReplicationGroup",
        terraform: "aws_elasticache_replication_group",
        dimensions: &[("ReplicationGroupId", "ReplicationGroupId", "replication_group_id")],
        bounds: &[],
    },
    Type {
        kind: "AWS::OpenSearchService::Domain",
        terraform: "aws_opensearch_domain",
        dimensions: &[("DomainName", "DomainName", "domain_name")],
        bounds: &[],
    },
    Type {
        kind: "AWS::EFS::FileSystem",
        terraform: "aws_efs_file_system",
        dimensions: &[("FileSystemId", "", "id")],
        bounds: &[],
    },
    Type {
        kind: "AWS::CloudFront::Distribution",
        terraform: "aws_cloudfront_distribution",
        dimensions: &[("DistributionId", "", "id")],
        bounds: &[],
    },
    Type {
        kind: "AWS::EC2::NatGateway",
        terraform: "aws_nat_gateway",
        dimensions: &[("NatGatewayId", "", "id")],
        bounds: &[],
    },
];
