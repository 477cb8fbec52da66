//! Which alarms were muted from here, and until when.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use jiff::Timestamp;

/// By name, in the time of alarms.
#[derive(Debug, Default)]
pub(crate) struct Mutes(Mutex<BTreeMap<String, Timestamp>>);

impl Mutes {
    pub(crate) fn begin(&self, name: &str, until: Timestamp) {
        self.lock().insert(name.to_owned(), until);
    }

    pub(crate) fn end(&self, name: &str) {
        self.lock().remove(name);
    }

    pub(crate) fn of(&self, name: &str) -> Option<Timestamp> {
        self.lock().get(name).copied()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
