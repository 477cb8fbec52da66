//! What a process has one of: its configuration and its sinks.

use std::{
    cell::RefCell,
    sync::{Arc, atomic::AtomicBool},
};

use tracing::Dispatch;
use tracing_subscriber::{Registry, layer::SubscriberExt as _};

use crate::{
    config::Config,
    level::Level,
    log::{Labels, Member, foreign_events},
    loss::{Dropped, Reason},
    output::Output,
    trace::{Tracer, Transport, foreign_spans},
};

thread_local! {
    /// Where this thread panicked last: the hook knows it, whoever catches the panic does not.
    static PLACE: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What Lambda may be told of the panic that was just caught: where it was.
pub(crate) fn place_of_panic() -> String {
    PLACE.with_borrow(|place| if place.is_empty() { "somewhere".to_owned() } else { format!("at {place}") })
}

#[derive(Debug)]
pub(crate) struct Process {
    pub(crate) config: Config,
    pub(crate) labels: Labels,
    pub(crate) tracer: Tracer,
    pub(crate) dropped: Arc<Dropped>,
    pub(crate) output: Arc<Output>,
    pub(crate) cold: AtomicBool,
    /// Whether some handler is wrapped, so that an invocation without one is a failure to read its event.
    pub(crate) observes_handlers: AtomicBool,
    pub(crate) dispatch: Dispatch,
    /// Whether the dispatch is the process' own, so that it need not be put in place.
    global: bool,
}

impl Process {
    pub(crate) fn new(config: Config, transport: Transport, output: Output, global: bool) -> Self {
        let (output, dropped) = (Arc::new(output), Arc::<Dropped>::default());
        Self {
            labels: Labels::new(&config),
            tracer: Tracer::new(&config, transport),
            cold: AtomicBool::new(!config.provisioned),
            observes_handlers: AtomicBool::new(false),
            dispatch: Dispatch::new(Registry::default().with(foreign_spans(&config)).with(foreign_events(
                &config,
                Arc::clone(&output),
                Arc::clone(&dropped),
            ))),
            global,
            config,
            dropped,
            output,
        }
    }

    pub(crate) fn in_dispatch<R>(&self, run: impl FnOnce() -> R) -> R {
        if self.global { run() } else { tracing::dispatcher::with_default(&self.dispatch, run) }
    }

    /// Writes whole lines. What cannot be written is counted: there is no other place to say so.
    pub(crate) fn write(&self, lines: &[u8]) {
        self.dropped.add(Reason::Output, self.output.write(lines));
    }

    /// Says where a panic was, not what: its text may quote the payload.
    pub(crate) fn panicked(&self, location: Option<&std::panic::Location<'_>>) {
        let place = location.map(|location| format!("{}:{}", location.file(), location.line())).unwrap_or_default();
        PLACE.with_borrow_mut(|last| last.clone_from(&place));
        let mut line = String::new();
        self.labels.plain(&mut line, Level::Error, "panic", None, &[("location", Member::Text(&place))]);
        self.write(line.as_bytes());
    }
}
