//! `local up`: from nothing, or from whatever a crash has left, to a stack that has stored an order.

use std::{
    fs::{self, File},
    os::unix::process::CommandExt as _,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};

use crate::{
    cli::{PORT, STATE, UpArgs},
    down,
    facts::Facts,
    first_order,
    http::{self, HttpClient},
    names::{ENVIRONMENT, Names},
    output,
    plane::{HEALTH, Health},
    progress::Progress,
    provision::{self, Clients},
    state::{PlaneFile, State},
};

const PLANE_WITHIN: Duration = Duration::from_secs(90);

/// What starting or refreshing a stack takes.
struct Up<'a> {
    facts: &'a Facts,
    state: &'a State,
    args: &'a UpArgs,
    names: Names,
    /// The hash of the packages that are to run.
    packages: String,
    http: HttpClient,
    progress: Progress,
}

pub(crate) async fn run(facts: &Facts, state: &State, args: &UpArgs) -> Result<()> {
    let up = Up {
        facts,
        state,
        args,
        names: Names::new(&args.project_name, ENVIRONMENT, &args.region),
        packages: provision::package_hashes(&args.dist)?,
        http: http::client(),
        progress: Progress::begin(),
    };
    match condition(state, &up.http).await? {
        Condition::Up(plane) => return up.refresh(&plane).await,
        Condition::Bare(_) | Condition::Broken => {
            up.progress.step("a stack that broke is in the way: clearing it");
            down::end(state).await?;
        }
        Condition::Down => state.clear()?,
    }

    up.progress.step("starting the emulator");
    let plane = start_plane(facts, state, args).await?;
    let result = up.build(&plane).await;
    if result.is_err()
        && let Err(error) = down::end(state).await
    {
        // Half a stack would say that it is up.
        eprintln!("local: {error:#}");
    }
    result
}

impl Up<'_> {
    async fn build(&self, plane: &PlaneFile) -> Result<()> {
        let (endpoint, region) = (plane.endpoint(), self.names.region());
        let clients = Clients::new(&endpoint, region).await;
        let outputs =
            provision::run(self.facts, &self.names, &endpoint, &self.args.dist, &clients, &self.progress).await?;
        let api_url = outputs["api_url"].clone();
        let xray_daemon = plane.xray_daemon.context("the plane does not say where traces go")?;

        self.progress.step("sending the first order");
        let order_id = first_order::send(&self.http, &api_url, &clients.dynamodb, &self.names.table()).await?;
        self.state.set_packages(&self.packages)?;
        self.state.set_outputs(&outputs)?;
        self.state.set_env(&provision::client_environment(&endpoint, region, xray_daemon))?;
        self.progress.step("stored:");
        first_order::show(&order_id, self.state.dir())?;
        tell(self.state.dir(), &api_url, Some(&order_id))
    }

    /// The stack is up: only packages that have changed since are put into it.
    async fn refresh(&self, plane: &PlaneFile) -> Result<()> {
        if let Some(other) = differs(plane, self.args) {
            bail!("the stack is up with {other}: `make destroy ENVIRONMENT=local` first");
        }
        let outputs = self.state.outputs()?;
        let api_url =
            outputs.get("api_url").context("outputs.json has no api_url: run `make destroy ENVIRONMENT=local`")?;
        if self.state.packages().is_some_and(|known| known == self.packages) {
            eprintln!("The local stack is up already.");
            return tell(self.state.dir(), api_url, None);
        }
        self.progress.step("the stack is up; the packages have changed: updating the functions");
        let clients = Clients::new(&plane.endpoint(), self.names.region()).await;
        provision::update_code(&self.names, &self.args.dist, &clients.lambda).await?;
        let order_id = first_order::send(&self.http, api_url, &clients.dynamodb, &self.names.table()).await?;
        self.state.set_packages(&self.packages)?;
        tell(self.state.dir(), api_url, Some(&order_id))
    }
}

pub(crate) enum Condition {
    Up(PlaneFile),
    /// The plane runs, and nothing is known to be provisioned in it.
    Bare(PlaneFile),
    /// Some of it runs, or some of it is missing.
    Broken,
    Down,
}

pub(crate) async fn condition(state: &State, http: &HttpClient) -> Result<Condition> {
    let Some(plane) = state.plane()? else { return Ok(Condition::Down) };
    let url = format!("http://127.0.0.1:{}{HEALTH}", plane.port);
    let healthy = match http::get(http, &url).await {
        Ok((status, body)) if status.is_success() => {
            serde_json::from_slice::<Health>(&body).is_ok_and(|health| health.emulator_is_up)
        }
        _ => false,
    };
    Ok(match healthy {
        true if state.outputs().is_ok() => Condition::Up(plane),
        true => Condition::Bare(plane),
        false => Condition::Broken,
    })
}

/// What was asked for, and the running stack does not have.
pub(crate) fn differs(plane: &PlaneFile, args: &UpArgs) -> Option<String> {
    if args.port.is_some_and(|port| port != 0 && port != plane.port) {
        return Some(format!("port {}", plane.port));
    }
    if args.time_scale.is_some_and(|scale| scale != plane.time_scale) {
        return Some(format!("time scale {}", plane.time_scale));
    }
    let (asked, has) = ((&args.project_name, &args.region), (&plane.project_name, &plane.region));
    (asked != has).then(|| format!("the project name {} in {}", plane.project_name, plane.region))
}

/// Starts `local serve` so that it outlives this command, and waits for its state file.
pub(crate) async fn start_plane(facts: &Facts, state: &State, args: &UpArgs) -> Result<PlaneFile> {
    let log = state.log("plane");
    let out = File::create(&log).with_context(|| format!("can't write {}", log.display()))?;
    let mut child = Command::new(std::env::current_exe()?)
        .arg("--dir")
        .arg(fs::canonicalize(state.dir())?)
        .arg("--project")
        .arg(fs::canonicalize(facts.project())?)
        .args(["serve", "--project-name", &args.project_name, "--region", &args.region])
        .args(["--time-scale", &args.time_scale.unwrap_or(1.0).to_string()])
        .args(["--port", &args.port.unwrap_or(PORT).to_string(), "--python"])
        .arg(std::path::absolute(&args.python)?)
        .stdin(Stdio::null())
        .stdout(out.try_clone()?)
        .stderr(out)
        // A group of its own: a Ctrl-C here does not reach it, and all of it can be ended at once.
        .process_group(0)
        .spawn()?;
    let begun = Instant::now();
    loop {
        if let Some(plane) = state.plane()? {
            // Were it not waited for, its process group would seem to live on after its end.
            std::thread::spawn(move || child.wait());
            return Ok(plane);
        }
        if let Some(status) = child.try_wait()? {
            match last_words(&log) {
                Some(words) => bail!("{words}"),
                None => bail!("the plane ended at once, {status}: see {}", log.display()),
            }
        }
        if begun.elapsed() > PLANE_WITHIN {
            give_up_on(&mut child);
            bail!("the plane is not up within {} s: see {}", PLANE_WITHIN.as_secs(), log.display());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

fn give_up_on(child: &mut Child) {
    if let Err(error) = child.kill().and_then(|()| child.wait().map(drop)) {
        eprintln!("process {} can't be ended: {error}", child.id());
    }
}

/// Why the plane ended, as it told.
fn last_words(log: &Path) -> Option<String> {
    let text = fs::read_to_string(log).unwrap_or_default();
    Some(text.lines().last()?.strip_prefix("local: ")?.to_owned())
}

/// Data on stdout, so that a script can take it; the rest is for people.
pub(crate) fn tell(dir: &Path, api_url: &str, order_id: Option<&str>) -> Result<()> {
    output::line(api_url)?;
    let elsewhere = if dir == Path::new(STATE) { String::new() } else { format!(" LOCAL_DIR={}", dir.display()) };
    let dir = dir.display();
    let trace = order_id.unwrap_or("<orderId>");
    let order = order_id.map(|id| format!("order {id} is stored\n\n")).unwrap_or_default();
    eprintln!(
        "\n{order}Next:\n  \
         curl -X POST '{api_url}' -H 'Content-Type: application/json' -d @tools/orders/sample.json\n  \
         make status ENVIRONMENT=local{elsewhere}\n  \
         make logs-processor ENVIRONMENT=local{elsewhere}\n  \
         make alarms ENVIRONMENT=local{elsewhere}\n  \
         make trace ENVIRONMENT=local{elsewhere} ORDER={trace}\n  \
         make dynamodb-scan ENVIRONMENT=local{elsewhere}\n  \
         . {dir}/env                               # any AWS client finds the stack\n  \
         make destroy ENVIRONMENT=local{elsewhere}"
    );
    Ok(())
}
