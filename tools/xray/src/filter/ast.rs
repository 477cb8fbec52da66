//! What a filter expression says, before it is judged.

use std::fmt;

use serde_json::Value;

/// A parsed filter expression.
#[derive(Debug, Clone, PartialEq)]
pub enum Expression {
    /// All of them.
    And(Vec<Expression>),
    /// Any of them.
    Or(Vec<Expression>),
    /// Not it.
    Not(Box<Expression>),
    /// A keyword, alone or compared.
    Keyword {
        /// Lower case.
        name: String,
        /// None: presence, or a boolean's truth.
        test: Option<(Operator, Literal)>,
    },
    /// `annotation[key]` or `annotation.key`.
    Annotation {
        /// Whose, inside `edge`.
        scope: Scope,
        /// Case-sensitive.
        key: String,
        /// None: presence, or a boolean's truth.
        test: Option<(Operator, Literal)>,
    },
    /// `service(target) {filter}`.
    Service {
        /// Which services.
        target: Target,
        /// What a segment of theirs must meet.
        filter: Option<Box<Expression>>,
    },
    /// `edge(source, destination) {filter}`.
    Edge {
        /// The caller.
        source: Target,
        /// The callee.
        destination: Target,
        /// What the connection must meet.
        filter: Option<Box<Expression>>,
    },
    /// `rootcause.<kind>.<level> {filter}`.
    RootCause {
        /// Of which list of root causes.
        kind: RootCauseKind,
        /// Which elements.
        level: RootCauseLevel,
        /// What an element must meet.
        filter: Option<Box<Expression>>,
    },
    /// `rootcause.json = #[...]`.
    RootCauseJson(Value),
}

/// A comparison operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Operator {
    /// `=`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `CONTAINS`
    Contains,
    /// `BEGINSWITH`
    BeginsWith,
    /// `ENDSWITH`
    EndsWith,
}

/// The value of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub enum Literal {
    /// Quoted, or a bare word.
    Text(String),
    /// A number.
    Number(f64),
    /// `true` or `false`.
    Boolean(bool),
}

/// Whose annotation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// `annotation`
    Any,
    /// `source.annotation`, inside `edge`.
    Source,
    /// `destination.annotation`, inside `edge`.
    Destination,
}

/// A service, by what is given of it; empty: every service.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Target {
    /// Its name.
    pub name: Option<String>,
    /// Its type.
    pub kind: Option<String>,
    /// Its account.
    pub account_id: Option<String>,
}

/// Which list of root causes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootCauseKind {
    /// Faults.
    Fault,
    /// Errors.
    Error,
    /// Response time.
    ResponseTime,
}

/// Which elements of a root cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RootCauseLevel {
    /// Its services.
    Service,
    /// The entities on its path, of all its services.
    Entity,
    /// The exceptions of those entities.
    Exception,
}

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Equal => "=",
            Self::NotEqual => "!=",
            Self::Less => "<",
            Self::LessOrEqual => "<=",
            Self::Greater => ">",
            Self::GreaterOrEqual => ">=",
            Self::Contains => "CONTAINS",
            Self::BeginsWith => "BEGINSWITH",
            Self::EndsWith => "ENDSWITH",
        })
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text:?}"),
            Self::Number(number) => number.fmt(f),
            Self::Boolean(boolean) => boolean.fmt(f),
        }
    }
}
