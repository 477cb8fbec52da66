//! The functions of the language, by the pages of AWS's documentation.

mod date;
mod general;
mod ip;
mod json;
mod number;
mod text;

use crate::{event::Window, value::Value};

/// What a function knows besides its arguments.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Context {
    pub(crate) window: Window,
    /// The row's `@timestamp`.
    pub(crate) at: Option<i64>,
}

pub(crate) type Check = fn(&str) -> Result<(), String>;

/// What an argument must be, where it is read once with the query.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Argument {
    Any,
    Period,
    Pattern,
    Checked(Check),
}

#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: &'static str,
    least: usize,
    most: usize,
    special: &'static [(usize, Argument)],
    pub(crate) apply: fn(&[Value], &Context) -> Value,
}

const MANY: usize = usize::MAX;

/// A function whose arguments may be anything.
const fn function(name: &'static str, least: usize, most: usize, apply: fn(&[Value], &Context) -> Value) -> Function {
    Function { name, least, most, special: &[], apply }
}

impl Function {
    const fn with(self, special: &'static [(usize, Argument)]) -> Self {
        Self { special, ..self }
    }

    pub(crate) fn takes(&self, arguments: usize) -> bool {
        (self.least..=self.most).contains(&arguments)
    }

    pub(crate) fn arity(&self) -> String {
        match (self.least, self.most) {
            (0, 0) => "no arguments".into(),
            (1, 1) => "1 argument".into(),
            (least, MANY) => format!("{least} or more arguments"),
            (least, most) if least == most => format!("{least} arguments"),
            (least, most) => format!("{least} to {most} arguments"),
        }
    }

    pub(crate) fn argument(&self, index: usize) -> Argument {
        self.special.iter().find(|(at, _)| *at == index).map_or(Argument::Any, |(_, argument)| *argument)
    }
}

fn all() -> impl Iterator<Item = &'static Function> {
    [number::FUNCTIONS, date::FUNCTIONS, general::FUNCTIONS, json::FUNCTIONS, ip::FUNCTIONS, text::FUNCTIONS]
        .into_iter()
        .flatten()
}

/// By its name, in any case.
pub(crate) fn find(name: &str) -> Option<&'static Function> {
    let name = if name.eq_ignore_ascii_case("strftime") { "formatDate" } else { name };
    all().find(|function| function.name.eq_ignore_ascii_case(name))
}

/// Functions that CloudWatch has and this library does not.
const UNSUPPORTED: [&str; 5] = ["topk", "rate", "countovertime", "sumovertime", "histogram"];

pub(crate) fn unknown(name: &str) -> String {
    if UNSUPPORTED.contains(&name.to_ascii_lowercase().as_str()) {
        format!("{name} is not supported here")
    } else {
        format!("{name} is no function")
    }
}

/// A flag as the functions on text return it: 1 or 0.
fn flag(truth: bool) -> Value {
    Value::Number(f64::from(u8::from(truth)))
}

fn number(value: Option<f64>) -> Value {
    value.filter(|number| number.is_finite()).map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests;
