use std::{
    cell::Cell,
    hash::{BuildHasher, RandomState},
};

use trace_context::SpanId;

thread_local! {
    /// Keyed by the system's randomness once per thread; a keyed hash of a counter is as good as random to everybody else.
    static KEYS: RandomState = RandomState::new();
    static COUNTER: Cell<u64> = const { Cell::new(0) };
}

/// A new id, without a system call.
pub(crate) fn random_span_id() -> SpanId {
    loop {
        let count = COUNTER.get().wrapping_add(1);
        COUNTER.set(count);
        if let Some(id) = SpanId::new(KEYS.with(|keys| keys.hash_one(count))) {
            return id;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_differ_within_a_thread_and_across_threads() {
        let draw = || (0..10_000).map(|_| random_span_id()).collect::<Vec<_>>();
        let mut all: HashSet<SpanId> = draw().into_iter().collect();
        for thread in [std::thread::spawn(draw), std::thread::spawn(draw)] {
            all.extend(thread.join().unwrap());
        }
        assert_eq!(all.len(), 30_000);
    }
}
