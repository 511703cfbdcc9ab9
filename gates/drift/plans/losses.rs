//! What it means that an object of some type is destroyed.

use crate::Severity;

/// Parts of types whose objects hold data, or that others depend on by a name that does not come back.
const HOLD: &[&str] = &[
    "docdb",
    "cosmosdb",
    "postgresql",
    "mysql",
    "mssql",
    "mariadb",
    "alloydb",
    "bigquery_dataset",
    "bigquery_table",
    "mongodbatlas_cluster",
    "memorydb",
    "keyspaces",
    "timestream",
    "glacier_vault",
    "_volume",
    "cloudflare_zone",
    "_db_",
    "_rds_",
    "_sql_",
    "sql_database",
    "database",
    "dynamodb_table",
    "bigtable",
    "spanner",
    "documentdb",
    "neptune",
    "redshift",
    "elasticache",
    "redis",
    "memorystore",
    "opensearch_domain",
    "elasticsearch_domain",
    "_bucket",
    "storage_account",
    "storage_container",
    "ebs_volume",
    "_disk",
    "efs_file_system",
    "filestore",
    "file_system",
    "persistent_volume",
    "kms_key",
    "kms_crypto_key",
    "key_vault",
    "secretsmanager_secret",
    "secret_manager_secret",
    "sqs_queue",
    "sns_topic",
    "pubsub_topic",
    "kinesis_stream",
    "msk_cluster",
    "eventhub",
    "servicebus",
    "eks_cluster",
    "container_cluster",
    "kubernetes_cluster",
    "_vpc",
    "compute_network",
    "virtual_network",
    "route53_zone",
    "dns_managed_zone",
    "dns_zone",
    "cognito_user_pool",
    "ecr_repository",
    "artifact_registry_repository",
    "log_group",
    "kubernetes_namespace",
    "github_repository",
    "resource_group",
    "backup_vault",
    "_eip",
    "acm_certificate",
    "google_project",
];
/// Attached to such an object, or a rule about it: that goes and comes without loss.
const ABOUT: &[&str] = &[
    "_policy",
    "_policies",
    "_attachment",
    "_rule",
    "_rules",
    "_object",
    "_notification",
    "_acl",
    "_ownership_controls",
    "_public_access_block",
    "_association",
    "_configuration",
    "_parameter_group",
    "_subnet_group",
    "_option_group",
    "_version",
    "_alias",
    "_permission",
    "_member",
    "_binding",
    "_subscription",
    "_group_rule",
    "_metric_filter",
    "_alarm",
    "_logging",
    "_grant",
    "_role",
    "_flow_log",
    "_user",
    "_access_key",
];
/// Made anew as a matter of course.
const ROUTINE: &[&str] = &[
    "null_resource",
    "terraform_data",
    "random_",
    "time_",
    "local_",
    "tls_",
    "archive_",
    "ecs_task_definition",
    "launch_configuration",
    "launch_template",
    "lambda_layer_version",
    "api_gateway_deployment",
    "apigatewayv2_deployment",
    "kubernetes_job",
    "instance_template",
    "_validation",
];

/// How much the loss of an object weighs.
pub(super) fn weight(kind: &str) -> Severity {
    let has = |parts: &[&str]| parts.iter().any(|part| kind.contains(part));
    if ROUTINE.iter().any(|part| if part.ends_with('_') { kind.starts_with(part) } else { kind.contains(part) }) {
        Severity::Note
    } else if has(HOLD) && !ABOUT.iter().any(|end| kind.ends_with(end)) {
        Severity::Error
    } else {
        Severity::Warning
    }
}

#[test]
fn what_holds_data_weighs_most() {
    for kind in [
        "aws_db_instance",
        "aws_s3_bucket",
        "google_sql_database_instance",
        "azurerm_storage_account",
        "aws_dynamodb_table",
        "aws_rds_cluster",
    ] {
        assert_eq!(weight(kind), Severity::Error, "{kind}");
    }
    for kind in [
        "aws_s3_bucket_policy",
        "aws_instance",
        "aws_db_parameter_group",
        "aws_security_group_rule",
        "aws_sns_topic_subscription",
    ] {
        assert_eq!(weight(kind), Severity::Warning, "{kind}");
    }
    for kind in ["null_resource", "aws_ecs_task_definition", "random_password"] {
        assert_eq!(weight(kind), Severity::Note, "{kind}");
    }
}
