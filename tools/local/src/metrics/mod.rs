//! What CloudWatch would know of it, its alarms' states, and the API on both.

mod alarms;
mod clock;
mod publish;
mod service;
mod sources;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::alarms::{Catalogue, Evaluator};
use cloudwatch::{Datapoint, Refused, Store, api::Recorder};

use crate::{
    clients::Clients,
    emulator::{Event, Questions},
};
use suite::Names;

pub(crate) use clock::Clock;
pub(crate) use service::router;

/// Shared by everything that records or asks.
#[derive(Debug)]
pub(crate) struct Metrics {
    clock: Clock,
    state: Mutex<State>,
    apis: sources::Apis,
    emulator: Questions,
    publisher: publish::Publisher,
}

#[derive(Debug)]
struct State {
    store: Store,
    evaluator: Evaluator,
}

impl Metrics {
    /// Starts to evaluate and to publish; both end with the process.
    pub(crate) fn start(
        clock: Clock,
        questions: Questions,
        catalogue: Catalogue,
        names: &Names,
        emulator: Clients,
    ) -> Arc<Self> {
        let evaluator = Evaluator::new(catalogue);
        for alarm in evaluator.not_evaluated() {
            eprintln!("alarms: {} is not evaluated: {}", alarm.alarm, alarm.reason);
        }
        let metrics = Arc::new(Self {
            clock,
            apis: sources::Apis::new(emulator.apigateway),
            publisher: publish::Publisher::start(
                emulator.cloudwatch,
                emulator.sns,
                evaluator.catalogue(),
                names.clone(),
                clock,
            ),
            state: Mutex::new(State { store: Store::default(), evaluator }),
            emulator: questions,
        });
        tokio::spawn(alarms::run(Arc::clone(&metrics)));
        metrics
    }

    /// Something happened in the emulator.
    pub(crate) async fn observe(&self, event: Event) {
        sources::record(self, event).await;
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records datapoints, for the API and for the alarms.
    fn record(&self, points: &[Datapoint]) {
        let now = self.clock.now_seconds();
        let mut state = self.lock();
        for point in points {
            if let Err(refused) = state.record(point, now) {
                eprintln!("metrics: {} is not kept: {refused}", point.key);
            }
        }
    }
}

impl Recorder for State {
    fn store(&self) -> &Store {
        &self.store
    }

    fn record(&mut self, point: &Datapoint, now: i64) -> Result<(), Refused> {
        self.store.push(point, now)?;
        self.evaluator.push(&point.key, Some(&point.unit), point.at, &point.sample);
        Ok(())
    }
}
