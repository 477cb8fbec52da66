//! The operator's tools: an environment, and all that is known of its orders. The command line is one way in, the console another.

#![warn(missing_docs)]

mod command;
mod commands;
mod environment;
mod id;
mod item;

pub use command::{Cli, run};
pub use environment::{Environment, MetricClock};

/// Alarms as they are defined, and as they stand.
pub mod alarms {
    pub use crate::commands::alarms::{Alarm, Judged, all, definitions};
}

/// Stopping and starting what takes orders from the queue.
pub mod consumer {
    pub use crate::commands::{consumer::switch, status::consumer_state as state};
}

/// Dashboards with what their widgets ask for.
pub mod dashboard {
    pub use crate::commands::dashboard::{AT_ONCE, Opened, Placed, Wanted, is_own, names, open, rows};
}

/// The dead-letter queue.
pub mod dlq {
    pub use dead_letter::meaning;

    pub use crate::commands::dlq::{Entry, Fate, Group, Selection, discard, groups, message, redrive};
}

/// Where an order is.
pub mod find {
    pub use crate::commands::find::{Answer, State, answers};
}

/// The functions' log lines.
pub mod logs {
    pub use crate::commands::logs::{
        groups,
        line::{Line, Step},
        lines,
    };
}

/// The API, the queues and the table.
pub mod order {
    pub use crate::commands::{
        queue::{Depth, Queues, read as queues},
        scan::get as stored,
        send::{Answer, SAMPLE, send},
    };
}

/// Traces of orders.
pub mod trace {
    pub use crate::{
        commands::trace::{Row, of, search},
        id::any as id,
    };
}
