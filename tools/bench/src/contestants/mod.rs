//! Who is measured: the functions' zips, and peers that do the validator's job with what others would take.

mod native;
mod scripts;
mod setup;

use std::{collections::BTreeMap, net::SocketAddr, path::PathBuf};

use anyhow::Result;
use suite::{Names, Suite};

use crate::{
    figures::LeftOut,
    project::Project,
    stub::{Surroundings, Transport},
};

/// What it is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Job {
    /// A request.
    Request,
    /// A batch of that many records.
    Batch(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Contestant {
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) job: Job,
    /// The program and its arguments.
    pub(crate) command: Vec<String>,
    pub(crate) folder: PathBuf,
    /// Of what would be uploaded.
    pub(crate) zip_bytes: u64,
    /// One of our functions.
    pub(crate) own: bool,
    /// Callgrind counts its instructions: a machine program.
    pub(crate) native: bool,
    variables: BTreeMap<String, String>,
}

/// In the table's order.
const ALL: [(&str, Prepare); 13] = [
    ("validator", |project| native::ours(project, "validator", "validator", "**validator**", Job::Request)),
    ("pgo", |project| native::ours_by_profile(project, "pgo", "validator, built with PGO=1")),
    ("otlp", |project| {
        let mut otlp = native::ours(project, "otlp", "validator", "validator, TRACE_FORMAT=otlp", Job::Request)?;
        otlp.variables.insert("TRACE_FORMAT".into(), "otlp".into());
        Ok(otlp)
    }),
    ("rust-sdk", |project| {
        native::rust_peer(project, "rust-sdk", "rust-sdk", "Rust, SDK and runtime alone", Job::Request)
    }),
    ("rust-runtime", |project| {
        native::rust_peer(project, "rust-runtime", "rust-runtime", "Rust, runtime alone", Job::Request)
    }),
    ("go", native::go),
    ("node", scripts::node),
    ("python", |project| scripts::python(project, "python", "Python, boto3 + Powertools")),
    ("python-bare", |project| scripts::python(project, "python-bare", "Python, boto3 alone")),
    ("processor-1", |project| native::ours(project, "processor-1", "processor", "processor, 1 record", Job::Batch(1))),
    ("processor-10", |project| {
        native::ours(project, "processor-10", "processor", "processor, 10 records", Job::Batch(10))
    }),
    ("rust-put-1", |project| {
        native::rust_peer(project, "rust-put-1", "rust-put", "Rust, SDK and runtime alone, 1 record", Job::Batch(1))
    }),
    ("rust-put-10", |project| {
        native::rust_peer(project, "rust-put-10", "rust-put", "Rust, SDK and runtime alone, 10 records", Job::Batch(10))
    }),
];

type Prepare = fn(&Project) -> Result<Contestant>;

/// The names there are.
pub(crate) fn ids() -> impl Iterator<Item = &'static str> {
    ALL.iter().map(|(id, _)| *id)
}

/// Builds and installs those of `only`, or all; our own must be there, others may be left out.
pub(crate) fn prepare(project: &Project, only: &[String]) -> Result<(Vec<Contestant>, Vec<LeftOut>)> {
    let (mut there, mut left_out) = (Vec::new(), Vec::new());
    for (id, prepare) in ALL {
        if !only.is_empty()
            && !only
                .iter()
                .any(|name| name == id || id.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with("-1")))
        {
            continue;
        }
        match prepare(project) {
            Ok(contestant) => there.push(contestant),
            Err(error) if id.starts_with("validator") || id.starts_with("processor") => return Err(error),
            Err(error) => {
                eprintln!("left out: {id}: {error:#}");
                left_out.push(LeftOut { id: id.to_owned(), why: format!("{error:#}") });
            }
        }
    }
    Ok((there, left_out))
}

/// A function's program that is not in a zip, such as one that a profiler has instrumented.
pub(crate) fn program(suite: &Suite, function: &'static str, path: &std::path::Path) -> Result<Contestant> {
    native::of_program(suite, function, path)
}

impl Contestant {
    /// As Terraform names it.
    pub(crate) fn function_name(&self) -> String {
        names().function(self.service())
    }

    fn service(&self) -> &'static str {
        match self.job {
            Job::Request => "validator",
            Job::Batch(_) => "processor",
        }
    }

    /// What Lambda and Terraform set.
    pub(crate) fn environment(
        &self,
        around: &Surroundings,
        transport: Transport,
        runtime_api: SocketAddr,
    ) -> BTreeMap<String, String> {
        let endpoint = match transport {
            Transport::Http => format!("http://{}", around.aws.http),
            Transport::Https => format!("https://localhost:{}", around.aws.https.port()),
        };
        let roots = around.roots(self.own).display().to_string();
        let names = names();
        let queue_url = |name: &str| format!("{endpoint}/123456789012/{name}");
        let (queue, dead_letters) = (queue_url(&names.queue()), queue_url(&names.dead_letter_queue()));
        let function = self.function_name();
        let mut environment = self.variables.clone();
        for (name, value) in [
            ("PATH", "/usr/local/bin:/usr/bin:/bin".to_owned()),
            ("LANG", "en_US.UTF-8".to_owned()),
            ("TZ", ":UTC".to_owned()),
            ("LAMBDA_TASK_ROOT", self.folder.display().to_string()),
            ("AWS_LAMBDA_RUNTIME_API", runtime_api.to_string()),
            ("AWS_LAMBDA_FUNCTION_NAME", function.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256".to_owned()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", names.log_group(self.service())),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/25/[$LATEST]0123456789abcdef0123456789abcdef".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_DEFAULT_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "ASIAEXAMPLEEXAMPLE12".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", "for-the-benchmark-alone".to_owned()),
            ("AWS_SESSION_TOKEN", "for-the-benchmark-alone".to_owned()),
            ("AWS_XRAY_DAEMON_ADDRESS", around.xray.address.to_string()),
            ("AWS_XRAY_CONTEXT_MISSING", "LOG_ERROR".to_owned()),
            ("AWS_ENDPOINT_URL_SQS", endpoint.clone()),
            ("AWS_ENDPOINT_URL_DYNAMODB", endpoint),
            ("PROJECT_NAME", names.project().to_owned()),
            ("ENVIRONMENT", names.environment().to_owned()),
            ("SERVICE_NAME", self.service().to_owned()),
            ("LOG_LEVEL", "info".to_owned()),
            ("ORDERS_DLQ_URL", dead_letters),
            ("ORDERS_QUEUE_URL", queue),
            ("ORDERS_TABLE_NAME", names.table()),
            ("IDEMPOTENCY_TABLE_NAME", names.idempotency_table()),
            // Each runtime's own name for the roots to trust.
            ("SSL_CERT_FILE", roots.clone()),
            ("AWS_CA_BUNDLE", roots.clone()),
            ("NODE_EXTRA_CA_CERTS", roots),
        ] {
            environment.insert(name.to_owned(), value);
        }
        environment
    }
}

fn names() -> Names {
    Names::new("order-processing", "bench", "us-east-1")
}
