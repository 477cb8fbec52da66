//! The static check: after it, evaluation cannot fail.

use super::{
    ast::{Expr, Fill, Function},
    error::MathError,
};

/// The type of an expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// S: one number.
    Scalar,
    /// TS: a time series.
    Series,
    /// TS[]: an array of time series.
    Array,
}

/// The kind of an expression whose ids have the kinds `ids`.
pub(super) fn kind(expr: &Expr, ids: &[Kind]) -> Result<Kind, MathError> {
    Ok(match expr {
        Expr::Number(_) => Kind::Scalar,
        Expr::Id { name, slot } => {
            *ids.get(*slot).ok_or_else(|| MathError::Type(format!("there is no metric or expression `{name}`")))?
        }
        Expr::Negate(inner) => kind(inner, ids)?,
        Expr::Metrics(_) => Kind::Array,
        Expr::Array(items) => {
            for item in items {
                require(item, ids, &[Kind::Series, Kind::Array], "an array")?;
            }
            Kind::Array
        }
        Expr::Binary(_, left, right) => match (kind(left, ids)?, kind(right, ids)?) {
            (Kind::Array, Kind::Array) => {
                return Err(MathError::NotSupported("an operator between two arrays".into()));
            }
            (Kind::Array, _) | (_, Kind::Array) => Kind::Array,
            (Kind::Series, _) | (_, Kind::Series) => Kind::Series,
            _ => Kind::Scalar,
        },
        Expr::Fill(inner, fill) => {
            let filled = require(inner, ids, &[Kind::Series, Kind::Array], "FILL")?;
            if let Fill::With(with) = fill {
                require(with, ids, &[Kind::Scalar, Kind::Series], "FILL")?;
            }
            filled
        }
        Expr::Sort(inner, _, _, count) => {
            require(inner, ids, &[Kind::Array], "SORT")?;
            if let Some(count) = count {
                require(count, ids, &[Kind::Scalar], "SORT")?;
            }
            Kind::Array
        }
        Expr::Call(function, arguments) => call(*function, arguments, ids)?,
    })
}

fn require(expr: &Expr, ids: &[Kind], wanted: &[Kind], by: &str) -> Result<Kind, MathError> {
    let found = kind(expr, ids)?;
    if wanted.contains(&found) {
        Ok(found)
    } else {
        let name = |kind: &Kind| match kind {
            Kind::Scalar => "a number",
            Kind::Series => "a time series",
            Kind::Array => "an array of time series",
        };
        let wanted: Vec<_> = wanted.iter().map(name).collect();
        Err(MathError::Type(format!("{by} takes {}, not {}", wanted.join(" or "), name(&found))))
    }
}

fn call(function: Function, arguments: &[Expr], ids: &[Kind]) -> Result<Kind, MathError> {
    use Kind::{Array, Scalar, Series};
    let name = function.name();
    let argument = |index: usize, wanted: &[Kind]| match arguments.get(index) {
        Some(expr) => require(expr, ids, wanted, name),
        None => Err(MathError::Type(format!("{name} lacks an argument"))),
    };
    Ok(match function {
        Function::Of(_) => match argument(0, &[Series, Array])? {
            Array => Series,
            _ => Scalar,
        },
        Function::If => {
            let mut kind = argument(0, &[Scalar, Series])?;
            for index in 1..arguments.len() {
                if argument(index, &[Scalar, Series])? == Series {
                    kind = Series;
                }
            }
            if arguments.len() < 3 && kind == Scalar {
                return Err(MathError::Type("IF over numbers needs three arguments".into()));
            }
            kind
        }
        Function::Rate | Function::Diff | Function::DiffTime | Function::RunningSum => argument(0, &[Series, Array])?,
        Function::Abs | Function::Ceil | Function::Floor | Function::Log | Function::Log10 => {
            argument(0, &[Scalar, Series, Array])?
        }
        Function::Period => {
            argument(0, &[Series])?;
            Scalar
        }
        Function::RemoveEmpty => argument(0, &[Array])?,
        Function::Slice => {
            argument(0, &[Array])?;
            for index in 1..arguments.len() {
                argument(index, &[Scalar])?;
            }
            Array
        }
        Function::TimeSeries => {
            argument(0, &[Scalar])?;
            Series
        }
        Function::DatapointCount => match argument(0, &[Series, Array])? {
            Array => Series,
            _ => Scalar,
        },
        Function::MetricCount => {
            argument(0, &[Array])?;
            Scalar
        }
        Function::First | Function::Last => {
            argument(0, &[Array])?;
            Series
        }
        Function::Minute
        | Function::Hour
        | Function::Day
        | Function::Date
        | Function::Month
        | Function::Year
        | Function::Epoch => {
            argument(0, &[Series])?;
            Series
        }
    })
}
