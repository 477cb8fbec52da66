//! The `alarms` command; see `alarms --help`.

mod command;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    cli::exit::report("alarms", command::run(&command::Arguments::parse()).map(cli::exit::of))
}
