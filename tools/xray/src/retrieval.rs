//! Retrievals of traces that Transaction Search keeps.

use std::collections::VecDeque;

use serde::Serialize;

/// Retrievals that are remembered; the oldest goes first.
const KEPT: usize = 100;
/// "Retrievals will time out after 60 minutes."
const TIMEOUT_S: f64 = 3600.0;

/// X-Ray's `RetrievalStatus`, as far as it is met here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub(crate) enum Status {
    Running,
    Complete,
    Cancelled,
    Timeout,
}

#[derive(Debug, Clone)]
pub(crate) struct Retrieval {
    pub(crate) trace_ids: Vec<String>,
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) status: Status,
    begun: f64,
}

#[derive(Debug, Default)]
pub(crate) struct Retrievals {
    kept: VecDeque<(String, Retrieval)>,
    begun: u64,
}

impl Retrievals {
    /// The token that its results are asked for with.
    pub(crate) fn start(&mut self, trace_ids: Vec<String>, start: f64, end: f64, now: f64) -> String {
        self.begun += 1;
        let token = format!("retrieval-{:08}", self.begun);
        let retrieval = Retrieval { trace_ids, start, end, status: Status::Running, begun: now };
        if self.kept.len() == KEPT {
            self.kept.pop_front();
        }
        self.kept.push_back((token.clone(), retrieval));
        token
    }

    /// As it stands. Whoever asks first is told that it runs, as on AWS: a client that does not ask again is found out here.
    pub(crate) fn look(&mut self, token: &str, now: f64) -> Option<Retrieval> {
        let (_, retrieval) = self.kept.iter_mut().find(|(known, _)| known == token)?;
        if now - retrieval.begun > TIMEOUT_S {
            retrieval.status = Status::Timeout;
        }
        let seen = retrieval.clone();
        if retrieval.status == Status::Running {
            retrieval.status = Status::Complete;
        }
        Some(seen)
    }

    /// False for a token that nobody has got.
    pub(crate) fn cancel(&mut self, token: &str) -> bool {
        let found = self.kept.iter_mut().find(|(known, _)| known == token);
        found.map(|(_, retrieval)| retrieval.status = Status::Cancelled).is_some()
    }
}
