use crate::metric::EpochSeconds;

/// A series over the grid, oldest first; `None` is a missing datapoint.
pub type Points = smallvec::SmallVec<[Option<f64>; 1]>;

/// One period: [start, end).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot {
    /// First second; the datapoint's timestamp.
    pub start: EpochSeconds,
    /// First second after it.
    pub end: EpochSeconds,
}

/// The periods an evaluation looks at, oldest first.
#[derive(Clone, Copy, Debug)]
pub struct Grid<'a> {
    /// The periods.
    pub slots: &'a [Slot],
    /// The alarm's period in seconds.
    pub period: i64,
    /// How missing points are read where AWS's texts disagree.
    pub gaps: Gaps,
}

/// What AWS's texts on metric math leave open about missing points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Gaps {
    /// `IF` whose chosen branch has no point.
    pub if_gaps: IfGaps,
    /// Where `HOUR(m1)` and its like have points.
    pub clock: ClockPoints,
}

/// What `IF` makes of a missing point in the branch it has chosen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IfGaps {
    /// As the guide's sentences say: 0 for the branch of the true condition, nothing for the other.
    #[default]
    Text,
    /// As the guide's newer tables show: 0 where the other branch has a point, else nothing. A number is a point for the branch of
    /// the true condition, and not for the other.
    Vectors,
}

impl IfGaps {
    /// In a few words, for reports.
    pub fn words(self) -> &'static str {
        match self {
            IfGaps::Text => "the guide's text has it",
            IfGaps::Vectors => "the guide's tables have it",
        }
    }
}

/// Where `MINUTE`, `HOUR`, `DAY`, `DATE`, `MONTH`, `YEAR` and `EPOCH` of a series have points.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ClockPoints {
    /// In every period: the guide calls the result a non-sparse series.
    #[default]
    Always,
    /// Where the series has them.
    WhereTheSeriesHasThem,
}

impl ClockPoints {
    /// In a few words, for reports.
    pub fn words(self) -> &'static str {
        match self {
            ClockPoints::Always => "have a point in every period",
            ClockPoints::WhereTheSeriesHasThem => "have points where their series has",
        }
    }
}

/// A series without a datapoint.
pub(super) fn empty(len: usize) -> Points {
    Points::from_elem(None, len)
}

impl Grid<'_> {
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }
}

#[derive(Clone, Debug)]
pub(super) enum Value {
    Scalar(Option<f64>),
    Series(Points),
    Array(Vec<Points>),
}

impl Value {
    /// The value at one timestamp.
    pub(super) fn at(&self, index: usize) -> Option<f64> {
        match self {
            Value::Scalar(value) => *value,
            Value::Series(points) => points.get(index).copied().flatten(),
            Value::Array(_) => None,
        }
    }

    pub(super) fn is_scalar(&self) -> bool {
        matches!(self, Value::Scalar(_))
    }

    /// Applies `change` to every value; a result that is no number is dropped.
    pub(super) fn map(self, change: impl Fn(f64) -> f64) -> Value {
        let one = |value: Option<f64>| value.map(&change).filter(|v| v.is_finite());
        match self {
            Value::Scalar(value) => Value::Scalar(one(value)),
            Value::Series(points) => Value::Series(points.into_iter().map(one).collect()),
            Value::Array(all) => {
                Value::Array(all.into_iter().map(|points| points.into_iter().map(one).collect()).collect())
            }
        }
    }

    /// Applies `change` to every series; a number is left alone (the type check forbids it).
    pub(super) fn map_series(self, change: impl Fn(Points) -> Points) -> Value {
        match self {
            Value::Series(points) => Value::Series(change(points)),
            Value::Array(all) => Value::Array(all.into_iter().map(change).collect()),
            scalar => scalar,
        }
    }
}
