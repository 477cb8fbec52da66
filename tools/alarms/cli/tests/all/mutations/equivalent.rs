//! Mutations that make no difference, and why.

use std::collections::BTreeSet;

struct Equivalent {
    why: &'static str,
    alarms: &'static [&'static str],
    mutations: &'static [&'static str],
}

const EQUIVALENT: &[Equivalent] = &[
    Equivalent {
        why: "The watched expression has a datapoint in every period, so that none is ever missing. IF(FILL(n, 0) >= k, \
              rate, 0) has its 0 below k, and from k on there were requests: an error count without data counts as 0 \
              beside them, and a latency without data as the 0 of the other branch. Where all is filled, all is there. \
              The setting stays: it says what is meant should an expression ever lose its FILL.",
        alarms: &[
            "api-5xx",
            "api-latency",
            "consumer-silent",
            "orders-unaccounted",
            "processor-errors",
            "slo-acceptance-fast-1h",
            "slo-acceptance-fast-5m",
            "slo-acceptance-slow-30m",
            "slo-acceptance-slow-6h",
            "slo-acceptance-trend-3d",
            "slo-acceptance-trend-6h",
            "slo-freshness-fast-1h",
            "slo-freshness-fast-5m",
            "slo-freshness-slow-30m",
            "slo-freshness-slow-6h",
            "slo-freshness-trend-3d",
            "slo-freshness-trend-6h",
            "table-write-throttles",
            "telemetry-dropped",
            "validator-errors",
        ],
        mutations: &["missing_data breaching", "missing_data ignore", "missing_data missing"],
    },
    Equivalent {
        why: "100 - fresh is never the double 14.4: from 50 on the difference is exact, and a multiple of 2^-47, which is \
              how close doubles lie there; 14.4 is none. 856 of 1000 in time make 14.400000000000006, which breaches \
              either way.",
        alarms: &["slo-freshness-fast-1h", "slo-freshness-fast-5m"],
        mutations: &["comparison >"],
    },
    Equivalent {
        why: "A count is a whole number: above 5 is above 5.5.",
        alarms: &["processor-throttles", "record-failures", "table-write-throttles", "validator-throttles"],
        mutations: &["threshold 5.5"],
    },
    Equivalent {
        why: "The value is 0 or, by its own guard, above 5.",
        alarms: &["orders-unaccounted"],
        mutations: &["threshold 1"],
    },
    Equivalent {
        why: "1 stands for yes: any number above the threshold of 0 does.",
        alarms: &["consumer-silent"],
        mutations: &["silent: 0.5 for 1", "silent: 1.5 for 1"],
    },
    Equivalent {
        why: "Numbers of messages are not negative: their sum, mean and maximum are 0 together, and above 0 together.",
        alarms: &["dlq-depth"],
        mutations: &["dead: Average", "dead: Sum"],
    },
    Equivalent {
        why: "As above: received is compared with 0 only.",
        alarms: &["consumer-silent"],
        mutations: &["received: Average", "received: Maximum"],
    },
    Equivalent {
        why: "As above: both counts are compared with 0 only, and so is their sum.",
        alarms: &["telemetry-dropped"],
        mutations: &[
            "validator: Average",
            "validator: Maximum",
            "processor: Average",
            "processor: Maximum",
            "dropped: `MAX(` for `SUM(`",
        ],
    },
    Equivalent {
        why: "Where AND has one side, the other counts as 0, which is what waiting without data comes to. FILL says so \
              without this rule.",
        alarms: &["consumer-silent"],
        mutations: &["silent: no FILL of waiting"],
    },
    Equivalent {
        why: "SUM leaves out what has no data, and the other count is always there. Both cannot go.",
        alarms: &["telemetry-dropped"],
        mutations: &["dropped: no FILL of validator", "dropped: no FILL of processor"],
    },
    Equivalent {
        why: "Beside a term with data, a term without counts as 0; where no term of `gap` has data, `unaccounted` fills \
              `accepted`, and without that one it still has `gap`. The FILLs say so without this rule, and not all of \
              them can go.",
        alarms: &["orders-unaccounted"],
        mutations: &[
            "gap: no FILL at all",
            "gap: no FILL of accepted",
            "gap: no FILL of stored",
            "gap: no FILL of repeated",
            "gap: no FILL of dead",
            "gap: no FILL of waiting",
            "gap: no FILL of inflight",
            "unaccounted: no FILL of accepted",
        ],
    },
];

/// Alarm and mutation of each.
pub fn all() -> BTreeSet<(&'static str, &'static str)> {
    let pairs = |equivalent: &'static Equivalent| {
        assert!(!equivalent.why.is_empty());
        let mutations = |alarm| equivalent.mutations.iter().map(move |mutation| (alarm, *mutation));
        equivalent.alarms.iter().copied().flat_map(mutations)
    };
    EQUIVALENT.iter().flat_map(pairs).collect()
}

#[test]
fn the_difference_to_a_percentage_above_50_is_never_14_4() {
    let spacing = 0.5_f64.powi(47);
    assert_eq!(50.0_f64.next_up() - 50.0, spacing);
    assert_eq!((85.6_f64.next_up() - 85.6) % spacing, 0.0);
    assert_ne!(14.4_f64 % spacing, 0.0);
}
