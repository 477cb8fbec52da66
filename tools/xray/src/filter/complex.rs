//! Parses the complex keywords' own parts: services by name or id, root causes.

use super::{
    FilterError,
    ast::{Expression, RootCauseKind, RootCauseLevel, Target},
    lexer::Token,
    parser::Parser,
};

impl Parser {
    /// `(a)`, `(a, b)`, `()`, or nothing: what is not given is every service.
    pub(super) fn targets<const N: usize>(&mut self) -> Result<[Target; N], FilterError> {
        let mut targets = std::array::from_fn(|_| Target::default());
        if !self.take_symbol("(") || self.take_symbol(")") {
            return Ok(targets);
        }
        for (index, target) in targets.iter_mut().enumerate() {
            if index > 0 {
                self.expect_symbol(",")?;
            }
            *target = self.target()?;
        }
        self.expect_symbol(")")?;
        Ok(targets)
    }

    fn target(&mut self) -> Result<Target, FilterError> {
        match self.peek().cloned() {
            Some(Token::Text(name)) => {
                self.next += 1;
                Ok(Target { name: Some(name), ..Target::default() })
            }
            Some(Token::Word(word)) if word.eq_ignore_ascii_case("id") => {
                self.next += 1;
                self.id()
            }
            _ => Err(self.problem("expected a quoted service name or id(...)")),
        }
    }

    fn id(&mut self) -> Result<Target, FilterError> {
        let mut target = Target::default();
        self.expect_symbol("(")?;
        loop {
            let Some(Token::Word(field)) = self.peek().cloned() else {
                return Err(self.problem("expected name, type or account.id"));
            };
            let slot = match field.to_ascii_lowercase().as_str() {
                "name" => &mut target.name,
                "type" => &mut target.kind,
                "account.id" => &mut target.account_id,
                _ => return Err(self.problem("expected name, type or account.id")),
            };
            self.next += 1;
            self.expect_symbol(":")?;
            match self.peek().cloned() {
                Some(Token::Text(value)) => *slot = Some(value),
                _ => return Err(self.problem("expected a quoted value")),
            }
            self.next += 1;
            if !self.take_symbol(",") {
                break;
            }
        }
        self.expect_symbol(")")?;
        Ok(target)
    }

    pub(super) fn root_cause(&mut self, name: &str) -> Result<Expression, FilterError> {
        let unknown = || FilterError::UnknownKeyword(name.to_owned());
        let (kind, level) = match name.split('.').collect::<Vec<_>>()[..] {
            ["rootcause", kind, level] => (kind, level),
            _ => return Err(unknown()),
        };
        let kind = match kind {
            "fault" => RootCauseKind::Fault,
            "error" => RootCauseKind::Error,
            "responsetime" => RootCauseKind::ResponseTime,
            _ => return Err(unknown()),
        };
        let level = match level {
            "service" => RootCauseLevel::Service,
            "entity" => RootCauseLevel::Entity,
            "exception" => RootCauseLevel::Exception,
            _ => return Err(unknown()),
        };
        let filter = self.braces()?;
        Ok(Expression::RootCause { kind, level, filter })
    }

    pub(super) fn root_cause_json(&mut self) -> Result<Expression, FilterError> {
        self.expect_symbol("=")?;
        let Some(Token::Json(text)) = self.peek().cloned() else {
            return Err(self.problem("expected #[{...}]"));
        };
        // The documentation writes the object in one pair of braces and, in its sample, in three.
        let mut text = text.trim();
        while text.starts_with("{{") && text.ends_with("}}") {
            text = text.get(1..text.len() - 1).unwrap_or_default();
        }
        match serde_json::from_str(text) {
            Ok(value) => {
                self.next += 1;
                Ok(Expression::RootCauseJson(value))
            }
            Err(error) => Err(self.problem(format!("#[...] holds no JSON object: {error}"))),
        }
    }
}
