//! What a seed makes: each order, and when which fault begins. When the machine gets to each of them is not the seed's.

use crate::{fault::Fault, random::Random};

/// The whole of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plan {
    /// In their order.
    pub(crate) events: Vec<Event>,
}

/// A fault that begins when so many orders were begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) after: u32,
    pub(crate) fault: Fault,
}

/// How many orders a round of all faults is spread over, at most.
const ROUND: u32 = 6000;
/// Of the orders the last tenth is sent in peace: all faults have found calls by then.
const UNTIL: u32 = 9;

impl Plan {
    pub(crate) fn new(seed: u64, orders: u32) -> Self {
        let mut random = Random::new(seed, 1);
        let rounds = orders.div_ceil(ROUND);
        let until = orders / 10 * UNTIL;
        let mut events = Vec::new();
        for round in 0..rounds {
            let faults = round_of_faults(&mut random);
            let (from, to) = (until * round / rounds, until * (round + 1) / rounds);
            let count = u32::try_from(faults.len()).unwrap_or(u32::MAX);
            events.extend(
                faults.into_iter().zip(0..).map(|(fault, n)| Event { after: from + (to - from) * n / count, fault }),
            );
        }
        Self { events }
    }
}

/// Every fault once. Dead letters come first, so that there is something to redrive at the end.
fn round_of_faults(random: &mut Random) -> Vec<Fault> {
    let mut all = Vec::new();
    for (calls, effect, from, to) in [
        // More than all clients together try again: some orders are refused for it, and must not be stored.
        ("sqs:SendMessage", "throttle", 60, 90),
        ("dynamodb:PutItem", "throttle", 9, 40),
        ("sqs:SendMessage", "error", 3, 12),
        ("dynamodb:PutItem", "error", 9, 40),
        ("dynamodb:UpdateItem", "error", 3, 12),
        ("sqs:ChangeMessageVisibility", "error", 1, 6),
        ("sqs:SendMessage", "slow", 2, 6),
        ("dynamodb:PutItem", "slow", 2, 12),
        ("sqs:SendMessage", "lost", 1, 5),
        ("dynamodb:PutItem", "lost", 1, 8),
        ("dynamodb:UpdateItem", "lost", 1, 3),
        ("sqs:SendMessage", "reset", 2, 8),
        ("dynamodb:PutItem", "reset", 2, 12),
        ("sqs:SendMessage", "kill", 1, 3),
        ("dynamodb:PutItem", "kill", 1, 4),
        ("sqs:SendMessage", "twice", 4, 16),
        ("dynamodb:PutItem", "twice", 4, 16),
    ] {
        let times = u32::try_from(random.between(from, to)).unwrap_or(1);
        all.push(Fault::Calls { calls, effect, times });
    }
    all.extend([
        Fault::ExpireVisibility,
        Fault::StopConsumer { ms: random.between(1500, 4000) },
        Fault::StallEmulator { ms: random.between(500, 3000) },
        Fault::ResetClients { times: 8 },
        Fault::Poison { times: 3 },
        Fault::Conflict { times: 3 },
    ]);
    random.shuffle(&mut all);
    all.insert(0, Fault::Outage);
    // By SIGKILL, which nothing can give letters back after, and by SIGTERM, which must.
    all.insert(all.len() / 2, Fault::InterruptRedrive { by_kill: true });
    all.push(Fault::InterruptRedrive { by_kill: false });
    all
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_seed_makes_the_same_plan_and_another_seed_another() {
        assert_eq!(Plan::new(7, 2000), Plan::new(7, 2000));
        assert_ne!(Plan::new(7, 2000), Plan::new(8, 2000));
    }

    #[test]
    fn every_fault_is_in_every_round_and_none_begins_in_the_last_tenth() {
        let names =
            |orders| Plan::new(3, orders).events.iter().map(|event| event.fault.name()).collect::<BTreeSet<_>>();
        assert_eq!(names(100).len(), 15);
        let plan = Plan::new(3, 100_000);
        assert_eq!(plan.events.len() % 17, 0);
        assert!(plan.events.is_sorted_by_key(|event| event.after));
        assert!(plan.events.iter().all(|event| event.after < 90_000));
    }
}
