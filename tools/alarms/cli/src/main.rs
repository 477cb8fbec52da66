//! The `alarms` command; see `alarms --help`.

mod command;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    cli::exit::report("alarms", command::run(&command::Arguments::parse()).map(cli::exit::of))
}
