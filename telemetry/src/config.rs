use std::{borrow::Cow, time::Duration};

use crate::{level::Level, text};

/// Why telemetry could not be set up. Nothing of it depends on the network: an absent daemon is no error.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// A variable is missing, so metrics would land where no alarm looks.
    #[error("{0} is not set: the function's environment must carry it (Terraform does)")]
    Missing(&'static str),
    /// A value that CloudWatch would reject silently.
    #[error("{0} is not usable: expected 1 to 255 printable ASCII characters, not starting with ':'")]
    Invalid(&'static str),
    /// A number that is none.
    #[error("{0} is not usable: expected a whole number")]
    NotANumber(&'static str),
    /// A word that none of those it may be is.
    #[error("{0} is not usable: expected {1}")]
    NotOneOf(&'static str, &'static str),
    /// Lambda would hand over several invocations at a time.
    #[error(
        "AWS_LAMBDA_MAX_CONCURRENCY is {0}, and this function takes one invocation at a time: run it with Telemetry::run_concurrent, or give the function no managed instances"
    )]
    Concurrency(u32),
    /// Another subscriber is in place; its lines would not carry the ids.
    #[error("a tracing subscriber is already installed: call telemetry::init first, and once")]
    AlreadyInstalled,
}

/// Who emits, and how much. [`Config::from_env`] reads what Terraform sets; everything can be overridden.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Config {
    /// `PROJECT_NAME`: the namespace of the metrics.
    pub namespace: String,
    /// `SERVICE_NAME`: the dimension `Service`, and the name of the segments this function opens in a producer's trace.
    pub service: String,
    /// `ENVIRONMENT`: the dimension `Environment`.
    pub environment: String,
    /// The key of the correlation id in annotations, log lines and metric records. Default `correlationId`.
    pub correlation_key: &'static str,
    /// `LOG_LEVEL`, else `AWS_LAMBDA_LOG_LEVEL`, else `INFO`.
    pub log_level: Level,
    /// `AWS_XRAY_DAEMON_ADDRESS`: `host:port`, or the SDKs' `tcp:host:port udp:host:port`. Default `127.0.0.1:2000`.
    pub daemon_address: String,
    /// `AWS_LAMBDA_LOG_GROUP_NAME`: named in each document so that X-Ray shows the log lines beside the trace.
    pub log_group: Option<String>,
    /// How long before the deadline open steps are sent as in progress. Default 250 ms.
    pub deadline_margin: Duration,
    /// `SLOW_STEP_MS`: a step that takes this long gets a line of its own although it went well. Default one second.
    pub slow_step: Duration,
    /// `OPTIONAL_METRICS`: which durations are metrics, such as `StoreDuration,QueueWait`, and whether `ColdStart` is; the others
    /// stay members of their line, which cost nothing. `none` for none of them. Default all.
    pub optional_metrics: Option<Vec<String>>,
    /// The most documents one invocation sends; what is over is counted as dropped. Default 500.
    pub max_documents: usize,
    /// The most debug lines kept for an invocation that may yet fail. Default 256.
    pub max_debug_lines: usize,
    /// `AWS_LAMBDA_INITIALIZATION_TYPE`: whether Lambda starts environments before there is an event, so that none waits for a start.
    pub provisioned: bool,
    /// `AWS_LAMBDA_MAX_CONCURRENCY`: how many invocations Lambda hands to one environment at a time. Default 1.
    pub max_concurrency: u32,
    /// `TRUSTED_TARGETS`: `tracing` targets whose text may be logged and whose spans are subsegments, because their authors keep
    /// payloads out. Default none.
    pub trusted_targets: Vec<Cow<'static, str>>,
    /// `TRUST_TRACEPARENT`: whether a client's `traceparent` is the parent of its request ([`Caller`](crate::Caller)), where it is
    /// otherwise only linked. Only for clients of one's own: a trace's id is all it takes to write into it. Default `false`.
    pub trust_traceparent: bool,
    /// `TRACE_FORMAT`: how spans are sent. Default X-Ray's segment documents.
    pub trace_format: TraceFormat,
}

/// How spans are sent to the daemon's address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TraceFormat {
    /// `xray`: segment documents, which every X-Ray daemon takes. Only of traces that are sampled.
    #[default]
    XRay,
    /// `otlp`: OpenTelemetry's protocol, as AWS's own Lambda layers send it: sampled spans, and apart from them those that are not,
    /// which Transaction Search takes, too. Lambda's own endpoint takes it, the daemon of the containers does not.
    Otlp,
}

impl TraceFormat {
    /// Reads the names of [`TraceFormat`], in any case.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [("xray", Self::XRay), ("otlp", Self::Otlp)]
            .into_iter()
            .find_map(|(name, format)| text.trim().eq_ignore_ascii_case(name).then_some(format))
    }

    pub(crate) fn takes_unsampled(self) -> bool {
        self == Self::Otlp
    }
}

impl Config {
    /// A configuration for `service` of `environment`, with metrics in `namespace` and the defaults for the rest.
    #[must_use]
    pub fn new(namespace: &str, service: &str, environment: &str) -> Self {
        Self {
            namespace: namespace.to_owned(),
            service: service.to_owned(),
            environment: environment.to_owned(),
            correlation_key: "correlationId",
            log_level: Level::Info,
            daemon_address: "127.0.0.1:2000".to_owned(),
            log_group: None,
            deadline_margin: Duration::from_millis(250),
            slow_step: Duration::from_secs(1),
            optional_metrics: None,
            max_documents: 500,
            max_debug_lines: 256,
            provisioned: false,
            max_concurrency: 1,
            trusted_targets: Vec::new(),
            trust_traceparent: false,
            trace_format: TraceFormat::default(),
        }
    }

    /// Reads the function's environment.
    ///
    /// # Errors
    /// [`InitError::Missing`] without `PROJECT_NAME`, `SERVICE_NAME` or `ENVIRONMENT`; [`InitError::NotANumber`] if `SLOW_STEP_MS` or
    /// `AWS_LAMBDA_MAX_CONCURRENCY` is none; [`InitError::NotOneOf`] if `TRACE_FORMAT` is no format or `TRUST_TRACEPARENT` no yes or no.
    pub fn from_env() -> Result<Self, InitError> {
        Self::from_vars(|name| std::env::var(name).ok())
    }

    /// As [`Config::from_env`], from any source of variables.
    ///
    /// # Errors
    /// As [`Config::from_env`].
    pub fn from_vars(var: impl Fn(&str) -> Option<String>) -> Result<Self, InitError> {
        let required = |name| var(name).filter(|value| !value.is_empty()).ok_or(InitError::Missing(name));
        let mut config = Self::new(&required("PROJECT_NAME")?, &required("SERVICE_NAME")?, &required("ENVIRONMENT")?);
        if let Some(level) =
            ["LOG_LEVEL", "AWS_LAMBDA_LOG_LEVEL"].into_iter().filter_map(&var).find_map(|text| Level::parse(&text))
        {
            config.log_level = level;
        }
        if let Some(millis) = var("SLOW_STEP_MS").filter(|text| !text.is_empty()) {
            config.slow_step =
                millis.parse().map(Duration::from_millis).map_err(|_| InitError::NotANumber("SLOW_STEP_MS"))?;
        }
        if let Some(names) = var("OPTIONAL_METRICS").filter(|text| !text.is_empty()) {
            config.optional_metrics = Some(names.split(',').map(|name| name.trim().to_owned()).collect());
        }
        if let Some(address) = var("AWS_XRAY_DAEMON_ADDRESS") {
            config.daemon_address = address;
        }
        config.provisioned =
            var("AWS_LAMBDA_INITIALIZATION_TYPE").is_some_and(|kind| kind == "provisioned-concurrency");
        if let Some(limit) = var("AWS_LAMBDA_MAX_CONCURRENCY").filter(|text| !text.is_empty()) {
            config.max_concurrency = limit.parse().map_err(|_| InitError::NotANumber("AWS_LAMBDA_MAX_CONCURRENCY"))?;
        }
        if let Some(names) = var("TRUSTED_TARGETS") {
            let names = names.split(',').map(str::trim).filter(|name| !name.is_empty());
            config.trusted_targets = names.map(|name| Cow::Owned(name.to_owned())).collect();
        }
        if let Some(trust) = var("TRUST_TRACEPARENT").filter(|text| !text.is_empty()) {
            config.trust_traceparent =
                trust.parse().map_err(|_| InitError::NotOneOf("TRUST_TRACEPARENT", "true or false"))?;
        }
        if let Some(format) = var("TRACE_FORMAT").filter(|text| !text.is_empty()) {
            config.trace_format =
                TraceFormat::parse(&format).ok_or(InitError::NotOneOf("TRACE_FORMAT", "xray or otlp"))?;
        }
        config.log_group = var("AWS_LAMBDA_LOG_GROUP_NAME");
        Ok(config)
    }

    /// Whether an optional metric is one.
    pub(crate) fn is_published(&self, name: &str) -> bool {
        self.optional_metrics.as_ref().is_none_or(|names| names.iter().any(|known| known == name))
    }

    /// The key of the correlation id, such as `orderId`.
    #[must_use]
    pub fn correlation_key(mut self, key: &'static str) -> Self {
        self.correlation_key = key;
        self
    }

    /// Lets the text of events of this `tracing` target (and the modules below it) be logged, and makes its spans subsegments.
    #[must_use]
    pub fn trust_target(mut self, target: &'static str) -> Self {
        self.trusted_targets.push(Cow::Borrowed(target));
        self
    }

    pub(crate) fn trusts(&self, target: &str) -> bool {
        self.trusted_targets.iter().any(|trusted| {
            target.strip_prefix(&**trusted).is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
        })
    }

    pub(crate) fn check(&mut self) -> Result<(), InitError> {
        for (name, value) in
            [("PROJECT_NAME", &self.namespace), ("SERVICE_NAME", &self.service), ("ENVIRONMENT", &self.environment)]
        {
            let printable = value.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            if !(1..=255).contains(&value.len()) || !printable || value.starts_with(':') || value.trim().is_empty() {
                return Err(InitError::Invalid(name));
            }
        }
        self.service = text::name(&self.service, text::SEGMENT_NAME_CHARS).into_owned();
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vars<'a>(pairs: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| pairs.iter().find(|(key, _)| *key == name).map(|(_, value)| (*value).to_owned())
    }

    const NAMES: [(&str, &str); 3] = [("PROJECT_NAME", "shop"), ("SERVICE_NAME", "worker"), ("ENVIRONMENT", "dev")];

    #[test]
    fn a_missing_name_is_told_by_its_variable() {
        let error = Config::from_vars(vars(&NAMES[..1])).unwrap_err();
        assert!(error.to_string().contains("SERVICE_NAME"), "{error}");
    }

    #[test]
    fn own_level_wins_over_lambdas() {
        let mut pairs = NAMES.to_vec();
        pairs.extend([("AWS_LAMBDA_LOG_LEVEL", "ERROR"), ("LOG_LEVEL", "debug")]);
        assert_eq!(Config::from_vars(vars(&pairs)).unwrap().log_level, Level::Debug);
        assert_eq!(Config::from_vars(vars(&pairs[..4])).unwrap().log_level, Level::Error);
    }

    #[test]
    fn optional_metrics_are_metrics_as_named() {
        let published = |value: Option<&str>| {
            let mut pairs = NAMES.to_vec();
            pairs.extend(value.map(|value| ("OPTIONAL_METRICS", value)));
            let config = Config::from_vars(vars(&pairs)).unwrap();
            ["StoreDuration", "QueueWait", "ParseDuration"].map(|name| config.is_published(name))
        };
        assert_eq!(published(None), [true; 3]);
        assert_eq!(published(Some("StoreDuration, QueueWait")), [true, true, false]);
        assert_eq!(published(Some("none")), [false; 3]);
    }

    #[test]
    fn a_format_is_one_of_two_and_another_word_is_refused_with_both() {
        let format = |value: &'static str| {
            let mut pairs = NAMES.to_vec();
            pairs.push(("TRACE_FORMAT", value));
            Config::from_vars(vars(&pairs)).map(|config| config.trace_format)
        };
        assert_eq!(format("").unwrap(), TraceFormat::XRay);
        assert_eq!(format("OTLP").unwrap(), TraceFormat::Otlp);
        assert_eq!(format("zipkin").unwrap_err().to_string(), "TRACE_FORMAT is not usable: expected xray or otlp");
    }

    #[test]
    fn a_target_is_trusted_with_the_modules_below_it() {
        let mut pairs = NAMES.to_vec();
        pairs.push(("TRUSTED_TARGETS", "shop, aws_sdk_sqs::operation"));
        let config = Config::from_vars(vars(&pairs)).unwrap();
        for (target, trusted) in [
            ("shop", true),
            ("shop::cart", true),
            ("shopping", false),
            ("aws_sdk_sqs", false),
            ("aws_sdk_sqs::operation::send_message", true),
        ] {
            assert_eq!(config.trusts(target), trusted, "{target}");
        }
    }

    #[test]
    fn a_namespace_cloudwatch_would_reject_is_refused() {
        for namespace in ["", ":shop", "sh\u{f6}p", " "] {
            assert!(Config::new(namespace, "worker", "dev").check().is_err(), "{namespace:?}");
        }
    }
}
