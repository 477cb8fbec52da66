//! Keys by HTTP: pairs that race for one, and retries.

use std::{sync::Barrier, thread};

use crate::common::{ORDER, Stack, wait_for};

const PAIRS: usize = 200;

#[tokio::test]
async fn of_two_orders_that_race_for_a_key_one_is_accepted_and_the_other_is_told_at_once() {
    let stack = Stack::up().await;
    let before = stack.count().await;
    let (stack_ref, next) = (&stack, std::sync::atomic::AtomicUsize::new(0));
    let answers: Vec<Vec<u16>> = thread::scope(|scope| {
        let workers: Vec<_> = (0..4)
            .map(|_| {
                scope.spawn(|| {
                    let mut answers = Vec::new();
                    while next.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < PAIRS {
                        answers.push(race(stack_ref));
                    }
                    answers
                })
            })
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert_eq!(answers.len(), PAIRS);
    assert!(answers.iter().all(|pair| *pair == [202, 422]), "{answers:?}");
    let all = before + PAIRS;
    wait_for("all orders", async || (stack.count().await == all).then_some(())).await;
    assert!(stack.dead_letters().await.is_empty(), "nobody's order is parked behind a 202");
}

fn race(stack: &Stack) -> Vec<u16> {
    let key = uuid::Uuid::new_v4().to_string();
    let start = Barrier::new(2);
    let mut statuses: Vec<_> = thread::scope(|scope| {
        let sent = ["19.99", "29.99"].map(|price| {
            let (key, start) = (&key, &start);
            scope.spawn(move || {
                start.wait();
                let headers = [("content-type", "application/json"), ("idempotency-key", key.as_str())];
                stack.request("POST", "", ORDER.replace("19.99", price).as_bytes(), &headers).status
            })
        });
        sent.into_iter().map(|sent| sent.join().unwrap()).collect()
    });
    statuses.sort_unstable();
    statuses
}

#[tokio::test]
async fn a_retry_is_the_same_order_however_its_key_is_written_and_two_keys_are_none() {
    let stack = Stack::up().await;
    let key = uuid::Uuid::new_v4().to_string();
    let post = |keys: &[&str]| {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(keys.iter().map(|key| ("idempotency-key", *key)));
        stack.request("POST", "", ORDER.as_bytes(), &headers)
    };
    let quoted = format!("\"{key}\"");
    let first = post(&[&key]);
    for keys in [&[key.as_str()][..], &[&quoted], &[&key, &key]] {
        let again = post(keys);
        assert_eq!((again.status, &again.body), (202, &first.body), "{keys:?}");
    }
    let other = uuid::Uuid::new_v4().to_string();
    for (keys, message) in [
        (&[key.as_str(), &other][..], "must be given once, not with several values"),
        (&["invoice-1001"], "whoever guesses a shorter one could take its order"),
    ] {
        let answer = post(keys);
        assert_eq!(answer.status, 400);
        assert!(answer.body["message"].as_str().unwrap().ends_with(message), "{}", answer.body);
    }
}
