//! What the console is started with.

use std::path::PathBuf;

use clap::Parser;

/// The operator's console, on this machine's loopback address only.
#[derive(Debug, Parser)]
#[command(
    version,
    after_help = "The URL on stdout has a token that is made anew at each start: whoever has it may use the console.\n\
        Exit codes: 0 ended by a signal, 2 it could not start"
)]
pub(crate) struct Arguments {
    /// The environment: `local`, or one that Terraform has made
    #[arg(short, long, value_name = "NAME", env = "ENVIRONMENT")]
    pub(crate) env: Option<String>,
    /// Where the local stack keeps its state
    #[arg(long, env = "LOCAL_DIR", default_value = ".local")]
    pub(crate) local_dir: PathBuf,
    /// The port (4567, or a free one if that is taken); 0 takes a free one
    #[arg(long, env = "CONSOLE_PORT")]
    pub(crate) port: Option<u16>,
}
