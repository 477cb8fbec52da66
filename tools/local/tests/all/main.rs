//! The suite on one machine, from outside. One program: most of these tests wait for a stack of their own, and wait together.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests, and their helpers fail as tests do")]

mod access;
mod alarms;
mod applied;
#[path = "../../../console/tests/console/axe.rs"]
mod axe;
mod bad_input;
#[path = "../../../console/tests/console/browser.rs"]
mod browser;
mod common;
mod console;
mod contract;
mod emitted;
mod flow;
mod keys;
mod life;
mod logs;
mod operator;
mod package;
mod parity;
mod personal_data;
#[path = "../../../console/tests/console/raw.rs"]
mod raw;
#[path = "../../../console/tests/console/running.rs"]
mod running;
mod settings;
mod traces;
mod viewer;

// Where the console's own tests look for it too.
use self::console::screenshots;
