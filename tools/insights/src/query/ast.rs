//! What a query says.

use std::{ops::Range, sync::Arc};

use regex::Regex;

use crate::{functions::Function, value::Value};

/// The log groups that a query names itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// `SOURCE 'group'`, as dashboards have it.
    Group(String),
    /// `SOURCE logGroups(namePrefix: […])`; without prefixes every group.
    Prefixes(Vec<String>),
}

#[derive(Debug, Clone)]
pub(crate) enum Command {
    Fields(Vec<Column>),
    Display(Vec<Column>),
    Filter(Expr),
    Stats { aggregates: Vec<Column>, by: Vec<Column> },
    Sort(Vec<Key>),
    Limit(usize),
    Dedup(Vec<Expr>),
    Parse { from: Expr, extract: Extract, into: Vec<String> },
    Unnest { list: Expr, into: String },
}

/// An expression under the name that the results give it.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) expr: Expr,
    pub(crate) named: bool,
    pub(crate) span: Range<usize>,
}

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) expr: Expr,
    pub(crate) descending: bool,
}

/// How `parse` takes a text apart. A glob is a regular expression whose groups are its stars.
#[derive(Debug, Clone)]
pub(crate) struct Extract {
    pub(crate) regex: Arc<Regex>,
    /// Groups by name; otherwise by their order.
    pub(crate) by_name: bool,
}

#[derive(Debug, Clone)]
pub(crate) enum Expr {
    Literal(Value),
    Field(String, Range<usize>),
    Not(Box<Expr>),
    Negative(Box<Expr>),
    Binary(Binary, Box<Expr>, Box<Expr>),
    /// A text or a regular expression that is somewhere in the value.
    Like(Box<Expr>, Value),
    In(Box<Expr>, Vec<Expr>),
    Call {
        function: &'static Function,
        arguments: Vec<Expr>,
    },
    Aggregate(Box<Aggregate>),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Binary {
    Or,
    And,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
    Power,
}

#[derive(Debug, Clone)]
pub(crate) struct Aggregate {
    pub(crate) function: AggregateFunction,
    /// None for `count(*)`.
    pub(crate) argument: Option<Expr>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum AggregateFunction {
    Count,
    CountDistinct,
    Sum,
    Avg,
    Min,
    Max,
    Percentile(f64),
    Stddev,
    Variance,
    Earliest,
    Latest,
    SortsFirst,
    SortsLast,
    Values,
}

impl AggregateFunction {
    /// By its name in any case; `pct` gets its percentile from the parser.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name.to_ascii_lowercase().as_str() {
            "count" => Self::Count,
            "count_distinct" | "countdistinct" => Self::CountDistinct,
            "sum" => Self::Sum,
            "avg" => Self::Avg,
            "min" => Self::Min,
            "max" => Self::Max,
            "pct" | "percentile" => Self::Percentile(f64::NAN),
            "stddev" => Self::Stddev,
            "variance" => Self::Variance,
            "earliest" => Self::Earliest,
            "latest" => Self::Latest,
            "sortsfirst" => Self::SortsFirst,
            "sortslast" => Self::SortsLast,
            "values" | "collect_values" => Self::Values,
            _ => return None,
        })
    }
}

impl Expr {
    /// Calls `see` with this expression and all inside it, outermost first.
    pub(crate) fn walk<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        match self {
            Self::Literal(_) | Self::Field(..) => {}
            Self::Not(inner) | Self::Negative(inner) | Self::Like(inner, _) => inner.walk(see),
            Self::Binary(_, left, right) => {
                left.walk(see);
                right.walk(see);
            }
            Self::In(value, list) => {
                value.walk(see);
                list.iter().for_each(|item| item.walk(see));
            }
            Self::Call { arguments, .. } => arguments.iter().for_each(|argument| argument.walk(see)),
            Self::Aggregate(aggregate) => {
                if let Some(argument) = &aggregate.argument {
                    argument.walk(see);
                }
            }
        }
    }
}
