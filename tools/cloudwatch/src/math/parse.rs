//! Text to [`Expr`]. Precedence, from loose to tight: OR, AND, comparison, + -, * /, unary minus, ^.

use super::{
    ast::{Aggregate, Expr, Fill, Function, Operator},
    error::{MathError, syntax},
    lex::{Token, lex},
};

/// Deeper nesting than this is refused rather than risking the stack.
const MAX_DEPTH: usize = 64;

/// Functions CloudWatch has that have no offline meaning, or that alarms cannot use.
const ELSEWHERE: &[&str] =
    &["ANOMALY_DETECTION_BAND", "DB_PERF_INSIGHTS", "INSIGHT_RULE_METRIC", "LAMBDA", "SEARCH", "SERVICE_QUOTA"];

/// Parses metric math.
pub fn parse(text: &str) -> Result<Expr, MathError> {
    if text.trim_start().get(..6).is_some_and(|head| head.eq_ignore_ascii_case("select")) {
        return Err(MathError::NotSupported("Metrics Insights queries".into()));
    }
    let tokens = lex(text)?;
    let mut parser = Parser { tokens, next: 0, depth: 0, end: text.chars().count() + 1 };
    let expr = parser.either()?;
    match parser.peek() {
        None => Ok(expr),
        Some(_) => Err(parser.wrong("an operator or the end was expected")),
    }
}

struct Parser {
    tokens: Vec<(usize, Token)>,
    next: usize,
    depth: usize,
    end: usize,
}

impl Parser {
    fn peek(&self) -> Option<&Token> {
        self.tokens.get(self.next).map(|(_, token)| token)
    }

    fn wrong(&self, message: &str) -> MathError {
        let at = self.tokens.get(self.next).map_or(self.end - 1, |(at, _)| *at);
        syntax(at, message.to_owned())
    }

    fn sign(&mut self, sign: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Sign(s)) if *s == sign);
        self.next += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Some(Token::Word(w)) if w == word);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, sign: &str) -> Result<(), MathError> {
        if self.sign(sign) { Ok(()) } else { Err(self.wrong(&format!("`{sign}` was expected"))) }
    }

    fn either(&mut self) -> Result<Expr, MathError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(MathError::NotSupported(format!("nesting deeper than {MAX_DEPTH}")));
        }
        let mut left = self.both()?;
        while self.sign("||") || self.word("OR") {
            left = binary(Operator::Or, left, self.both()?);
        }
        self.depth -= 1;
        Ok(left)
    }

    fn both(&mut self) -> Result<Expr, MathError> {
        let mut left = self.comparison()?;
        while self.sign("&&") || self.word("AND") {
            left = binary(Operator::And, left, self.comparison()?);
        }
        Ok(left)
    }

    fn chain(
        &mut self,
        signs: &[(&str, Operator)],
        tighter: fn(&mut Self) -> Result<Expr, MathError>,
    ) -> Result<Expr, MathError> {
        let mut left = tighter(self)?;
        while let Some((_, operator)) = signs.iter().find(|(sign, _)| self.sign(sign)) {
            left = binary(*operator, left, tighter(self)?);
        }
        Ok(left)
    }

    fn comparison(&mut self) -> Result<Expr, MathError> {
        const SIGNS: &[(&str, Operator)] = &[
            ("==", Operator::Equal),
            ("!=", Operator::NotEqual),
            ("<=", Operator::LessOrEqual),
            (">=", Operator::GreaterOrEqual),
            ("<", Operator::Less),
            (">", Operator::Greater),
        ];
        self.chain(SIGNS, Self::sum)
    }

    fn sum(&mut self) -> Result<Expr, MathError> {
        self.chain(&[("+", Operator::Add), ("-", Operator::Subtract)], Self::product)
    }

    fn product(&mut self) -> Result<Expr, MathError> {
        self.chain(&[("*", Operator::Multiply), ("/", Operator::Divide)], Self::unary)
    }

    fn unary(&mut self) -> Result<Expr, MathError> {
        let mut minuses = 0;
        while self.sign("-") {
            minuses += 1;
        }
        let mut expr = self.power()?;
        // Two minuses cancel; a long row of them must not become a deep tree.
        if minuses % 2 == 1 {
            expr = Expr::Negate(Box::new(expr));
        }
        Ok(expr)
    }

    fn power(&mut self) -> Result<Expr, MathError> {
        let base = self.atom()?;
        if !self.sign("^") {
            return Ok(base);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(MathError::NotSupported(format!("nesting deeper than {MAX_DEPTH}")));
        }
        let exponent = self.unary()?;
        self.depth -= 1;
        Ok(binary(Operator::Power, base, exponent))
    }

    fn atom(&mut self) -> Result<Expr, MathError> {
        if self.sign("(") {
            let inner = self.either()?;
            self.expect(")")?;
            return Ok(inner);
        }
        if self.sign("[") {
            let items = self.list("]")?;
            return Ok(Expr::Array(items));
        }
        match self.peek().cloned() {
            Some(Token::Number(value)) => {
                self.next += 1;
                Ok(Expr::Number(value))
            }
            Some(Token::Word(word)) => {
                let at = self.tokens.get(self.next).map_or(0, |(at, _)| *at);
                self.next += 1;
                if self.sign("(") {
                    self.call(&word, at)
                } else if word.starts_with(|c: char| c.is_ascii_lowercase()) {
                    Ok(Expr::Id { name: word, slot: usize::MAX })
                } else {
                    Err(syntax(at, format!("`{word}` is not an id: ids begin with a lower-case letter")))
                }
            }
            _ => Err(self.wrong("a number, an id or a function was expected")),
        }
    }

    fn list(&mut self, close: &str) -> Result<Vec<Expr>, MathError> {
        let mut items = vec![self.either()?];
        while self.sign(",") {
            items.push(self.either()?);
        }
        self.expect(close)?;
        Ok(items)
    }

    fn call(&mut self, name: &str, at: usize) -> Result<Expr, MathError> {
        match name {
            "METRICS" => {
                let mut part = None;
                if let Some(Token::Text(text)) = self.peek().cloned() {
                    self.next += 1;
                    part = Some(text);
                }
                self.expect(")")?;
                return Ok(Expr::Metrics(part));
            }
            "FILL" => return self.fill(),
            "SORT" => return self.sort(),
            _ => {}
        }
        if ELSEWHERE.contains(&name) {
            return Err(MathError::NotSupported(format!("function {name}")));
        }
        let Some((_, function, arity)) = Function::ALL.iter().find(|(known, _, _)| *known == name) else {
            return Err(syntax(at, format!("there is no function `{name}`")));
        };
        let arguments = self.list(")")?;
        if !arity.contains(&arguments.len()) {
            let given = arguments.len();
            return Err(syntax(at, format!("{name} does not take {given} argument(s)")));
        }
        Ok(Expr::Call(*function, arguments))
    }

    fn fill(&mut self) -> Result<Expr, MathError> {
        let series = self.either()?;
        self.expect(",")?;
        let fill = if self.word("REPEAT") {
            Fill::Repeat
        } else if self.word("LINEAR") {
            Fill::Linear
        } else {
            Fill::With(Box::new(self.either()?))
        };
        self.expect(")")?;
        Ok(Expr::Fill(Box::new(series), fill))
    }

    fn sort(&mut self) -> Result<Expr, MathError> {
        let array = self.either()?;
        self.expect(",")?;
        let by = [("SUM", Aggregate::Sum), ("AVG", Aggregate::Avg), ("MIN", Aggregate::Min), ("MAX", Aggregate::Max)];
        let Some((_, by)) = by.into_iter().find(|(word, _)| self.word(word)) else {
            return Err(self.wrong("AVG, MIN, MAX or SUM was expected"));
        };
        self.expect(",")?;
        let descending = match (self.word("DESC"), self.word("ASC")) {
            (false, false) => return Err(self.wrong("ASC or DESC was expected")),
            (descending, _) => descending,
        };
        let count = if self.sign(",") { Some(Box::new(self.either()?)) } else { None };
        self.expect(")")?;
        Ok(Expr::Sort(Box::new(array), by, descending, count))
    }
}

fn binary(operator: Operator, left: Expr, right: Expr) -> Expr {
    Expr::Binary(operator, Box::new(left), Box::new(right))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arithmetic_binds_as_usual() {
        assert_eq!(parse("a + b * c"), parse("a + (b * c)"));
        assert_eq!(parse("a - b - c"), parse("(a - b) - c"));
        assert_eq!(parse("a ^ b ^ c"), parse("a ^ (b ^ c)"));
        assert_eq!(parse("-a ^ 2"), parse("-(a ^ 2)"));
        assert_eq!(parse("a > 1 AND b < 2 OR c"), parse("((a > 1) && (b < 2)) || c"));
        assert_eq!(parse("100*e/r >= 5"), parse("((100*e)/r) >= 5"));
    }

    #[test]
    fn mistakes_are_located() {
        let error = |text: &str| parse(text).unwrap_err().to_string();
        assert_eq!(error("m1 +"), "a number, an id or a function was expected at character 5");
        assert_eq!(error("NOPE(m1)"), "there is no function `NOPE` at character 1");
        assert_eq!(error("IF(m1)"), "IF does not take 1 argument(s) at character 1");
        assert_eq!(error("1 + M1"), "`M1` is not an id: ids begin with a lower-case letter at character 5");
        assert_eq!(error("SEARCH('x')"), "not supported: function SEARCH");
        assert_eq!(error("SELECT AVG(x)"), "not supported: Metrics Insights queries");
    }

    #[test]
    fn deep_nesting_is_refused_not_overflowed() {
        let deep = format!("{}m{}", "(".repeat(50_000), ")".repeat(50_000));
        assert!(matches!(parse(&deep), Err(MathError::NotSupported(_))));
        assert!(matches!(parse(&format!("m{}", "^m".repeat(50_000))), Err(MathError::NotSupported(_))));
        assert!(parse(&format!("{}m", "-".repeat(1_001))).is_ok());
    }
}
