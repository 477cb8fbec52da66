//! What CloudWatch would know of it, its alarms' states, and the API on both.

mod alarms;
mod clock;
mod observer;
mod publish;
mod service;
mod sources;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::alarms::{Catalogue, Evaluator};
use cloudwatch::{Datapoint, Refused, Store, api::Recorder};

use crate::{clients::Clients, names::Names};

pub(crate) use clock::Clock;
pub(crate) use observer::Observer;
pub(crate) use service::router;

/// Shared by everything that records or asks.
#[derive(Debug)]
pub(crate) struct Metrics {
    clock: Clock,
    state: Mutex<State>,
    apis: sources::Apis,
    line: observer::Line,
    publisher: publish::Publisher,
}

#[derive(Debug)]
struct State {
    store: Store,
    evaluator: Evaluator,
}

impl Metrics {
    /// Starts to listen to the emulator, to evaluate and to publish; all of it ends with the process.
    pub(crate) fn start(
        clock: Clock,
        observer: Observer,
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
            line: observer::Line::default(),
        });
        let listening = Arc::clone(&metrics);
        tokio::spawn(async move {
            // It ends when the emulator does, which the proxy reports.
            if let Err(error) = observer.run(&listening).await {
                eprintln!("metrics: the emulator's events end: {error:#}");
            }
        });
        tokio::spawn(alarms::run(Arc::clone(&metrics)));
        metrics
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
