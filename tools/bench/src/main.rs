#![doc = include_str!("../README.md")]

mod callgrind;
mod check;
mod cli;
mod contestants;
mod cost;
mod events;
mod fates;
mod figures;
mod function;
mod machine;
mod messages;
mod project;
mod report;
mod results;
mod run;
mod stub;
mod surroundings;
mod train;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    match cli::run(cli::Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::from(2)
        }
    }
}
