//! The `alarms` command; see `alarms --help`.

mod cli;

use clap::Parser;
use std::process::ExitCode;

fn main() -> ExitCode {
    match cli::run(&cli::Arguments::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::from(1),
        Err(error) => {
            cli::output::note(format_args!("alarms: {error:#}"));
            ExitCode::from(2)
        }
    }
}
