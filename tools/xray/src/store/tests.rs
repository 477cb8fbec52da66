use serde_json::json;

use super::{refusals::KEPT, *};
use crate::clock::Clock;

fn trace_id(n: usize) -> String {
    format!("1-65432100-{n:024x}")
}

fn segment(trace: usize, id: usize) -> serde_json::Value {
    json!({"name": "s", "id": format!("{id:016x}"), "trace_id": trace_id(trace), "start_time": 10.0, "end_time": 11.0})
}

fn store(config: Config) -> Store {
    Store::new(Config { clock: Clock::new(|| std::time::UNIX_EPOCH + std::time::Duration::from_secs(1000)), ..config })
}

#[test]
fn a_complete_document_wins_over_the_in_progress_one_in_either_order() {
    let complete = segment(1, 1);
    let mut unfinished = complete.clone();
    unfinished.as_object_mut().unwrap().remove("end_time");
    unfinished["in_progress"] = json!(true);
    for order in [[&unfinished, &complete], [&complete, &unfinished]] {
        let store = store(Config::default());
        for document in order {
            assert_eq!(store.put(&document.to_string()), []);
        }
        assert!(!store.trace(&trace_id(1)).unwrap().is_partial());
    }
}

#[test]
fn the_oldest_traces_go_first_when_there_are_too_many() {
    let store = store(Config { max_traces: 2, ..Config::default() });
    for trace in 1..=3 {
        store.put(&segment(trace, 1).to_string());
    }
    // Late news of a held trace does not make it younger.
    store.put(&segment(2, 2).to_string());
    store.put(&segment(4, 1).to_string());
    assert!(store.trace(&trace_id(1)).is_none() && store.trace(&trace_id(2)).is_none());
    assert!(store.trace(&trace_id(3)).is_some() && store.trace(&trace_id(4)).is_some());
    let stats = store.stats();
    assert_eq!((stats.evicted_traces, stats.evicted_documents, stats.traces), (2, 3, 2));
}

#[test]
fn bytes_stay_below_the_cap() {
    let length = segment(1, 1).to_string().len();
    let store = store(Config { max_bytes: 3 * length, ..Config::default() });
    for trace in 0..50 {
        store.put(&segment(trace, 1).to_string());
        assert!(store.stats().bytes <= 3 * length);
    }
    assert_eq!(store.stats().traces, 3);
}

#[test]
fn a_trace_beyond_its_own_limit_says_so_and_keeps_what_it_has() {
    let length = segment(1, 1).to_string().len();
    let store = store(Config { max_trace_bytes: 2 * length, ..Config::default() });
    for id in 1..=3 {
        assert_eq!(store.put(&segment(1, id).to_string()), []);
    }
    let trace = store.trace(&trace_id(1)).unwrap();
    assert!(trace.limit_exceeded);
    assert_eq!((trace.nodes.len(), store.stats().over_trace_limit), (2, 1));
}

#[test]
fn refusals_are_counted_and_the_latest_are_kept() {
    let store = store(Config::default());
    for _ in 0..KEPT + 5 {
        assert_eq!(store.put("{}").len(), 1);
    }
    assert_eq!(store.stats().rejected, KEPT as u64 + 5);
    assert_eq!(store.rejections().len(), KEPT);
    assert_eq!(store.rejections()[0].code, "MissingTraceId");
}

#[test]
fn a_snapshot_is_compiled_once_until_the_trace_changes() {
    let store = store(Config::default());
    store.put(&segment(1, 1).to_string());
    let first = store.trace(&trace_id(1)).unwrap();
    assert!(Arc::ptr_eq(&first, &store.trace(&trace_id(1)).unwrap()));
    store.put(&segment(1, 2).to_string());
    let second = store.trace(&trace_id(1)).unwrap();
    assert_eq!((first.nodes.len(), second.nodes.len(), second.revision), (1, 2, 2));
}

#[test]
fn writers_and_readers_at_once_lose_nothing() {
    let store = store(Config::default());
    std::thread::scope(|scope| {
        for writer in 0..4 {
            let store = &store;
            scope.spawn(move || {
                for id in 0..100 {
                    assert_eq!(store.put(&segment(id % 10, writer * 1000 + id).to_string()), []);
                    assert!(!store.traces().is_empty());
                }
            });
        }
    });
    assert_eq!((store.stats().stored, store.stats().traces), (400, 10));
}

#[test]
fn what_went_is_said_and_what_failed_or_was_slow_goes_last() {
    let store = store(Config { max_traces: 4, ..Config::default() });
    let mut failed = segment(1, 1);
    failed["fault"] = true.into();
    store.put(&failed.to_string());
    for trace in 2..=9 {
        store.put(&segment(trace, 1).to_string());
    }
    assert!(store.trace(&trace_id(1)).is_some(), "the failed one is the oldest, and is kept");
    assert!(store.was_evicted(&trace_id(2)) && store.trace(&trace_id(2)).is_none());
    assert!(!store.was_evicted(&trace_id(9)) && !store.was_evicted(&trace_id(100)));
    // They do not take all of the room: at most half of it is theirs.
    for trace in 20..=29 {
        let mut failed = segment(trace, 1);
        failed["fault"] = true.into();
        store.put(&failed.to_string());
    }
    store.put(&segment(50, 1).to_string());
    store.put(&segment(51, 1).to_string());
    assert!(store.trace(&trace_id(50)).is_some() && store.trace(&trace_id(51)).is_some());
    assert!(store.was_evicted(&trace_id(1)) && store.trace(&trace_id(29)).is_some());
}
