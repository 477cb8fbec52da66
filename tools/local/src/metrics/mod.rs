//! What CloudWatch would know of it, its alarms' states, and the API on both.

mod actions;
mod alarms;
mod clock;
mod image;
mod service;
mod sources;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ::alarms::service::AlarmService;
pub(crate) use clock::Clock;
use cloudwatch::{Datapoint, Recorder as _, Store, api::Dashboards};
pub(crate) use service::router;
use suite::Names;

use crate::{
    clients::Clients,
    emulator::{Event, Questions},
};

/// Shared by everything that records or asks.
#[derive(Debug)]
pub(crate) struct Metrics {
    clock: Clock,
    region: String,
    state: Mutex<State>,
    apis: sources::Apis,
    emulator: Questions,
    events: actions::Events,
}

#[derive(Debug)]
struct State {
    alarms: AlarmService,
    dashboards: Dashboards,
}

impl Metrics {
    /// Starts to evaluate and to carry out actions; both end with the process.
    pub(crate) fn start(clock: Clock, questions: Questions, names: &Names, emulator: Clients) -> Arc<Self> {
        let (events, due) = actions::queue();
        let state = State {
            alarms: AlarmService::new(names.region(), names.account(), Store::default()),
            dashboards: Dashboards::new(names.account()),
        };
        let metrics = Arc::new(Self {
            clock,
            region: names.region().to_owned(),
            apis: sources::Apis::new(emulator.apigateway),
            events,
            state: Mutex::new(state),
            emulator: questions,
        });
        tokio::spawn(actions::run(Arc::clone(&metrics), emulator.sns, due));
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
            if let Err(refused) = state.alarms.record(point, now) {
                eprintln!("metrics: {} is not kept: {refused}", point.key);
            }
        }
    }
}
