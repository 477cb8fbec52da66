pub(crate) mod alarms;
pub(crate) mod logs;
pub(crate) mod outputs;
pub(crate) mod queue;
pub(crate) mod scan;
pub(crate) mod send;
pub(crate) mod status;
pub(crate) mod trace;
