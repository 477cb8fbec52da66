//! `suite up`: from nothing, or from whatever a crash has left, to a stack that has stored an order.

use std::path::PathBuf;

use anyhow::{Context as _, Result, anyhow, bail};
use clap::{Args, ValueEnum};
use cli::{output, progress::Steps};
use suite::{LOCAL, Names, Suite};
use tokio::signal::unix::{SignalKind, signal};

use super::{console, first_order, next_steps};
use crate::{
    clients::{self, Clients},
    http::{self, HttpClient},
    provision,
    stack::{self, Condition, StackFile, StackOptions, State},
};

/// What `up` takes.
#[derive(Debug, Clone, Args)]
pub(crate) struct UpArgs {
    #[command(flatten)]
    stack: StackOptions,
    /// The folder with the functions' zips
    #[arg(long, default_value = "dist")]
    dist: PathBuf,
    /// Who provisions the stack
    #[arg(long, value_enum, default_value_t = Provisioner::Suite)]
    provision: Provisioner,
    /// Start the console too, which ends with the stack
    #[arg(long)]
    console: bool,
}

/// Who provisions the stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Provisioner {
    /// This command, from the files that Terraform reads
    #[value(name = "local")]
    Suite,
    /// Somebody else, through the endpoint that is printed; `adopt` completes it
    None,
}

/// What starting or refreshing a stack takes.
struct Up<'a> {
    suite: &'a Suite,
    state: &'a State,
    args: &'a UpArgs,
    names: Names,
    /// The hash of the packages that are to run.
    packages: String,
    http: HttpClient,
    progress: Steps,
}

pub(crate) async fn run(suite: &Suite, state: &State, args: &UpArgs) -> Result<()> {
    state.announce();
    let _working = state.lock().await?;
    match args.provision {
        Provisioner::Suite => provisioned(suite, state, args).await,
        Provisioner::None => bare(suite, state, &args.stack).await,
    }
}

async fn provisioned(suite: &Suite, state: &State, args: &UpArgs) -> Result<()> {
    let up = Up {
        suite,
        state,
        args,
        names: Names::new(&args.stack.project_name, LOCAL, &args.stack.region),
        packages: provision::package_hashes(&suite.functions(), &args.dist)?,
        http: http::client(),
        progress: Steps::begin(),
    };
    match stack::condition(state, &up.http).await? {
        Condition::Up(stack) => match up.lost(&stack).await {
            None => return up.refresh(&stack).await,
            Some(what) => up.clear(&what).await?,
        },
        Condition::Bare(_) => up.clear("a stack that nothing was provisioned in").await?,
        Condition::Broken(what) => up.clear(&what).await?,
        Condition::Down => state.clear()?,
    }

    up.progress.step("starting the emulator");
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stack = stack::start(suite.folder(), state, &args.stack, &mut interrupt).await?;
    let result = tokio::select! {
        result = up.build(&stack) => result,
        _ = interrupt.recv() => Err(anyhow!("interrupted")),
    };
    if result.is_err()
        && let Err(error) = stack::stop(state).await
    {
        // Half a stack would say that it is up.
        cli::note!("suite: {error:#}");
    }
    result
}

impl Up<'_> {
    async fn clear(&self, what: &str) -> Result<()> {
        self.progress.step(&format!("{what} is in the way: clearing it"));
        stack::stop(self.state).await?;
        Ok(())
    }

    /// What makes a running stack useless: an emulator that was reset knows nothing of what was provisioned.
    async fn lost(&self, stack: &StackFile) -> Option<String> {
        let outputs = self.state.outputs().ok()?;
        let sqs = Clients::of(stack).await.sqs;
        let error = sqs.get_queue_attributes().queue_url(outputs.get("orders_queue_url")?).send().await.err()?;
        match error.as_service_error() {
            Some(error) if error.is_queue_does_not_exist() => {
                Some("a stack whose emulator was reset, with nothing left of what was provisioned,".to_owned())
            }
            _ => None,
        }
    }

    async fn build(&self, stack: &StackFile) -> Result<()> {
        let clients = Clients::of(stack).await;
        let endpoint = stack.endpoint();
        let outputs =
            provision::run(self.suite, &self.names, &endpoint, &self.args.dist, &clients, &self.progress).await?;
        let api_url = outputs.get(suite::output::API_URL).context("no URL of the API")?.to_owned();

        self.progress.step("sending the first order");
        let order_id = first_order::send(&self.http, &api_url, &clients.dynamodb, &self.names.table()).await?;
        self.state.set_packages(&self.packages)?;
        self.state.set_outputs(&outputs)?;
        self.state.set_env(&clients::environment(stack))?;
        let console = self.console(stack).await;
        self.progress.step("stored:");
        first_order::show(&order_id, self.state.dir())?;
        next_steps::print(self.state.dir(), &api_url, Some(&order_id), console.as_deref())
    }

    /// The stack is up: only packages that have changed since are put into it.
    async fn refresh(&self, stack: &StackFile) -> Result<()> {
        if let Some(other) = stack::differs(stack, &self.args.stack) {
            bail!("the stack is up with {other}: `make destroy ENVIRONMENT=local` first");
        }
        let outputs = self.state.outputs()?;
        let api_url = outputs
            .get(suite::output::API_URL)
            .context("outputs.json has no api_url: run `make destroy ENVIRONMENT=local`")?;
        if self.state.packages().is_some_and(|known| known == self.packages) {
            cli::note!("The local stack is up already.");
            let console = self.console(stack).await;
            return next_steps::print(self.state.dir(), api_url, None, console.as_deref());
        }
        self.progress.step("the stack is up; the packages have changed: updating the functions");
        let clients = Clients::of(stack).await;
        provision::update_code(&self.suite.functions(), &self.names, &self.args.dist, &clients.lambda).await?;
        let order_id = first_order::send(&self.http, api_url, &clients.dynamodb, &self.names.table()).await?;
        self.state.set_packages(&self.packages)?;
        let console = self.console(stack).await;
        next_steps::print(self.state.dir(), api_url, Some(&order_id), console.as_deref())
    }

    /// The console's URL, if it was asked for. A stack without it is a stack all the same.
    async fn console(&self, stack: &StackFile) -> Option<String> {
        if !self.args.console {
            return None;
        }
        self.progress.step("starting the console");
        match console::start(self.suite.folder(), self.state, stack).await {
            Ok(url) => Some(url),
            Err(error) => {
                cli::note!("no console: {error:#}");
                None
            }
        }
    }
}

/// A stack that nothing is provisioned in, for somebody else to provision. Prints its endpoint.
async fn bare(suite: &Suite, state: &State, options: &StackOptions) -> Result<()> {
    let (http, progress) = (http::client(), Steps::begin());
    let stack = match stack::condition(state, &http).await? {
        Condition::Up(_) if !state.is_provisioned_externally() => {
            bail!("the stack is up, and this command has provisioned it: run `make destroy ENVIRONMENT=local` first")
        }
        Condition::Up(stack) | Condition::Bare(stack) => match stack::differs(&stack, options) {
            Some(other) => bail!("the stack is up with {other}: `make destroy ENVIRONMENT=local` first"),
            None => stack,
        },
        Condition::Broken(what) => {
            progress.step(&format!("{what} is in the way: clearing it"));
            stack::stop(state).await?;
            start_bare(suite, state, options, &progress).await?
        }
        Condition::Down => {
            state.clear()?;
            start_bare(suite, state, options, &progress).await?
        }
    };
    output::line(stack.endpoint())
}

async fn start_bare(suite: &Suite, state: &State, options: &StackOptions, progress: &Steps) -> Result<StackFile> {
    progress.step("starting the emulator");
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stack = stack::start(suite.folder(), state, options, &mut interrupt).await?;
    state.set_env(&clients::environment(&stack))?;
    state.set_provisioned_externally()?;
    Ok(stack)
}
