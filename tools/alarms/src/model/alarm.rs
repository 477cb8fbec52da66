use std::collections::BTreeMap;

use cloudwatch::{
    EpochSeconds, MetricKey, Query, Source, Statistic,
    math::{CompileError, Program},
};
use serde::{Deserialize, Serialize};

use super::{comparison::Comparison, missing::MissingData, state::State, window::Window};
use crate::composite::Rule;

/// Who is told, and how urgently.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Somebody is woken.
    Page,
    /// Somebody looks on the next working day.
    Ticket,
    /// It feeds a composite; no actions of its own.
    None,
}

impl Severity {
    /// The spelling of the catalogue.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Page => "page",
            Severity::Ticket => "ticket",
            Severity::None => "none",
        }
    }
}

/// In which environments an alarm is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Observability {
    /// Only where all of it is wanted.
    #[default]
    Full,
    /// In every environment.
    Lean,
}

/// What a person needs to know about an alarm. A plan of another project carries only a summary.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct About {
    /// One line, what it means.
    pub summary: String,
    /// Who is told.
    pub severity: Option<Severity>,
    /// Where it is.
    pub observability: Observability,
    /// `runbooks/<runbook>.md`.
    pub runbook: Option<String>,
    /// Which drill or scenario proves it.
    pub drill: Option<String>,
}

/// The three action lists. In a catalogue an action is the severity; in a plan it is an ARN.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Actions {
    /// `ActionsEnabled`.
    pub enabled: bool,
    /// Run on the way to `ALARM`.
    pub alarm: Vec<String>,
    /// Run on the way to `OK`.
    pub ok: Vec<String>,
    /// Run on the way to `INSUFFICIENT_DATA`.
    pub insufficient_data: Vec<String>,
}

impl Actions {
    /// The list of one state.
    pub fn of(&self, state: State) -> &[String] {
        match state {
            State::Alarm => &self.alarm,
            State::Ok => &self.ok,
            State::InsufficientData => &self.insufficient_data,
        }
    }
}

/// What a percentile alarm does with too few samples (`EvaluateLowSampleCountPercentile`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LowSamples {
    /// Evaluate all the same. CloudWatch's default.
    #[default]
    Evaluate,
    /// Keep the state while the newest datapoint has too few samples.
    Ignore,
}

/// A metric alarm that can be evaluated. Made by [`MetricAlarm::new`], which compiles its metric math.
#[derive(Clone, Debug)]
pub struct MetricAlarm {
    /// The definition.
    pub spec: MetricAlarmSpec,
    program: Program,
}

/// The fields of a metric alarm, always in the `Metrics` form (a simple alarm is one query).
#[derive(Clone, Debug)]
pub struct MetricAlarmSpec {
    /// `AlarmName`.
    pub name: String,
    /// The catalogue's key, or the plan's resource address.
    pub key: String,
    /// What a person needs to know.
    pub about: About,
    /// Action lists.
    pub actions: Actions,
    /// `ComparisonOperator`.
    pub comparison: Comparison,
    /// `Threshold`.
    pub threshold: f64,
    /// What the threshold should be, when settings decide; only a catalogue says so.
    pub follows: Option<Follows>,
    /// `Period` in seconds, the same for every metric of the alarm.
    pub period: EpochSeconds,
    /// `EvaluationPeriods`, N.
    pub evaluation_periods: u32,
    /// `DatapointsToAlarm`, M.
    pub datapoints_to_alarm: u32,
    /// `TreatMissingData`, when the definition says it.
    pub missing_data: Option<MissingData>,
    /// `EvaluateLowSampleCountPercentile`.
    pub low_samples: LowSamples,
    /// `EvaluationWindow`.
    pub window: Window,
    /// The `Metrics` list.
    pub queries: Vec<Query>,
    /// Index of the query with `ReturnData: true`.
    pub returned: usize,
}

/// How a threshold comes from the settings of what is watched: the sum of some, each times a factor, and of a number.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Follows {
    /// Factors by the setting's path, its parts joined by dots.
    pub times: BTreeMap<String, f64>,
    /// What is added.
    #[serde(default)]
    pub plus: f64,
}

/// Why a definition cannot be evaluated.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum DefinitionError {
    /// A period of zero or less, no evaluation period, or no query.
    #[error("{0}")]
    Invalid(String),
    /// Metric math that does not compile.
    #[error(transparent)]
    Math(#[from] CompileError),
}

impl MetricAlarm {
    /// Checks and compiles a definition.
    pub fn new(spec: MetricAlarmSpec) -> Result<Self, DefinitionError> {
        let invalid = |text: &str| Err(DefinitionError::Invalid(text.to_owned()));
        // A period the evaluator cannot step by would have no meaning; other limits are lints.
        if !(matches!(spec.period, 10 | 20 | 30) || (spec.period > 0 && spec.period % 60 == 0)) {
            return invalid("period must be 10, 20, 30 or a multiple of 60 seconds");
        }
        if spec.period > 604_800 || spec.evaluation_periods > 1_440 * 7 {
            return invalid("period and evaluation periods must stay within 7 days");
        }
        if spec.evaluation_periods == 0 || spec.datapoints_to_alarm == 0 {
            return invalid("evaluation periods and datapoints to alarm must be at least 1");
        }
        if !spec.threshold.is_finite() {
            return invalid("threshold must be a finite number");
        }
        if let Window::WallClock(_) = spec.window
            && !matches!(spec.period, 60 | 300 | 3_600 | 86_400 | 604_800)
        {
            return invalid("a wall-clock window needs a period of 60, 300, 3600, 86400 or 604800");
        }
        if spec.returned >= spec.queries.len() {
            return invalid("no metric returns data");
        }
        let program = Program::compile(&spec.queries, spec.returned)?;
        Ok(MetricAlarm { spec, program })
    }

    /// The compiled metric math.
    pub fn program(&self) -> &Program {
        &self.program
    }

    /// The statistic, when the returned query is a metric rather than an expression.
    pub fn direct_statistic(&self) -> Option<&Statistic> {
        match &self.spec.queries.get(self.spec.returned)?.source {
            Source::Metric { stat, .. } => Some(stat),
            Source::Expression(_) => None,
        }
    }

    /// Every metric of the alarm.
    pub fn metrics(&self) -> impl Iterator<Item = (&Query, &MetricKey, &Statistic)> {
        self.spec.queries.iter().filter_map(|query| match &query.source {
            Source::Metric { metric, stat, .. } => Some((query, metric, stat)),
            Source::Expression(_) => None,
        })
    }

    /// Period x evaluation periods exceeds a day: evaluated once an hour, up to the top of the hour.
    pub fn is_hourly(&self) -> bool {
        self.spec.period * i64::from(self.spec.evaluation_periods) > 86_400
    }
}

/// An alarm suppressor of a composite alarm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressor {
    /// `ActionsSuppressor`: name or ARN.
    pub alarm: String,
    /// `ActionsSuppressorWaitPeriod`, seconds.
    pub wait_s: i64,
    /// `ActionsSuppressorExtensionPeriod`, seconds.
    pub extension_s: i64,
}

/// A composite alarm.
#[derive(Clone, Debug)]
pub struct CompositeAlarm {
    /// `AlarmName`.
    pub name: String,
    /// The catalogue's key, or the plan's resource address.
    pub key: String,
    /// What a person needs to know.
    pub about: About,
    /// Action lists.
    pub actions: Actions,
    /// `AlarmRule` as written.
    pub rule_text: String,
    /// `AlarmRule`, parsed.
    pub rule: Rule,
    /// What silences its actions.
    pub suppressor: Option<Suppressor>,
}
