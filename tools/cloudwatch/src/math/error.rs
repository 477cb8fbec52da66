/// Why an expression cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MathError {
    /// Not metric math.
    #[error("{message} at character {at}")]
    Syntax {
        /// Position, counted in characters from 1.
        at: usize,
        /// What was expected.
        message: String,
    },
    /// Metric math that CloudWatch has and this crate does not evaluate (or alarms cannot use).
    #[error("not supported: {0}")]
    NotSupported(String),
    /// A wrong argument, an unknown id, a result that is not one time series.
    #[error("{0}")]
    Type(String),
}

/// Why a list of metrics and expressions has no result.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompileError {
    /// Two queries of one id.
    #[error("the id `{0}` is used twice")]
    Duplicate(String),
    /// An expression that does not compile.
    #[error("expression `{id}`: {error}")]
    Math {
        /// The query.
        id: String,
        /// What is wrong with it.
        error: MathError,
    },
}

pub(super) fn syntax(at: usize, message: String) -> MathError {
    MathError::Syntax { at: at + 1, message }
}
