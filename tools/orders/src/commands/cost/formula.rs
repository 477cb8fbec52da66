//! The formulas of `terraform/prices.json`: arithmetic on known names, in metric math's notation, and nothing else.

use anyhow::{Context as _, Result, bail};
use cloudwatch::math::{self, Expr, Operator};

/// The value of a formula, its names looked up.
pub(super) fn value(formula: &str, names: impl Fn(&str) -> Option<f64>) -> Result<f64> {
    let expression = math::parse(formula).with_context(|| format!("prices.json: `{formula}`"))?;
    of(&expression, &names).with_context(|| format!("prices.json: `{formula}`"))
}

fn of(expression: &Expr, names: &impl Fn(&str) -> Option<f64>) -> Result<f64> {
    Ok(match expression {
        Expr::Number(number) => *number,
        Expr::Id { name, .. } => names(name).with_context(|| format!("nothing is called {name}"))?,
        Expr::Binary(operator, left, right) => {
            let (left, right) = (of(left, names)?, of(right, names)?);
            match operator {
                Operator::Add => left + right,
                Operator::Subtract => left - right,
                Operator::Multiply => left * right,
                Operator::Divide => left / right,
                other => bail!("{other:?} has no place in a price"),
            }
        }
        other => bail!("a price is made of + - * / alone, not of {other:?}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_arithmetic_on_known_names() {
        let names = |name: &str| (name == "orders").then_some(30_000.0);
        assert_eq!(value("(orders * (1 + 2 / 4) + 5) / 2 - 1", names).unwrap(), 22_501.5);
        let error = |formula: &str| format!("{:#}", value(formula, names).unwrap_err());
        assert!(error("orders * nobody").ends_with("nothing is called nobody"), "{}", error("orders * nobody"));
        for wrong in ["orders > 1", "MAX(orders)", "orders *", "orders ^ 2"] {
            assert!(error(wrong).starts_with(&format!("prices.json: `{wrong}`")), "{}", error(wrong));
        }
    }
}
