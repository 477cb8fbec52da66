//! What a stack is started with.

use std::path::PathBuf;

use clap::Args;

/// What a stack is started with.
#[derive(Debug, Clone, Args)]
pub(crate) struct StackOptions {
    /// The stack's port (4566); 0 takes a free one
    #[arg(long, env = "LOCAL_PORT")]
    pub(crate) port: Option<u16>,
    /// The Python that has the emulator
    #[arg(long, env = "LOCAL_PYTHON", default_value = ".venv/bin/python")]
    pub(crate) python: PathBuf,
    /// The first part of every name
    #[arg(long, env = "PROJECT_NAME", default_value = "order-processing", value_parser = project_name)]
    pub(crate) project_name: String,
    /// The region that the emulator plays
    #[arg(long, env = "AWS_REGION", default_value = "us-east-1")]
    pub(crate) region: String,
    /// How much faster than the machine's the time of metrics and alarms runs (1): at 60, a minute passes in a second
    #[arg(long, env = "LOCAL_TIME_SCALE", value_parser = time_scale)]
    pub(crate) time_scale: Option<f64>,
}

impl StackOptions {
    /// The port that is asked for, or the usual one.
    pub(crate) fn port(&self) -> u16 {
        self.port.unwrap_or(4566)
    }

    pub(crate) fn time_scale(&self) -> f64 {
        self.time_scale.unwrap_or(1.0)
    }
}

/// What Terraform would refuse on AWS is refused here too.
fn project_name(text: &str) -> Result<String, String> {
    suite::check_project_name(text, suite::LOCAL).map(|()| text.to_owned())
}

fn time_scale(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(scale) if (1.0..=600.0).contains(&scale) => Ok(scale),
        _ => Err("a number from 1 to 600".into()),
    }
}
