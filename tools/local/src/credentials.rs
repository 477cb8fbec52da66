//! A stack's keys.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A key and its secret. A stack's own are its administrator's: any other key has the rights that IAM gives it.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Credentials {
    pub(crate) access_key: String,
    pub(crate) secret_key: String,
}

impl Credentials {
    /// Random: who can't read the stack's folder can't call it.
    pub(crate) fn new() -> Self {
        let random = || Uuid::new_v4().simple().to_string();
        Self { access_key: format!("AKIA{}", &random()[..16].to_uppercase()), secret_key: random() + &random() }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Credentials").field("access_key", &self.access_key).finish_non_exhaustive()
    }
}
