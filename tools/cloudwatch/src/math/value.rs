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
