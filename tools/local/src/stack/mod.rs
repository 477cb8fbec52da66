//! The running whole: its state on disk, its processes, its start and its end.

mod condition;
mod lock;
mod members;
mod options;
mod start;
mod state;
mod stop;
mod watch;

pub(crate) use condition::{Condition, condition, differs};
pub(crate) use members::{ID_VARIABLE, boot_id, kill, kill_others, of, started};
pub(crate) use options::StackOptions;
pub(crate) use start::start;
pub(crate) use state::{DEFAULT_DIR, StackFile, State};
pub(crate) use stop::stop;
pub(crate) use watch::until_it_is_not_named;
