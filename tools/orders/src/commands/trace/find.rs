//! Finds traces wherever the account keeps them: by what is indexed, by what the log lines tell, by id.

use anyhow::Result;
use aws_sdk_xray::{Client, types::TraceSegmentDestination};
use aws_smithy_types::error::display::DisplayErrorContext;
use jiff::{SignedDuration, Timestamp};
use waterfall::{Owner, Trace};

use super::{
    index::Index,
    lines::{self, Lines},
    transaction_search::TransactionSearch,
};
use crate::environment::Environment;

pub(super) struct Finder<'a> {
    environment: &'a Environment,
    source: Source,
    since: Timestamp,
}

/// Where an account's traces are.
pub(super) enum Source {
    Index(Index),
    TransactionSearch(TransactionSearch),
}

/// Traces, oldest first, with their log lines placed; and all lines that name the order, for when there is no trace.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) traces: Vec<Trace>,
    pub(super) lines: Lines,
}

impl Source {
    /// For whoever reads the answer as JSON.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Index(_) => "x-ray",
            Self::TransactionSearch(_) => "transaction-search",
        }
    }

    async fn of(environment: &Environment, since: Timestamp) -> Self {
        let xray = Client::new(&environment.sdk);
        match xray.get_trace_segment_destination().send().await {
            Ok(told) if told.destination == Some(TraceSegmentDestination::CloudWatchLogs) => {
                cli::note!(
                    "Transaction Search is on: traces are searched in the log group aws/spans and retrieved from there, \
                     for X-Ray's own index does not have them."
                );
                Self::TransactionSearch(TransactionSearch::new(&environment.sdk, xray, since))
            }
            Ok(_) => Self::Index(Index::new(xray, since)),
            Err(error) => {
                let why = DisplayErrorContext(error);
                cli::note!("Whether Transaction Search is on can't be told, so X-Ray's own index is searched: {why}");
                Self::Index(Index::new(xray, since))
            }
        }
    }
}

impl<'a> Finder<'a> {
    pub(super) async fn new(environment: &'a Environment, since: SignedDuration) -> Self {
        let since = Timestamp::now() - since;
        Self { environment, source: Source::of(environment, since).await, since }
    }

    pub(super) fn source(&self) -> &Source {
        &self.source
    }

    /// The traces of an order.
    pub(super) async fn by_order(&self, order_id: &str) -> Result<Found> {
        let mut ids = match &self.source {
            Source::Index(index) => index.of_order(order_id).await?,
            Source::TransactionSearch(search) => search.of_order(order_id).await?,
        };
        let lines = lines::read(self.environment, self.since, order_id).await;
        if ids.is_empty() {
            // The index is late, up to a minute; lines and segments may be there before it.
            ids = lines.trace_ids();
        }
        // A client may send several orders under one trace id.
        self.found(&ids, lines, |trace| trace.focus(|span| Owner::by_annotation(span, "orderId", order_id))).await
    }

    pub(super) async fn by_trace_id(&self, trace_id: &str) -> Result<Found> {
        let lines = lines::read(self.environment, self.since, trace_id).await;
        self.found(&[trace_id.to_owned()], lines, |_| {}).await
    }

    async fn found(&self, ids: &[String], lines: Lines, narrow: impl Fn(&mut Trace)) -> Result<Found> {
        let mut traces = match &self.source {
            Source::Index(index) => index.traces(ids).await?,
            Source::TransactionSearch(search) => search.traces(ids).await?,
        };
        for trace in &mut traces {
            narrow(trace);
            trace.add_logs(lines.all());
        }
        traces.sort_by(|a, b| a.start_time.total_cmp(&b.start_time));
        Ok(Found { traces, lines })
    }
}
