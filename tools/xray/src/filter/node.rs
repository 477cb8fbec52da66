//! A filter as it is bound: every keyword known, every comparison of its type.

use super::{
    ast::{Operator, RootCauseKind, RootCauseLevel, Scope, Target},
    keyword::Keyword,
};

#[derive(Debug, Clone)]
pub(super) enum Node {
    All(Vec<Node>),
    Any(Vec<Node>),
    Not(Box<Node>),
    Keyword(Keyword, Test),
    Annotation(Scope, String, Test),
    Service(Target, Box<Node>),
    Edge(Target, Target, Box<Node>),
    RootCause(RootCauseKind, RootCauseLevel, Box<Node>),
}

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Test {
    /// Set; for a boolean: true.
    Present,
    Boolean(bool),
    Number(Operator, f64),
    Text(Operator, String),
}
