//! Asking the services, on AWS and locally alike.

use std::{collections::BTreeMap, fmt, time::Duration};

use anyhow::{Context as _, Result, bail};
use aws_sdk_cloudwatch::{
    primitives::DateTime,
    types::{AlarmType, CompositeAlarm, Dimension, Metric, MetricAlarm, MetricDataQuery, MetricStat, ScanBy},
};
use aws_sdk_cloudwatchlogs::types::QueryStatus;
use futures::{StreamExt as _, stream};
use serde_json::json;
use tokio::sync::OnceCell;
use views::{Alarm, AlarmState, Answer, Body, Content, Point, Query, QueryKind, Range, Series, Table, Widget};

use super::{
    Answered, Wanted,
    custom::{Placed, is_own},
    keep_wanted, now, range,
};
use crate::environment::Environment;

/// Widgets that are asked for at a time: CloudWatch throttles those who ask for all at once.
pub const AT_ONCE: usize = 4;
const BETWEEN_LOOKS: Duration = Duration::from_millis(250);
/// A query that takes longer is somebody else's problem, and said so.
const PATIENCE: Duration = Duration::from_secs(30);

struct Services {
    cloudwatch: aws_sdk_cloudwatch::Client,
    logs: aws_sdk_cloudwatchlogs::Client,
    sdk: aws_config::SdkConfig,
    prefix: String,
    /// Read for the first widget that shows one.
    alarms: OnceCell<Known>,
}

/// The environment's alarms by their ARNs.
#[derive(Default)]
struct Known {
    by_arn: BTreeMap<String, Alarm>,
    /// Of metric alarms.
    definitions: BTreeMap<String, MetricAlarm>,
}

/// A dashboard as it is defined, before its widgets are asked for.
pub struct Opened {
    /// As CloudWatch has it.
    pub name: String,
    /// Its widgets.
    pub body: Body,
    /// The time shown.
    pub range: Range,
    /// In metrics' time: the local stack's may run faster than this machine's.
    pub now: i64,
    services: Services,
}

impl fmt::Debug for Opened {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Opened").field("name", &self.name).finish_non_exhaustive()
    }
}

/// A dashboard of the environment, with what it needs to answer its widgets.
pub async fn open(environment: &Environment, wanted: &Wanted) -> Result<Opened> {
    let cloudwatch = aws_sdk_cloudwatch::Client::new(&environment.sdk);
    let prefix = environment.prefix()?;
    let read = async {
        let name = find(&cloudwatch, &prefix, wanted.name.as_deref()).await?;
        let dashboard = cloudwatch.get_dashboard().dashboard_name(&name).send().await;
        let dashboard = dashboard.with_context(|| format!("can't read the dashboard {name}"))?;
        anyhow::Ok((name, dashboard.dashboard_body.unwrap_or_default()))
    };
    let (read, clock) = futures::join!(read, environment.metric_clock());
    let (name, text) = read?;
    let mut body =
        Body::parse_with(&text, &wanted.set).with_context(|| format!("the dashboard {name} can't be drawn"))?;
    keep_wanted(wanted, &mut body)?;
    let now = clock.map_or_else(|_| now(), |clock| clock.now.as_second());
    let range = range(wanted, &body, now);
    let logs = aws_sdk_cloudwatchlogs::Client::new(&environment.sdk);
    let services = Services { cloudwatch, logs, sdk: environment.sdk.clone(), prefix, alarms: OnceCell::new() };
    Ok(Opened { name, body, range, now, services })
}

impl Opened {
    /// What one widget asks for. What it can't have is said in its place: the others are still worth seeing.
    pub async fn answer(&self, environment: &Environment, index: usize, widget: &Widget) -> Answer {
        let answer = match Placed::of(&self.name, index, widget, self.range) {
            Some(placed) if is_own(environment, &placed.custom.endpoint) => {
                placed.call(environment, &placed.custom.endpoint, &json!({}), &json!({})).await.map(Answer::Custom)
            }
            _ => self.services.ask(&widget.content, &self.body, self.range, self.now).await,
        };
        answer.unwrap_or_else(|error| Answer::Failed(format!("{error:#}")))
    }
}

/// A dashboard of the environment, with the answers to all that it asks.
pub(crate) async fn look(environment: &Environment, wanted: &Wanted) -> Result<Answered> {
    let opened = open(environment, wanted).await?;
    let widgets = opened.body.widgets.iter().enumerate();
    let asked = widgets.map(|(index, widget)| opened.answer(environment, index, widget));
    let answers = stream::iter(asked).buffered(AT_ONCE).collect().await;
    let known = opened.services.alarms().await?;
    let short = |name: &str| name.trim_start_matches(&opened.services.prefix).trim_start_matches('-').to_owned();
    let states = known.by_arn.values().map(|alarm| (short(&alarm.name), alarm.state)).collect();
    let Opened { name, body, range, now, .. } = opened;
    Ok(Answered { name, body, range, now, answers, states })
}

/// The environment's dashboards.
pub async fn names(environment: &Environment) -> Result<Vec<String>> {
    list(&aws_sdk_cloudwatch::Client::new(&environment.sdk), &environment.prefix()?).await
}

async fn list(cloudwatch: &aws_sdk_cloudwatch::Client, prefix: &str) -> Result<Vec<String>> {
    let mut pages = cloudwatch.list_dashboards().dashboard_name_prefix(prefix).into_paginator().send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let entries = page.context("can't list the dashboards")?.dashboard_entries.unwrap_or_default();
        names.extend(entries.into_iter().filter_map(|entry| entry.dashboard_name));
    }
    Ok(names)
}

/// The dashboard of that name, or the only one of the environment.
async fn find(cloudwatch: &aws_sdk_cloudwatch::Client, prefix: &str, wanted: Option<&str>) -> Result<String> {
    let names = match wanted {
        // Its whole name: nothing is to be looked up.
        Some(wanted) if wanted.starts_with(&format!("{prefix}-")) => return Ok(wanted.to_owned()),
        _ => list(cloudwatch, prefix).await?,
    };
    match wanted {
        Some(wanted) => {
            let own = format!("{prefix}-{wanted}");
            Ok(names.into_iter().find(|name| *name == own).unwrap_or_else(|| wanted.to_owned()))
        }
        None => match names.as_slice() {
            [only] => Ok(only.clone()),
            [] => bail!("the environment has no dashboard whose name begins with {prefix}"),
            several => bail!("which dashboard? There are: {}", several.join(", ")),
        },
    }
}

async fn alarms(cloudwatch: &aws_sdk_cloudwatch::Client, prefix: &str) -> Result<Known> {
    let types = [AlarmType::MetricAlarm, AlarmType::CompositeAlarm];
    let call = cloudwatch.describe_alarms().alarm_name_prefix(prefix).set_alarm_types(Some(types.to_vec()));
    let mut pages = call.into_paginator().send();
    let mut known = Known::default();
    while let Some(page) = pages.next().await {
        let page = page.context("can't read the alarms")?;
        for alarm in page.composite_alarms() {
            let alarm = composite(alarm);
            known.by_arn.insert(alarm.arn.clone(), alarm);
        }
        for definition in page.metric_alarms() {
            let alarm = metric(definition);
            known.definitions.insert(alarm.arn.clone(), definition.clone());
            known.by_arn.insert(alarm.arn.clone(), alarm);
        }
    }
    Ok(known)
}

fn state(value: Option<&aws_sdk_cloudwatch::types::StateValue>) -> AlarmState {
    value.and_then(|value| AlarmState::parse(value.as_str())).unwrap_or(AlarmState::InsufficientData)
}

fn seconds(time: Option<&DateTime>) -> i64 {
    time.map_or(0, DateTime::secs)
}

fn composite(alarm: &CompositeAlarm) -> Alarm {
    Alarm {
        arn: alarm.alarm_arn().unwrap_or_default().to_owned(),
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        state: state(alarm.state_value()),
        state_since: seconds(alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp())),
        updated: seconds(alarm.state_updated_timestamp()),
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        threshold: None,
        series: Vec::new(),
    }
}

fn metric(alarm: &MetricAlarm) -> Alarm {
    let sign = match alarm.comparison_operator().map(|operator| operator.as_str()) {
        Some("GreaterThanThreshold") => ">",
        Some("LessThanThreshold") => "<",
        Some("LessThanOrEqualToThreshold") => "<=",
        _ => ">=",
    };
    Alarm {
        arn: alarm.alarm_arn().unwrap_or_default().to_owned(),
        name: alarm.alarm_name().unwrap_or_default().to_owned(),
        state: state(alarm.state_value()),
        state_since: seconds(alarm.state_transitioned_timestamp().or(alarm.state_updated_timestamp())),
        updated: seconds(alarm.state_updated_timestamp()),
        reason: alarm.state_reason().unwrap_or_default().to_owned(),
        threshold: alarm.threshold().map(|threshold| (threshold, sign.to_owned())),
        series: Vec::new(),
    }
}

impl Services {
    async fn alarms(&self) -> Result<&Known> {
        self.alarms.get_or_try_init(|| alarms(&self.cloudwatch, &self.prefix)).await
    }

    async fn ask(&self, content: &Content, body: &Body, dashboard: Range, now: i64) -> Result<Answer> {
        match content {
            Content::Text(_) | Content::Other { .. } => Ok(Answer::Nothing),
            Content::Alarm(widget) => {
                let known = &self.alarms().await?.by_arn;
                let found: Vec<_> = widget.alarms.iter().filter_map(|arn| known.get(arn)).cloned().collect();
                match widget.alarms.iter().find(|arn| !known.contains_key(*arn)) {
                    Some(arn) if found.is_empty() => bail!("there is no alarm {arn}"),
                    _ => Ok(Answer::Alarms(found)),
                }
            }
            Content::Metric(metric) => {
                let range = metric.range(dashboard, now);
                if let Some(arn) = metric.alarm() {
                    return self.alarm(arn, range).await;
                }
                let queries = metric.queries(range, body.period);
                let region = queries.iter().find_map(|query| query.region.clone());
                Ok(Answer::Metrics(self.metrics(queries.iter().map(data_query).collect(), region, range).await?, None))
            }
            Content::Log(log) => {
                let (groups, commands) = sources(&log.query);
                // Log lines have this machine's time, whatever clock the metrics have.
                let ahead = now - super::now();
                let range = Range { start: dashboard.start - ahead, end: dashboard.end - ahead };
                query(&self.logs_in(log.region.as_deref()), groups, commands, range).await.map(Answer::Rows)
            }
            Content::Custom(custom) => bail!(
                "{} is another function than this environment's viewer, and may do anything: it is called at a click in the console",
                custom.endpoint
            ),
        }
    }

    async fn alarm(&self, arn: &str, range: Range) -> Result<Answer> {
        let known = self.alarms().await?;
        let (Some(alarm), Some(definition)) = (known.by_arn.get(arn), known.definitions.get(arn)) else {
            bail!("there is no metric alarm {arn}");
        };
        let queries = if definition.metrics().is_empty() {
            let stat = definition
                .statistic()
                .map(|statistic| statistic.as_str())
                .or(definition.extended_statistic())
                .unwrap_or("Average");
            let metric = Metric::builder()
                .set_namespace(definition.namespace().map(str::to_owned))
                .set_metric_name(definition.metric_name().map(str::to_owned))
                .set_dimensions(Some(definition.dimensions().to_vec()))
                .build();
            let stat =
                MetricStat::builder().metric(metric).period(definition.period().unwrap_or(60)).stat(stat).build();
            vec![MetricDataQuery::builder().id("m1").metric_stat(stat).build()]
        } else {
            definition.metrics().to_vec()
        };
        let series = self.metrics(queries, None, range).await?;
        let alarm = Alarm {
            series: series.into_iter().map(|series| Series { label: Some(alarm.name.clone()), ..series }).collect(),
            ..alarm.clone()
        };
        Ok(Answer::Metrics(Vec::new(), Some(Box::new(alarm))))
    }

    async fn metrics(
        &self,
        queries: Vec<MetricDataQuery>,
        region: Option<String>,
        range: Range,
    ) -> Result<Vec<Series>> {
        if queries.is_empty() {
            return Ok(Vec::new());
        }
        let elsewhere = region.filter(|region| self.sdk.region().is_none_or(|own| own.as_ref() != region));
        let client = elsewhere.map(|region| {
            let config =
                aws_sdk_cloudwatch::config::Builder::from(&self.sdk).region(aws_config::Region::new(region)).build();
            aws_sdk_cloudwatch::Client::from_conf(config)
        });
        let mut pages = client
            .as_ref()
            .unwrap_or(&self.cloudwatch)
            .get_metric_data()
            .set_metric_data_queries(Some(queries))
            .start_time(DateTime::from_secs(range.start))
            .end_time(DateTime::from_secs(range.end))
            .scan_by(ScanBy::TimestampAscending)
            .into_paginator()
            .send();
        let mut found: Vec<Series> = Vec::new();
        while let Some(page) = pages.next().await {
            for result in page.context("can't read the metrics")?.metric_data_results.unwrap_or_default() {
                let points: Vec<_> = result
                    .timestamps()
                    .iter()
                    .zip(result.values())
                    .map(|(at, value)| Point(at.secs(), *value))
                    .collect();
                let (id, label) = (result.id().unwrap_or_default(), result.label().map(str::to_owned));
                // A long line comes in pieces.
                match found.iter_mut().find(|series| series.id == id && series.label == label) {
                    Some(series) => series.points.extend(points),
                    None => found.push(Series { id: id.to_owned(), label, unit: None, points }),
                }
            }
        }
        for index in 0..found.len() {
            // The label of a metric is made by whoever draws it; only several lines of one expression need the service's.
            let alone = found.iter().filter(|series| series.id == found[index].id).count() == 1;
            if alone {
                found[index].label = None;
            }
            found[index].points.sort_by_key(|point| point.0);
        }
        Ok(found)
    }

    fn logs_in(&self, region: Option<&str>) -> aws_sdk_cloudwatchlogs::Client {
        let elsewhere = region.filter(|region| self.sdk.region().is_none_or(|own| own.as_ref() != *region));
        elsewhere.map_or_else(
            || self.logs.clone(),
            |region| {
                let config = aws_sdk_cloudwatchlogs::config::Builder::from(&self.sdk)
                    .region(aws_config::Region::new(region.to_owned()))
                    .build();
                aws_sdk_cloudwatchlogs::Client::from_conf(config)
            },
        )
    }
}

/// What CloudWatch Logs Insights answers over both functions' groups, or over those that the query itself names.
pub async fn rows(environment: &Environment, text: &str, range: Range) -> Result<Table> {
    let (named, commands) = sources(text);
    let groups = if named.is_empty() { crate::commands::logs::groups(environment)?.into() } else { named };
    query(&aws_sdk_cloudwatchlogs::Client::new(&environment.sdk), groups, commands, range).await
}

async fn query(
    logs: &aws_sdk_cloudwatchlogs::Client,
    groups: Vec<String>,
    commands: &str,
    range: Range,
) -> Result<Table> {
    let call = logs.start_query().query_string(commands).start_time(range.start).end_time(range.end);
    let call = if groups.is_empty() { call } else { call.set_log_group_names(Some(groups)) };
    let id = call.send().await.map_err(refused)?.query_id.unwrap_or_default();
    let asked = std::time::Instant::now();
    loop {
        let answer = logs.get_query_results().query_id(&id).send().await.context("can't read the query's answer")?;
        match answer.status() {
            Some(QueryStatus::Complete) => return Ok(table(answer.results())),
            Some(QueryStatus::Running | QueryStatus::Scheduled) if asked.elapsed() < PATIENCE => {
                tokio::time::sleep(BETWEEN_LOOKS).await
            }
            Some(QueryStatus::Running | QueryStatus::Scheduled) => {
                bail!("its query takes longer than {} s", PATIENCE.as_secs())
            }
            other => bail!("its query ended as {}", other.map_or("unknown", |status| status.as_str())),
        }
    }
}

/// With the service's own words, which say where a query is wrong.
fn refused<E>(error: aws_sdk_cloudwatchlogs::error::SdkError<E>) -> anyhow::Error
where
    E: aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
{
    use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata as _;
    let words = error.message().map(str::to_owned);
    let error = anyhow::Error::new(error);
    match words {
        Some(words) => error.context(format!("the query is refused: {words}")),
        None => error.context("the query is refused"),
    }
}

fn data_query(query: &Query) -> MetricDataQuery {
    let builder =
        MetricDataQuery::builder().id(&query.id).return_data(query.visible).set_account_id(query.account.clone());
    let period = i32::try_from(query.period).unwrap_or(i32::MAX);
    match &query.kind {
        QueryKind::Expression(expression) => builder.expression(expression).period(period).build(),
        QueryKind::Metric { namespace, name, dimensions, stat } => {
            let dimension = |(name, value): &(String, String)| Dimension::builder().name(name).value(value).build();
            let metric = Metric::builder()
                .namespace(namespace)
                .metric_name(name)
                .set_dimensions(Some(dimensions.iter().map(dimension).collect()))
                .build();
            builder.metric_stat(MetricStat::builder().metric(metric).period(period).stat(stat).build()).build()
        }
    }
}

/// The groups that a dashboard's query begins with, `SOURCE 'group' | …`, and the query without them: StartQuery takes the groups
/// beside it.
fn sources(query: &str) -> (Vec<String>, &str) {
    let (mut groups, mut rest) = (Vec::new(), query.trim());
    while let Some((first, behind)) = rest.split_once('|') {
        let word = first.trim();
        let source = word.get(..6).filter(|start| start.eq_ignore_ascii_case("source")).map(|_| word[6..].trim());
        let Some(group) = source.and_then(|source| source.strip_prefix(['\'', '"'])?.strip_suffix(['\'', '"'])) else {
            break;
        };
        groups.push(group.to_owned());
        rest = behind.trim();
    }
    (groups, rest)
}

fn table(rows: &[Vec<aws_sdk_cloudwatchlogs::types::ResultField>]) -> Table {
    let mut table = Table::default();
    for row in rows {
        for field in row.iter().filter_map(|cell| cell.field()).filter(|field| *field != "@ptr") {
            if !table.columns.iter().any(|column| column == field) {
                table.columns.push(field.to_owned());
            }
        }
    }
    for row in rows {
        let cell = |column: &String| {
            row.iter()
                .find(|cell| cell.field() == Some(column))
                .and_then(|cell| cell.value())
                .unwrap_or_default()
                .to_owned()
        };
        table.rows.push(table.columns.iter().map(cell).collect());
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_groups_of_a_widget_are_told_from_its_query() {
        let (groups, query) =
            sources("SOURCE '/aws/lambda/a' | source \"/aws/lambda/b\" | fields @message | filter a like 'SOURCE'");
        assert_eq!(groups, ["/aws/lambda/a", "/aws/lambda/b"]);
        assert_eq!(query, "fields @message | filter a like 'SOURCE'");
        assert_eq!(sources("fields a").0, Vec::<String>::new());
        assert_eq!(sources("SOURCE logGroups() | fields a"), (Vec::new(), "SOURCE logGroups() | fields a"));
    }
}
