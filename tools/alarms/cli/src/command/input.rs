//! What a command works on.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use alarms::{catalogue::NotEvaluated, evaluate::Options, model};
use alarms_cli::{
    project::Project,
    scenario::{self, Scenario, bind},
    sources::{self, Form, Found, Given, Group, catalogue},
};
use anyhow::{Context as _, bail};
use cli::{
    output,
    text::{clean, count},
};

use super::{How, Observability, Source};

/// So many are named one by one.
const NAMED: usize = 10;
/// What is deployed, in reports.
pub(super) const LIVE: &str = "CloudWatch";
/// Where scenarios are written, and looked for.
pub(super) const SCENARIOS: &str = "alarm-tests";

/// Alarms, and what the project says.
pub(super) struct Input {
    pub(super) project: Project,
    pub(super) found: Found,
    /// What the files are.
    pub(super) forms: Vec<(String, Form)>,
    pub(super) values: BTreeMap<String, String>,
}

impl Source {
    pub(super) fn options(&self) -> Options {
        self.how.options()
    }

    /// Whether somebody said which alarms.
    pub(super) fn is_named(&self) -> bool {
        self.live || !self.files.is_empty() || !self.plan.is_empty()
    }

    /// The files that are named, or the project's, or the folder.
    pub(super) fn paths(&self, project: &Project) -> Vec<PathBuf> {
        let named: Vec<PathBuf> = self.files.iter().chain(&self.plan).cloned().collect();
        match self.is_named() {
            true => named,
            false if project.alarms.is_empty() => vec![PathBuf::from(".")],
            false => project.alarms.clone(),
        }
    }

    /// Reads the alarms; tells once what is left out and what is not known.
    pub(super) fn read(&self) -> anyhow::Result<Input> {
        let project = Project::of(Path::new("."))?;
        let paths = self.paths(&project);
        let mut inputs = sources::gather(&paths)?;
        if self.live {
            inputs.push(deployed()?);
        }
        let input = read(inputs, project, &self.how)?;
        if input.found.is_empty() {
            let mut places: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
            places.extend(self.live.then(|| LIVE.to_owned()));
            bail!(
                "there is no alarm in {}: name a plan, a template or the answer of describe-alarms (`alarms --help`)",
                places.join(", ")
            );
        }
        tell(&input);
        Ok(input)
    }
}

impl How {
    pub(super) fn options(&self) -> Options {
        let range_beyond_n = usize::try_from(self.range_beyond_n).unwrap_or(Options::MOST_BEYOND_N);
        Options { range_beyond_n, hourly_minute: self.hourly_minute, ..Options::default() }
    }
}

#[cfg(feature = "live")]
fn deployed() -> anyhow::Result<sources::Input> {
    let deployed = alarms_cli::live::ask()?;
    for note in &deployed.notes {
        output::note(clean(note));
    }
    Ok(sources::Input { name: LIVE.to_owned(), bytes: deployed.alarms.to_string().into_bytes(), is_named: true })
}

#[cfg(not(feature = "live"))]
fn deployed() -> anyhow::Result<sources::Input> {
    bail!(
        "this `alarms` was built without the AWS SDK: `cargo install --locked --path tools/alarms/cli --features live`, or \
         `aws cloudwatch describe-alarms --alarm-types MetricAlarm CompositeAlarm LogAlarm > alarms.json`, and name alarms.json"
    )
}

/// Reads the alarms of files, gathered or named.
pub(super) fn read(inputs: Vec<sources::Input>, project: Project, how: &How) -> anyhow::Result<Input> {
    let mut values = project.values.clone();
    values.extend(how.set.iter().cloned());
    let given = Given { values: values.clone() };
    let mut found = Found::default();
    let mut forms = Vec::new();
    for input in inputs {
        match sources::read(&input, &given, &mut found) {
            Ok(form) => forms.push((input.name.clone(), form)),
            // A folder holds other files as well.
            Err(_) if !input.is_named => {}
            Err(error) => return Err(error.into()),
        }
    }
    found.settle();
    let level = match how.observability {
        Observability::Full => model::Observability::Full,
        Observability::Lean => model::Observability::Lean,
    };
    for group in &mut found.groups {
        group.catalogue = std::mem::take(&mut group.catalogue).at(level);
    }
    for (name, value) in &found.outputs {
        values.entry(name.clone()).or_insert_with(|| value.clone());
    }
    Ok(Input { project, found, forms, values })
}

impl Input {
    /// Whether the alarms are a catalogue, which says more of them than AWS's own forms.
    pub(super) fn is_catalogue(&self) -> bool {
        self.forms.iter().all(|(_, form)| matches!(form, Form::Catalogue | Form::Scenarios))
    }

    /// Every alarm that nothing can evaluate.
    pub(super) fn not_supported(&self) -> Vec<NotEvaluated> {
        self.found.groups.iter().flat_map(|group| group.catalogue.not_supported.iter().cloned()).collect()
    }

    /// Alarms that need something only AWS knows, but for those to which scenarios give it, by key or name.
    pub(super) fn open(&self, given: &BTreeSet<String>) -> Vec<NotEvaluated> {
        let open = self.found.groups.iter().flat_map(|group| &group.open).map(|open| (open, &open.alarm.spec));
        let open = open.filter(|(_, spec)| !given.contains(&spec.name) && !given.contains(&spec.key));
        open.map(|(open, spec)| NotEvaluated { alarm: spec.name.clone(), reason: open.reason() }).collect()
    }

    /// The scenarios of files and folders; without any, of those the project names, or that lie beside the alarms.
    pub(super) fn scenario_files(&self, named: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
        let paths: Vec<PathBuf> = if !named.is_empty() {
            named.to_vec()
        } else if !self.project.scenarios.is_empty() {
            self.project.scenarios.clone()
        } else {
            let folder = Path::new(SCENARIOS);
            let beside =
                self.forms.iter().filter(|(_, form)| *form == Form::Scenarios).map(|(file, _)| PathBuf::from(file));
            let beside = beside.filter(|file| !file.starts_with(folder));
            folder.is_dir().then(|| folder.to_owned()).into_iter().chain(beside).collect()
        };
        scenario_files(&paths)
    }

    /// The scenarios of files over one group.
    pub(super) fn scenarios(
        &self,
        files: &[(PathBuf, scenario::File)],
        group: &Group,
    ) -> anyhow::Result<Vec<Scenario>> {
        let mut scenarios = Vec::new();
        for (path, file) in files {
            scenarios.extend(file.scenarios(group).with_context(|| path.display().to_string())?);
        }
        bind(&mut scenarios, group);
        Ok(scenarios)
    }

    /// Reads scenario files, their placeholders filled where a value is known.
    pub(super) fn read_scenarios(&self, files: &[PathBuf]) -> anyhow::Result<Vec<(PathBuf, scenario::File)>> {
        let read_one = |path: &PathBuf| {
            let name = path.display().to_string();
            let bytes = std::fs::read(path).with_context(|| format!("cannot read {name}"))?;
            let text = catalogue::fill(&sources::decode(&name, &bytes)?, &self.values);
            let file = scenario::File::parse(&name, &text).with_context(|| name.clone())?;
            Ok((path.clone(), file))
        };
        files.iter().map(read_one).collect()
    }
}

/// What a person must know of how the alarms were read.
fn tell(input: &Input) {
    let found = &input.found;
    for note in &found.notes {
        output::note(clean(note));
    }
    if found.unknown > 0 {
        output::note(format_args!(
            "{} known only after the apply or the deployment: {}",
            count(found.unknown, "value"),
            if found.unknown == 1 { "it stands for itself" } else { "they stand for themselves" }
        ));
    }
    tell_left_out(&input.not_supported());
}

/// Alarms that are not evaluated, and why.
pub(super) fn tell_left_out(left_out: &[NotEvaluated]) {
    for left_out in left_out.iter().take(NAMED) {
        output::note(format_args!("not evaluated: {}: {}", clean(&left_out.alarm), clean(&left_out.reason)));
    }
    if left_out.len() > NAMED {
        output::note(format_args!("... and {} more (--json lists them)", left_out.len() - NAMED));
    }
}

/// The YAML files of some files and folders.
pub(super) fn scenario_files(paths: &[PathBuf]) -> anyhow::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let entries = std::fs::read_dir(path).with_context(|| path.display().to_string())?;
        for entry in entries {
            let file = entry.with_context(|| path.display().to_string())?.path();
            let is_yaml = file.extension().is_some_and(|extension| extension == "yaml" || extension == "yml");
            if is_yaml && file.file_stem().is_none_or(|stem| stem != "baseline") {
                files.push(file);
            }
        }
    }
    files.sort();
    Ok(files)
}

pub(super) fn read_text(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
