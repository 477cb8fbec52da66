//! The running whole: its state on disk, its processes, its start and its end.

mod condition;
mod options;
mod process;
mod start;
mod state;
mod stop;

pub(crate) use condition::{Condition, condition, differs};
pub(crate) use options::StackOptions;
pub(crate) use process::started;
pub(crate) use start::start;
pub(crate) use state::{DEFAULT_DIR, StackFile, State};
pub(crate) use stop::stop;
