/// A metric-math expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Expr {
    /// A number.
    Number(f64),
    /// The id of a metric or of another expression; `slot` is its index once compiled.
    Id {
        /// As written.
        name: String,
        /// Index into the alarm's queries.
        slot: usize,
    },
    /// Unary minus.
    Negate(Box<Expr>),
    /// A binary operator.
    Binary(Operator, Box<Expr>, Box<Expr>),
    /// `[m1, m2]`.
    Array(Vec<Expr>),
    /// `METRICS()` or `METRICS("part of an id")`; becomes an array once compiled.
    Metrics(Option<String>),
    /// `FILL(m, ...)`.
    Fill(Box<Expr>, Fill),
    /// `SORT(array, by, descending, first n)`.
    Sort(Box<Expr>, Aggregate, bool, Option<Box<Expr>>),
    /// Any other function.
    Call(Function, Vec<Expr>),
}

/// Binary operators.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named after what they are.
pub enum Operator {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    And,
    Or,
}

/// What fills a gap.
#[derive(Clone, Debug, PartialEq)]
pub enum Fill {
    /// A number or another series.
    With(Box<Expr>),
    /// The last value seen.
    Repeat,
    /// A straight line between the neighbours.
    Linear,
}

/// Functions that make one number of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named after what they are.
pub enum Aggregate {
    Sum,
    Avg,
    Min,
    Max,
    StdDev,
}

/// Functions without a syntax of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)] // Named after CloudWatch's functions.
pub enum Function {
    Of(Aggregate),
    If,
    Rate,
    Diff,
    DiffTime,
    RunningSum,
    Period,
    Slice,
    RemoveEmpty,
    Abs,
    Ceil,
    Floor,
    Log,
    Log10,
    TimeSeries,
    DatapointCount,
    MetricCount,
    First,
    Last,
    Minute,
    Hour,
    Day,
    Date,
    Month,
    Year,
    Epoch,
}

impl Function {
    /// Every function [`Expr::Call`] can hold, with its name and the number of its arguments.
    pub(super) const ALL: &'static [(&'static str, Function, std::ops::RangeInclusive<usize>)] = &[
        ("SUM", Function::Of(Aggregate::Sum), 1..=1),
        ("AVG", Function::Of(Aggregate::Avg), 1..=1),
        ("MIN", Function::Of(Aggregate::Min), 1..=1),
        ("MAX", Function::Of(Aggregate::Max), 1..=1),
        ("STDDEV", Function::Of(Aggregate::StdDev), 1..=1),
        ("IF", Function::If, 2..=3),
        ("RATE", Function::Rate, 1..=1),
        ("DIFF", Function::Diff, 1..=1),
        ("DIFF_TIME", Function::DiffTime, 1..=1),
        ("RUNNING_SUM", Function::RunningSum, 1..=1),
        ("PERIOD", Function::Period, 1..=1),
        ("SLICE", Function::Slice, 2..=3),
        ("REMOVE_EMPTY", Function::RemoveEmpty, 1..=1),
        ("ABS", Function::Abs, 1..=1),
        ("CEIL", Function::Ceil, 1..=1),
        ("FLOOR", Function::Floor, 1..=1),
        ("LOG", Function::Log, 1..=1),
        ("LOG10", Function::Log10, 1..=1),
        ("TIME_SERIES", Function::TimeSeries, 1..=1),
        ("DATAPOINT_COUNT", Function::DatapointCount, 1..=1),
        ("METRIC_COUNT", Function::MetricCount, 1..=1),
        ("FIRST", Function::First, 1..=1),
        ("LAST", Function::Last, 1..=1),
        ("MINUTE", Function::Minute, 1..=1),
        ("HOUR", Function::Hour, 1..=1),
        ("DAY", Function::Day, 1..=1),
        ("DATE", Function::Date, 1..=1),
        ("MONTH", Function::Month, 1..=1),
        ("YEAR", Function::Year, 1..=1),
        ("EPOCH", Function::Epoch, 1..=1),
    ];

    /// The name CloudWatch uses.
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, function, _)| *function == self).map_or("", |(name, _, _)| name)
    }
}

impl Expr {
    /// Calls `visit` for this expression and every one below it.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&'a Expr)) {
        visit(self);
        match self {
            Expr::Number(_) | Expr::Id { .. } | Expr::Metrics(_) => {}
            Expr::Negate(inner) => inner.walk(visit),
            Expr::Binary(_, left, right) => {
                left.walk(visit);
                right.walk(visit);
            }
            Expr::Array(items) | Expr::Call(_, items) => {
                for item in items {
                    item.walk(visit);
                }
            }
            Expr::Fill(inner, fill) => {
                inner.walk(visit);
                if let Fill::With(with) = fill {
                    with.walk(visit);
                }
            }
            Expr::Sort(inner, _, _, count) => {
                inner.walk(visit);
                if let Some(count) = count {
                    count.walk(visit);
                }
            }
        }
    }
}
