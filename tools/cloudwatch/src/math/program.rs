use super::{
    ast::{Expr, Fill, Function},
    error::{CompileError, MathError},
    eval::evaluate,
    parse::parse,
    types::{Kind, kind},
    value::{Grid, Points, Value, empty},
};
use crate::query::{Query, Source};

/// The metric math of one alarm, ready to run: only what the returned query needs, in order.
#[derive(Clone, Debug)]
pub struct Program {
    nodes: Vec<Option<Expr>>,
    order: Vec<usize>,
    inputs: Vec<usize>,
    returned: usize,
    pointwise: bool,
}

impl Program {
    /// Parses and checks the expressions of an alarm.
    pub fn compile(queries: &[Query], returned: usize) -> Result<Self, CompileError> {
        let math = |index: usize, error: MathError| CompileError::Math {
            id: queries.get(index).map(|q| q.id.clone()).unwrap_or_default(),
            error,
        };
        for (index, query) in queries.iter().enumerate() {
            if queries[..index].iter().any(|other| other.id == query.id) {
                return Err(CompileError::Duplicate(query.id.clone()));
            }
        }
        let mut nodes = Vec::with_capacity(queries.len());
        for (index, query) in queries.iter().enumerate() {
            nodes.push(match &query.source {
                Source::Metric { .. } => None,
                Source::Expression(text) => {
                    let parsed = parse(text).map_err(|error| math(index, error))?;
                    let resolved = resolve(parsed, queries).map_err(|error| math(index, error))?;
                    Some(resolved)
                }
            });
        }
        let mut order = Vec::new();
        visit(returned, &nodes, &mut order, &mut vec![0; nodes.len()])
            .map_err(|index| math(index, MathError::Type("the expression refers to itself".into())))?;
        let mut kinds = vec![Kind::Series; nodes.len()];
        for &index in &order {
            if let Some(Some(expr)) = nodes.get(index) {
                kinds[index] = kind(expr, &kinds).map_err(|error| math(index, error))?;
            }
        }
        if kinds.get(returned) != Some(&Kind::Series) {
            let text = "an alarm needs exactly one time series".to_owned();
            return Err(math(returned, MathError::Type(text)));
        }
        let is_metric = |index: &usize| matches!(nodes.get(*index), Some(None));
        let inputs = order.iter().copied().filter(is_metric).collect();
        let pointwise = order.iter().all(|&index| nodes[index].as_ref().is_none_or(|expr| is_pointwise(expr, &kinds)));
        Ok(Program { nodes, order, inputs, returned, pointwise })
    }

    /// Indices of the metrics that the result depends on.
    pub fn inputs(&self) -> &[usize] {
        &self.inputs
    }

    /// The expression of a query; `None` for a metric.
    pub fn expression(&self, index: usize) -> Option<&Expr> {
        self.nodes.get(index)?.as_ref()
    }

    /// The expression of the returned query; `None` for a metric.
    pub fn result(&self) -> Option<&Expr> {
        self.expression(self.returned)
    }

    /// Whether each point depends on its own period alone, so that it need not be computed again
    /// when the window slides on.
    pub fn is_pointwise(&self) -> bool {
        self.pointwise
    }

    /// The returned series over a grid; `input` gives the values of a metric by query index.
    pub fn run(&self, grid: &Grid<'_>, mut input: impl FnMut(usize) -> Points) -> Points {
        // A plain metric, the common case, needs no table.
        if self.order.len() == 1 && self.inputs.len() == 1 {
            return input(self.returned);
        }
        let mut values: Vec<Value> = vec![Value::Scalar(None); self.nodes.len()];
        for &index in &self.order {
            let value = match self.nodes.get(index) {
                Some(Some(expr)) => evaluate(expr, grid, &values),
                _ => Value::Series(input(index)),
            };
            values[index] = value;
        }
        match values.swap_remove(self.returned) {
            Value::Series(points) => points,
            // The type check leaves nothing else.
            Value::Scalar(_) | Value::Array(_) => empty(grid.len()),
        }
    }
}

/// Depth-first order; `Err` names an expression on a cycle. Marks: 1 = on the path, 2 = done.
fn visit(index: usize, nodes: &[Option<Expr>], order: &mut Vec<usize>, marks: &mut Vec<u8>) -> Result<(), usize> {
    match marks.get(index) {
        Some(1) => return Err(index),
        Some(2) | None => return Ok(()),
        _ => marks[index] = 1,
    }
    if let Some(Some(expr)) = nodes.get(index) {
        let mut needed = Vec::new();
        expr.walk(&mut |inner| {
            if let Expr::Id { slot, .. } = inner {
                needed.push(*slot);
            }
        });
        for slot in needed {
            visit(slot, nodes, order, marks)?;
        }
    }
    marks[index] = 2;
    order.push(index);
    Ok(())
}

/// Names become indices and METRICS() an array.
fn resolve(expr: Expr, queries: &[Query]) -> Result<Expr, MathError> {
    let all = |items: Vec<Expr>| -> Result<Vec<Expr>, MathError> {
        items.into_iter().map(|item| resolve(item, queries)).collect()
    };
    let boxed = |inner: Box<Expr>| resolve(*inner, queries).map(Box::new);
    Ok(match expr {
        Expr::Number(_) => expr,
        Expr::Id { name, .. } => {
            let slot = queries
                .iter()
                .position(|query| query.id == name)
                .ok_or_else(|| MathError::Type(format!("there is no metric or expression `{name}`")))?;
            Expr::Id { name, slot }
        }
        Expr::Metrics(part) => {
            let part = part.unwrap_or_default();
            let metrics: Vec<_> = queries
                .iter()
                .enumerate()
                .filter(|(_, query)| matches!(query.source, Source::Metric { .. }))
                .filter(|(_, query)| query.id.contains(&part))
                .map(|(slot, query)| Expr::Id { name: query.id.clone(), slot })
                .collect();
            if metrics.is_empty() {
                return Err(MathError::Type(format!("METRICS(\"{part}\") matches no metric")));
            }
            Expr::Array(metrics)
        }
        Expr::Negate(inner) => Expr::Negate(boxed(inner)?),
        Expr::Binary(operator, left, right) => Expr::Binary(operator, boxed(left)?, boxed(right)?),
        Expr::Array(items) => Expr::Array(all(items)?),
        Expr::Fill(inner, fill) => Expr::Fill(
            boxed(inner)?,
            match fill {
                Fill::With(with) => Fill::With(boxed(with)?),
                other => other,
            },
        ),
        Expr::Sort(inner, by, descending, count) => {
            Expr::Sort(boxed(inner)?, by, descending, count.map(boxed).transpose()?)
        }
        Expr::Call(function, arguments) => Expr::Call(function, all(arguments)?),
    })
}

fn is_pointwise(expr: &Expr, kinds: &[Kind]) -> bool {
    let mut pointwise = true;
    expr.walk(&mut |inner| {
        pointwise &= match inner {
            Expr::Fill(_, Fill::Repeat | Fill::Linear) | Expr::Sort(..) => false,
            Expr::Call(function, arguments) => match function {
                // Of an array: across series, per timestamp. Of a series: over the whole range.
                Function::Of(_) | Function::DatapointCount => {
                    arguments.first().is_some_and(|argument| kind(argument, kinds) == Ok(Kind::Array))
                }
                Function::Rate | Function::Diff | Function::DiffTime | Function::RunningSum | Function::RemoveEmpty => {
                    false
                }
                _ => true,
            },
            _ => true,
        };
    });
    pointwise
}
