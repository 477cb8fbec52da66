//! Which fields there are at a place of the pipeline, and which commands may follow.

use std::collections::BTreeSet;

use super::{
    ast::{Column, Expr},
    cursor::Parsed,
};
use crate::malformed::Malformed;

const MAX_STATS: usize = 10;

#[derive(Debug, Default)]
pub(super) struct Scope {
    /// After `stats` there are its results and nothing else.
    results: Option<BTreeSet<String>>,
    /// Names that the query has made, or shown, before `stats`: they can't be made again.
    made: BTreeSet<String>,
    stats: usize,
    ordered: bool,
    deduplicated: bool,
}

impl Scope {
    /// Whether a command may come at this place.
    pub(super) fn follows(&mut self, command: &str) -> Result<(), String> {
        if self.deduplicated && command != "limit" {
            return Err("after dedup only limit may follow".into());
        }
        match command {
            "stats" if self.ordered => return Err("sort and limit must come after the last stats".into()),
            "stats" if self.stats == MAX_STATS => return Err(format!("a query has at most {MAX_STATS} stats")),
            "stats" => self.stats += 1,
            "sort" | "limit" => self.ordered = true,
            "dedup" => self.deduplicated = true,
            _ => {}
        }
        Ok(())
    }

    pub(super) fn has_column(&self, name: &str) -> bool {
        self.results.as_ref().is_some_and(|results| results.contains(name))
    }

    /// Every field of an expression is there.
    pub(super) fn knows(&self, expr: &Expr, query: &str) -> Parsed<()> {
        let mut problem = None;
        expr.walk(&mut |inner| match inner {
            Expr::Field(name, span) if !self.has(name) => {
                problem.get_or_insert_with(|| {
                    let message = format!("{name} is not among the results of the stats before");
                    Malformed::new(query, span.clone(), message)
                });
            }
            Expr::Call { function, .. } if function.name == "bin" && !self.has("@timestamp") => {
                problem.get_or_insert_with(|| {
                    let message = "bin goes by @timestamp, which is not among the results of the stats before: \
                                   keep it there as max(@timestamp) as @t, and use datefloor(@t, …)";
                    Malformed::new(query, 0..query.len(), message)
                });
            }
            Expr::Aggregate(_) => {
                problem.get_or_insert_with(|| {
                    Malformed::new(
                        query,
                        0..query.len(),
                        "only stats takes an aggregation that is not among its results",
                    )
                });
            }
            _ => {}
        });
        problem.map_or(Ok(()), Err)
    }

    /// A result of `stats`, or something inside a structure that is one.
    fn has(&self, name: &str) -> bool {
        let Some(results) = &self.results else { return true };
        results.contains(name)
            || name.match_indices('.').any(|(at, _)| name.get(..at).is_some_and(|prefix| results.contains(prefix)))
    }

    pub(super) fn projects(&mut self, columns: &[Column], query: &str) -> Parsed<()> {
        for column in columns {
            self.knows(&column.expr, query)?;
            self.makes(column, query)?;
        }
        Ok(())
    }

    pub(super) fn displays(&mut self, columns: &[Column], query: &str) -> Parsed<()> {
        self.projects(columns, query)
    }

    fn makes(&mut self, column: &Column, query: &str) -> Parsed<()> {
        if column.named && self.made.contains(&column.name) {
            let message = format!("{} is defined or shown before: give this another name", column.name);
            return Err(Malformed::new(query, column.span.clone(), message));
        }
        self.made.insert(column.name.clone());
        self.adds(std::slice::from_ref(&column.name));
        Ok(())
    }

    pub(super) fn adds(&mut self, names: &[String]) {
        if let Some(results) = &mut self.results {
            results.extend(names.iter().cloned());
        }
    }

    /// `stats` sees what is before it, and the names of its own columns as they come.
    pub(super) fn aggregates(&mut self, aggregates: &[Column], by: &[Column], query: &str) -> Parsed<()> {
        let mut results = BTreeSet::new();
        for column in by {
            self.knows(&column.expr, query)?;
            results.insert(column.name.clone());
        }
        for column in aggregates {
            self.aggregate(column, &results, query)?;
            if !results.insert(column.name.clone()) {
                let message = format!("{} is a result already: give this another name", column.name);
                return Err(Malformed::new(query, column.span.clone(), message));
            }
        }
        self.results = Some(results);
        self.made.clear();
        Ok(())
    }

    /// Outside its aggregations a column may only use results of the same `stats`.
    fn aggregate(&self, column: &Column, results: &BTreeSet<String>, query: &str) -> Parsed<()> {
        outside(&column.expr, &mut |inner| match inner {
            Expr::Aggregate(aggregate) => {
                aggregate.argument.as_ref().map_or(Ok(()), |argument| self.knows(argument, query))
            }
            Expr::Field(name, span) if !results.contains(name) => {
                let message = format!("{name} must be in an aggregation such as max({name}), or after by");
                Err(Malformed::new(query, span.clone(), message))
            }
            Expr::Call { function, .. } if function.name == "bin" => {
                Err(Malformed::new(query, column.span.clone(), "bin belongs after by, or in an aggregation"))
            }
            _ => Ok(()),
        })
    }
}

/// Visits an expression without going into its aggregations.
fn outside(expr: &Expr, see: &mut dyn FnMut(&Expr) -> Parsed<()>) -> Parsed<()> {
    see(expr)?;
    match expr {
        Expr::Literal(_) | Expr::Field(..) | Expr::Aggregate(_) => Ok(()),
        Expr::Not(inner) | Expr::Negative(inner) | Expr::Like(inner, _) => outside(inner, see),
        Expr::Binary(_, left, right) => {
            outside(left, see)?;
            outside(right, see)
        }
        Expr::In(value, list) => {
            outside(value, see)?;
            list.iter().try_for_each(|item| outside(item, see))
        }
        Expr::Call { arguments, .. } => arguments.iter().try_for_each(|argument| outside(argument, see)),
    }
}
