//! Judges an expression for one level of a trace: which keywords mean something there, and of which type they are.

use super::{
    FilterError,
    ast::{Expression, Literal, Operator, RootCauseKind, Scope},
    eval,
    keyword::{Kind, Level, lookup},
    node::{Node, Test},
    subject::Whole,
};
use crate::trace::Trace;

/// Finds the filter expression of a group.
pub trait ResolveGroup {
    /// The expression of the group with this name; `Some("")` for one that takes every trace.
    fn by_name(&self, name: &str) -> Option<String>;
    /// The same, by ARN.
    fn by_arn(&self, arn: &str) -> Option<String>;
}

/// There are no groups to refer to.
#[derive(Debug, Clone, Copy)]
pub struct NoGroups;

impl ResolveGroup for NoGroups {
    fn by_name(&self, _: &str) -> Option<String> {
        None
    }
    fn by_arn(&self, _: &str) -> Option<String> {
        None
    }
}

/// A filter that answers yes or no for a trace.
#[derive(Debug, Clone)]
pub struct Filter(Node);

impl Filter {
    /// Binds an expression to traces.
    ///
    /// # Errors
    /// A keyword that has no meaning where it stands, is compared with what it cannot be compared with, or is not
    /// supported.
    pub fn bind(expression: &Expression, groups: &dyn ResolveGroup) -> Result<Self, FilterError> {
        Ok(Self(bind(expression, Level::Trace, groups)?))
    }

    /// Parses and binds; an empty text takes every trace.
    ///
    /// # Errors
    /// As [`super::parse`] and [`Filter::bind`].
    pub fn new(text: &str, groups: &dyn ResolveGroup) -> Result<Self, FilterError> {
        if text.trim().is_empty() {
            return Ok(Self(Node::All(Vec::new())));
        }
        Self::bind(&super::parse(text)?, groups)
    }

    /// Whether the trace meets the filter.
    pub fn matches(&self, trace: &Trace) -> bool {
        eval::holds(&self.0, &Whole(trace))
    }
}

fn bind(expression: &Expression, level: Level, groups: &dyn ResolveGroup) -> Result<Node, FilterError> {
    let many = |list: &[Expression]| list.iter().map(|one| bind(one, level, groups)).collect::<Result<Vec<_>, _>>();
    let inner = |filter: &Option<Box<Expression>>, level| match filter {
        None => Ok(Box::new(Node::All(Vec::new()))),
        Some(filter) => bind(filter, level, groups).map(Box::new),
    };
    let only_for_traces = |keyword: &str| match level {
        Level::Trace | Level::Group => Ok(()),
        _ => Err(misplaced(keyword, level)),
    };
    match expression {
        Expression::And(list) => Ok(Node::All(many(list)?)),
        Expression::Or(list) => Ok(Node::Any(many(list)?)),
        Expression::Not(one) => Ok(Node::Not(Box::new(bind(one, level, groups)?))),
        Expression::Keyword { name, test } if name.starts_with("group.") => group(name, test.as_ref(), level, groups),
        Expression::Keyword { name, test } => keyword(name, test.as_ref(), level),
        Expression::Annotation { scope, key, test } => {
            if matches!(level, Level::RootCause(_)) {
                return Err(misplaced("annotation", level));
            }
            if *scope != Scope::Any && level != Level::Edge {
                let keyword = match scope {
                    Scope::Source => "source.annotation",
                    _ => "destination.annotation",
                };
                return Err(misplaced(keyword, level));
            }
            let test = match test {
                None => Test::Present,
                // The value decides the type: an annotation may be of any.
                Some((operator, literal)) => {
                    let kind = match literal {
                        Literal::Text(_) => Kind::Text,
                        Literal::Number(_) => Kind::Number,
                        Literal::Boolean(_) => Kind::Boolean,
                    };
                    comparison(&format!("annotation[{key}]"), kind, *operator, literal)?
                }
            };
            Ok(Node::Annotation(*scope, key.clone(), test))
        }
        Expression::Service { target, filter } => {
            only_for_traces("service")?;
            Ok(Node::Service(target.clone(), inner(filter, Level::Service)?))
        }
        Expression::Edge { source, destination, filter } => {
            only_for_traces("edge")?;
            let filter = inner(filter, Level::Edge)?;
            Ok(Node::Edge(source.clone(), destination.clone(), filter))
        }
        Expression::RootCause { kind: RootCauseKind::ResponseTime, .. } => {
            Err(FilterError::Unsupported("rootcause.responsetime".to_owned()))
        }
        Expression::RootCause { kind, level: of, filter } => {
            only_for_traces("rootcause")?;
            let filter = inner(filter, Level::RootCause(*of))?;
            Ok(Node::RootCause(*kind, *of, filter))
        }
        // It may name a response-time root cause, which the service does not compute.
        Expression::RootCauseJson(_) => Err(FilterError::Unsupported("rootcause.json".to_owned())),
    }
}

fn group(
    name: &str,
    test: Option<&(Operator, Literal)>,
    level: Level,
    groups: &dyn ResolveGroup,
) -> Result<Node, FilterError> {
    if level != Level::Trace {
        return Err(misplaced(name, level));
    }
    let wrong = |operation: String| FilterError::Type { keyword: name.to_owned(), kind: "group reference", operation };
    let (equal, wanted) = match test {
        Some((Operator::Equal, Literal::Text(wanted))) => (true, wanted),
        Some((Operator::NotEqual, Literal::Text(wanted))) => (false, wanted),
        Some((operator, literal)) => return Err(wrong(format!("{operator} {literal}"))),
        None => return Err(wrong("nothing".to_owned())),
    };
    let found = match name {
        "group.name" => groups.by_name(wanted),
        _ => groups.by_arn(wanted),
    };
    let text = found.ok_or_else(|| FilterError::UnknownGroup(wanted.clone()))?;
    let node =
        if text.trim().is_empty() { Node::All(Vec::new()) } else { bind(&super::parse(&text)?, Level::Group, groups)? };
    Ok(if equal { node } else { Node::Not(Box::new(node)) })
}

fn keyword(name: &str, test: Option<&(Operator, Literal)>, level: Level) -> Result<Node, FilterError> {
    // Told only by response-time root causes.
    if name == "coverage" {
        return Err(FilterError::Unsupported(name.to_owned()));
    }
    let (keyword, kind) = lookup(name).ok_or_else(|| FilterError::UnknownKeyword(name.to_owned()))?;
    if !level.has(keyword) {
        return Err(misplaced(name, level));
    }
    let test = match test {
        None => Test::Present,
        Some((operator, literal)) => comparison(name, kind, *operator, literal)?,
    };
    Ok(Node::Keyword(keyword, test))
}

fn comparison(name: &str, kind: Kind, operator: Operator, literal: &Literal) -> Result<Test, FilterError> {
    use Operator::{BeginsWith, Contains, EndsWith, Equal, NotEqual};
    let wrong = || FilterError::Type {
        keyword: name.to_owned(),
        kind: match kind {
            Kind::Boolean => "boolean",
            Kind::Number => "number",
            Kind::Text => "string",
        },
        operation: format!("{operator} {literal}"),
    };
    match (kind, literal) {
        (Kind::Boolean, literal) => {
            // "Compare the value of the keyword to the string true or false", quoted or not.
            let value = match literal {
                Literal::Boolean(value) => *value,
                Literal::Text(text) if text.eq_ignore_ascii_case("true") => true,
                Literal::Text(text) if text.eq_ignore_ascii_case("false") => false,
                _ => return Err(wrong()),
            };
            match operator {
                Equal => Ok(Test::Boolean(value)),
                NotEqual => Ok(Test::Boolean(!value)),
                _ => Err(wrong()),
            }
        }
        (Kind::Number, Literal::Number(value)) => match operator {
            Contains | BeginsWith | EndsWith => Err(wrong()),
            operator => Ok(Test::Number(operator, *value)),
        },
        (Kind::Text, Literal::Text(value)) => match operator {
            Equal | NotEqual | Contains | BeginsWith | EndsWith => Ok(Test::Text(operator, value.clone())),
            _ => Err(wrong()),
        },
        // A bare `true` where a string is expected is that word.
        (Kind::Text, Literal::Boolean(value)) => comparison(name, kind, operator, &Literal::Text(value.to_string())),
        _ => Err(wrong()),
    }
}

fn misplaced(keyword: &str, level: Level) -> FilterError {
    FilterError::Misplaced { keyword: keyword.to_owned(), place: level.place() }
}
