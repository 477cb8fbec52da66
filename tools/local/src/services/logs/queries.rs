//! Logs Insights' queries: begun, looked at, stopped, listed.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use aws_wire::{ApiError, Output, read};
use insights::{Event, Malformed, Query, Results, Source, Window};
use serde::Deserialize;
use serde_json::Value;
use suite::LOCAL_ACCOUNT;
use uuid::Uuid;

use super::{
    events::{Line, Lines, group_name},
    invalid, now_ms,
};

const MAX_QUERY_CHARS: usize = 10_000;
const MAX_GROUPS: usize = 50;
const MAX_LIMIT: usize = 10_000;
/// Results are kept for this many queries: the oldest goes first.
const MAX_KEPT: usize = 100;

/// Queries, oldest first.
#[derive(Debug, Default)]
pub(super) struct Queries(Arc<Mutex<Vec<Asked>>>);

#[derive(Debug)]
struct Asked {
    id: String,
    text: String,
    groups: Vec<String>,
    created: i64,
    state: State,
}

#[derive(Debug)]
enum State {
    Running,
    Complete(Arc<Results>),
    Cancelled,
    /// The query itself went wrong: a defect of the stack.
    Failed,
}

impl State {
    fn word(&self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Complete(_) => "Complete",
            Self::Cancelled => "Cancelled",
            Self::Failed => "Failed",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Start {
    log_group_name: Option<String>,
    #[serde(default)]
    log_group_names: Vec<String>,
    #[serde(default)]
    log_group_identifiers: Vec<String>,
    query_language: Option<String>,
    query_string: String,
    start_time: i64,
    end_time: i64,
    limit: Option<usize>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Id {
    query_id: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Describe {
    log_group_name: Option<String>,
    status: Option<String>,
    max_results: Option<usize>,
    next_token: Option<String>,
    query_language: Option<String>,
}

/// With the place, where AWS's clients look for it.
fn malformed(error: &Malformed) -> ApiError {
    let number = |number: usize| Output::from(i64::try_from(number).unwrap_or(i64::MAX));
    let location = Output::Map(vec![("startCharOffset", number(error.start)), ("endCharOffset", number(error.end))]);
    let compile = vec![("location", location), ("message", Output::from(error.message.clone()))];
    ApiError::new(400, "MalformedQueryException", error.to_string()).with("queryCompileError", Output::Map(compile))
}

impl Queries {
    pub(super) async fn start(&self, input: &Value, lines: &Lines) -> Result<Output, ApiError> {
        let start: Start = read(input).map_err(|error| invalid(error.message))?;
        if start.query_language.as_deref().is_some_and(|language| language != "CWLI") {
            return Err(invalid("queryLanguage is CWLI here: PPL and SQL are not supported"));
        }
        if start.query_string.chars().count() > MAX_QUERY_CHARS {
            return Err(invalid(format!("queryString has at most {MAX_QUERY_CHARS} characters")));
        }
        if start.end_time < start.start_time {
            return Err(invalid("endTime is before startTime"));
        }
        if start.limit.is_some_and(|limit| !(1..=MAX_LIMIT).contains(&limit)) {
            return Err(invalid(format!("limit is from 1 to {MAX_LIMIT}")));
        }
        let query: Query = start.query_string.parse().map_err(|error| malformed(&error))?;
        let groups = groups(&start, &query, lines).await?;
        let second = |at: i64| at.saturating_mul(1000);
        let window =
            Window { start: second(start.start_time), end: second(start.end_time).saturating_add(999), now: now_ms() };
        let mut found = Vec::with_capacity(groups.len());
        for group in &groups {
            // A group that is not there is told now, as AWS does.
            found.push((format!("{LOCAL_ACCOUNT}:{group}"), lines.read(group, window.start, Some(window.end)).await?));
        }
        let id = Uuid::new_v4().to_string();
        self.keep(Asked {
            id: id.clone(),
            text: start.query_string,
            groups,
            created: window.now,
            state: State::Running,
        });
        let (asked, place) = (Arc::clone(&self.0), id.clone());
        tokio::task::spawn_blocking(move || {
            let run =
                std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| run(&query, &found, window, start.limit)));
            let mut asked = lock(&asked);
            if let Some(asked) =
                asked.iter_mut().find(|asked| asked.id == place && matches!(asked.state, State::Running))
            {
                asked.state = run.map_or(State::Failed, |results| State::Complete(Arc::new(results)));
            }
        });
        Ok(Output::Map(vec![("queryId", Output::from(id))]))
    }

    fn keep(&self, query: Asked) {
        let mut asked = lock(&self.0);
        if asked.len() >= MAX_KEPT {
            asked.remove(0);
        }
        asked.push(query);
    }

    pub(super) fn results(&self, input: &Value) -> Result<Output, ApiError> {
        let Id { query_id } = read(input).map_err(|error| invalid(error.message))?;
        let asked = lock(&self.0);
        let query = asked.iter().find(|query| query.id == query_id).ok_or_else(|| not_found(&query_id))?;
        let mut answer = vec![("queryLanguage", Output::from("CWLI")), ("status", Output::from(query.state.word()))];
        let results = match &query.state {
            State::Complete(results) => Some(results),
            _ => None,
        };
        let rows = results.map_or_else(Vec::new, |results| results.rows.iter().map(|row| row_of(row)).collect());
        #[expect(clippy::cast_precision_loss, reason = "no stack has 2^53 lines")]
        let number = |count: Option<usize>| Output::Number(count.unwrap_or(0) as f64);
        answer.push(("results", Output::List(rows)));
        answer.push((
            "statistics",
            Output::Map(vec![
                ("recordsMatched", number(results.map(|results| results.records_matched))),
                ("recordsScanned", number(results.map(|results| results.records_scanned))),
                ("bytesScanned", number(results.map(|results| results.bytes_scanned))),
            ]),
        ));
        Ok(Output::Map(answer))
    }

    pub(super) fn stop(&self, input: &Value) -> Result<Output, ApiError> {
        let Id { query_id } = read(input).map_err(|error| invalid(error.message))?;
        let mut asked = lock(&self.0);
        let query = asked.iter_mut().find(|query| query.id == query_id).ok_or_else(|| not_found(&query_id))?;
        if !matches!(query.state, State::Running) {
            return Err(invalid(format!("The query {query_id} is not running: it is {}.", query.state.word())));
        }
        query.state = State::Cancelled;
        Ok(Output::Map(vec![("success", Output::from(true))]))
    }

    pub(super) fn describe(&self, input: &Value) -> Result<Output, ApiError> {
        let describe: Describe = read(input).map_err(|error| invalid(error.message))?;
        let page = describe.max_results.unwrap_or(MAX_KEPT);
        if !(1..=1000).contains(&page) {
            return Err(invalid("maxResults is from 1 to 1000"));
        }
        let asked = lock(&self.0);
        let wanted = |query: &&Asked| {
            describe.log_group_name.as_ref().is_none_or(|group| query.groups.contains(group))
                && describe.status.as_ref().is_none_or(|status| query.state.word() == status)
                && describe.query_language.as_ref().is_none_or(|language| language == "CWLI")
        };
        // The newest first; a page goes on behind the query that its token is.
        let behind = |token: &String| asked.iter().rev().position(|query| query.id == *token).map(|at| at + 1);
        let skip = match &describe.next_token {
            Some(token) => behind(token).ok_or_else(|| invalid("The specified nextToken is invalid."))?,
            None => 0,
        };
        let mut found = asked.iter().rev().skip(skip).filter(wanted).peekable();
        let queries: Vec<_> = found.by_ref().take(page).collect();
        let next = queries.last().filter(|_| found.peek().is_some()).map(|query| query.id.clone());
        let output = |query: &&Asked| {
            Output::Map(vec![
                ("queryLanguage", Output::from("CWLI")),
                ("queryId", Output::from(&query.id)),
                ("queryString", Output::from(&query.text)),
                ("status", Output::from(query.state.word())),
                ("createTime", Output::from(query.created)),
                ("logGroupName", Output::from(query.groups.first().cloned().unwrap_or_default())),
            ])
        };
        let mut answer = vec![("queries", Output::List(queries.iter().map(output).collect()))];
        answer.extend(next.map(|token| ("nextToken", Output::from(token))));
        Ok(Output::Map(answer))
    }
}

fn row_of(row: &[insights::Cell]) -> Output {
    let cell = |cell: &insights::Cell| {
        Output::Map(vec![("field", Output::from(&cell.field)), ("value", Output::from(&cell.value))])
    };
    Output::List(row.iter().map(cell).collect())
}

fn lock(asked: &Mutex<Vec<Asked>>) -> MutexGuard<'_, Vec<Asked>> {
    asked.lock().unwrap_or_else(PoisonError::into_inner)
}

fn not_found(id: &str) -> ApiError {
    ApiError::new(400, "ResourceNotFoundException", format!("There is no query {id}, or it is no longer kept."))
}

/// The groups of the request, or those that the query names itself.
async fn groups(start: &Start, query: &Query, lines: &Lines) -> Result<Vec<String>, ApiError> {
    let given =
        [start.log_group_name.is_some(), !start.log_group_names.is_empty(), !start.log_group_identifiers.is_empty()];
    let given = given.into_iter().filter(|given| *given).count();
    let mut names: BTreeSet<String> = start.log_group_name.iter().chain(&start.log_group_names).cloned().collect();
    names.extend(start.log_group_identifiers.iter().map(|identifier| group_name(identifier)));
    match (given, query.sources()) {
        (0, []) => {
            return Err(invalid("Give logGroupName, logGroupNames or logGroupIdentifiers, or SOURCE in the query."));
        }
        (0, sources) => {
            for source in sources {
                match source {
                    Source::Group(name) => {
                        names.insert(group_name(name));
                    }
                    Source::Prefixes(prefixes) if prefixes.is_empty() => names.extend(lines.groups("").await?),
                    Source::Prefixes(prefixes) => {
                        for prefix in prefixes {
                            names.extend(lines.groups(prefix).await?);
                        }
                    }
                }
            }
        }
        (1, []) => {}
        (1, _) => return Err(invalid("Give log groups in the request or SOURCE in the query, not both.")),
        _ => return Err(invalid("Give only one of logGroupName, logGroupNames and logGroupIdentifiers.")),
    }
    if given > 0 && names.len() > MAX_GROUPS {
        return Err(invalid(format!("A query is about at most {MAX_GROUPS} log groups.")));
    }
    Ok(names.into_iter().collect())
}

fn run(query: &Query, groups: &[(String, Vec<Line>)], window: Window, limit: Option<usize>) -> Results {
    let pointers: Vec<Vec<String>> =
        groups.iter().map(|(log, lines)| lines.iter().map(|line| format!("{log}:{}", line.id)).collect()).collect();
    let events = groups.iter().zip(&pointers).flat_map(|((log, lines), pointers)| {
        lines.iter().zip(pointers).map(move |(line, pointer)| Event {
            timestamp: line.timestamp,
            ingestion_time: line.ingestion_time,
            message: &line.message,
            stream: &line.stream,
            log,
            pointer,
        })
    });
    query.run(events, window, limit)
}
