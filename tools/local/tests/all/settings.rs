//! The settings fit each other: what must end before what.

use suite::{FunctionSettings, Suite};

use crate::common::project;

fn number(settings: &FunctionSettings, name: &str) -> i64 {
    settings.environment[name].parse().unwrap()
}

#[test]
fn calls_with_all_their_retries_end_before_the_function_does() {
    let suite = Suite::read(&project()).unwrap();
    for service in ["validator", "processor", "viewer"] {
        let function = suite.function(service).unwrap();
        let timeout_ms = i64::from(function.timeout_s) * 1000;
        let operation_ms = number(function, "SDK_OPERATION_TIMEOUT_MS");
        // One after the other: for a record the table, the dead-letter queue, and the way back; for an order with a key its
        // claim, the queue, and the confirmation.
        // For a widget the search, and then what it found.
        let all_ms = match service {
            "processor" => 3 * operation_ms,
            "viewer" => 2 * operation_ms,
            _ => operation_ms + 2 * number(function, "IDEMPOTENCY_OPERATION_TIMEOUT_MS"),
        };
        assert!(all_ms < timeout_ms, "{service}: {all_ms} ms of calls in {timeout_ms} ms");
        assert!(number(function, "SDK_CONNECT_TIMEOUT_MS") <= number(function, "SDK_ATTEMPT_TIMEOUT_MS"), "{service}");
        assert!(number(function, "SDK_ATTEMPT_TIMEOUT_MS") < operation_ms, "{service}: there is time for a retry");
        assert!(number(function, "AWS_MAX_ATTEMPTS") >= 2, "{service}: a retry is allowed");
    }
}

#[test]
fn a_batch_is_over_before_its_messages_are_shown_again() {
    let suite = Suite::read(&project()).unwrap();
    let timeout_s = suite.function("processor").unwrap().timeout_s;
    let source = &suite.settings.event_source;
    // AWS's own advice for queues that feed a function.
    assert!(suite.settings.queue.visibility_timeout_s >= 6 * timeout_s + source.batching_window_s);
    // One round of stores, so that a batch needs no more time than a record.
    assert!(number(suite.function("processor").unwrap(), "STORE_CONCURRENCY") >= i64::from(source.batch_size));
}

#[test]
fn the_client_hears_from_the_validator_before_the_api_gives_up() {
    let suite = Suite::read(&project()).unwrap();
    let timeout_ms = suite.function("validator").unwrap().timeout_s * 1000;
    assert!(suite.settings.api.integration_timeout_ms > timeout_ms);
    assert!(suite.settings.api.integration_timeout_ms <= 29_000, "API Gateway allows no more without a raised quota");
}

#[test]
fn a_dead_letter_outlives_the_queue_it_came_from_and_has_room_for_its_reason() {
    let settings = Suite::read(&project()).unwrap().settings;
    assert!(settings.dead_letter_queue.retention_s > settings.queue.retention_s);
    assert!(settings.dead_letter_queue.max_message_bytes >= settings.queue.max_message_bytes + 8 * 1024);
}

/// A page is read by somebody who has no time to look a number up, so it has them; and they are the settings'.
#[test]
fn what_the_runbooks_say_of_the_settings_is_so() {
    let suite = Suite::read(&project()).unwrap();
    let (queue, dead) = (&suite.settings.queue, &suite.settings.dead_letter_queue);
    let (keeps, keeps_dead, receives) =
        (queue.retention_s / 86_400, dead.retention_s / 86_400, queue.max_receive_count);
    let base = number(suite.function("processor").unwrap(), "RETRY_BASE_S");
    let waits: Vec<_> = (0..receives - 1).map(|retry| (base << retry).to_string()).collect();
    let (last, first) = waits.split_last().unwrap();
    for (page, said) in [
        ("consumer-silent", format!("keeps them for {keeps} days")),
        ("queue-age", format!("keeps them for {keeps} days")),
        ("processing-failing", format!("keeps them for {keeps} days, the dead-letter queue for {keeps_dead}.")),
        ("dlq-depth", format!("received {receives} times")),
        ("dlq-depth", format!("lost for {keeps_dead} days")),
        (
            "dlq-expiry",
            format!("deletes it {keeps_dead} days after it was first sent, which may be {keeps} days before"),
        ),
        ("dlq-expiry", format!("another {keeps_dead} days")),
        ("processor-errors", format!("After {receives} receives")),
        ("table-write-throttles", format!("After {receives} receives")),
        ("record-failures", format!("again after {} and {last} s", first.join(", "))),
        ("record-failures", format!("after {receives} receives")),
    ] {
        let path = project().join("runbooks").join(page).with_extension("md");
        assert!(std::fs::read_to_string(&path).unwrap().contains(&said), "{}: not `{said}`", path.display());
    }
}
