//! What was refused, and why: a sender over UDP hears of it nowhere else.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use crate::document::Rejection;

/// How many refusals are kept to be looked at.
pub(super) const KEPT: usize = 64;

/// Refusals of one kind.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// X-Ray's error code, for example `InvalidName`.
    pub code: String,
    /// How many since the start.
    pub count: u64,
    /// What was wrong with the latest, in words.
    pub latest: String,
}

#[derive(Debug, Default)]
pub(super) struct Refusals {
    latest: VecDeque<Rejection>,
    by_code: BTreeMap<&'static str, (u64, String)>,
}

impl Refusals {
    pub(super) fn add(&mut self, rejection: Rejection) {
        let (count, latest) = self.by_code.entry(rejection.code).or_default();
        *count += 1;
        latest.clone_from(&rejection.cause);
        if self.latest.len() == KEPT {
            self.latest.pop_front();
        }
        self.latest.push_back(rejection);
    }

    /// Oldest first.
    pub(super) fn latest(&self) -> Vec<Rejection> {
        self.latest.iter().cloned().collect()
    }

    pub(super) fn by_code(&self) -> Vec<Refused> {
        let refused = |(code, (count, latest)): (&&str, &(u64, String))| Refused {
            code: (*code).to_owned(),
            count: *count,
            latest: latest.clone(),
        };
        self.by_code.iter().map(refused).collect()
    }
}
