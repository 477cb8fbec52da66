//! No trace of an order: look again, then say why.

use std::time::Duration;

use anyhow::Result;
use cli::output;
use jiff::{SignedDuration, Timestamp};

use super::{
    RETENTION,
    find::{Finder, Found},
};
use crate::{commands::scan, environment::Environment};

const LOOK_AGAIN_AFTER_S: [u64; 3] = [1, 2, 4];

/// X-Ray needs up to a minute until a trace can be found; somebody's clock may be off.
const INDEXED_WITHIN: SignedDuration = SignedDuration::from_mins(2);

/// Why there is nothing to show.
#[derive(Debug, PartialEq, Eq)]
enum Reason {
    /// X-Ray has forgotten it.
    Expired,
    /// `--since` is too short.
    Earlier,
    /// The local stack's X-Ray had it, and needed the room.
    Evicted,
    /// Known, but not to X-Ray.
    NotSampled,
    /// It may come yet.
    NotIndexed,
    /// Nobody has heard of it.
    Unknown,
}

pub(super) async fn look_again(
    environment: &Environment,
    finder: &Finder<'_>,
    order_id: &str,
    since: SignedDuration,
) -> Result<Found> {
    let mut found = finder.by_order(order_id).await?;
    let mut stored = stored_at(environment, order_id).await?;
    for seconds in LOOK_AGAIN_AFTER_S {
        let may_come = matches!(
            reason(stored.map(|at| Timestamp::now().duration_since(at)), since, !found.lines.all().is_empty()),
            Reason::NotIndexed | Reason::Unknown
        );
        // The local stack's X-Ray knows at once.
        if !found.traces.is_empty() || !may_come || environment.is_local() {
            break;
        }
        cli::note!("No trace of order {order_id} yet: it takes X-Ray up to a minute. Looking again in {seconds} s.");
        tokio::time::sleep(Duration::from_secs(seconds)).await;
        found = finder.by_order(order_id).await?;
        stored = stored_at(environment, order_id).await?;
    }
    if found.traces.is_empty() {
        let age = stored.map(|at| Timestamp::now().duration_since(at));
        let mut reason = reason(age, since, !found.lines.all().is_empty());
        if matches!(reason, Reason::NotSampled | Reason::NotIndexed) && was_evicted(environment, order_id).await? {
            reason = Reason::Evicted;
        }
        explain(environment, order_id, &reason, stored, &found)?;
    }
    Ok(found)
}

/// When the order was stored, if it was.
async fn stored_at(environment: &Environment, order_id: &str) -> Result<Option<Timestamp>> {
    let order = scan::get(environment, order_id).await?;
    Ok(order.and_then(|order| order["createdAt"].as_str()?.parse().ok()))
}

/// The stored order knows its trace.
async fn was_evicted(environment: &Environment, order_id: &str) -> Result<bool> {
    match scan::get(environment, order_id).await?.as_ref().and_then(|order| order["traceId"].as_str()) {
        Some(trace_id) => environment.trace_was_evicted(trace_id).await,
        None => Ok(false),
    }
}

fn reason(age: Option<SignedDuration>, since: SignedDuration, has_lines: bool) -> Reason {
    match age {
        Some(age) if age > RETENTION => Reason::Expired,
        Some(age) if age > since => Reason::Earlier,
        Some(age) if age > INDEXED_WITHIN => Reason::NotSampled,
        None if !has_lines => Reason::Unknown,
        _ => Reason::NotIndexed,
    }
}

fn explain(
    environment: &Environment,
    order_id: &str,
    reason: &Reason,
    stored: Option<Timestamp>,
    found: &Found,
) -> Result<()> {
    let stored = stored.map(|at| at.to_string()).unwrap_or_default();
    match reason {
        Reason::Expired => cli::note!(
            "The trace of order {order_id} has expired: the order was created at {stored}, and X-Ray keeps traces for 30 days."
        ),
        Reason::Earlier => cli::note!(
            "Order {order_id} was created at {stored}, before the time that was searched: \
             {} looks further back.",
            environment.hint(&format!("trace {order_id} --since 30d"))
        ),
        Reason::Evicted => cli::note!(
            "The trace of order {order_id} was evicted: the local stack's X-Ray keeps the latest ones, and those that failed or \
             were slow longer."
        ),
        Reason::NotSampled => cli::note!(
            "Order {order_id} was created at {stored}, but X-Ray has no trace of it: it was not sampled, or its trace was lost."
        ),
        Reason::NotIndexed => cli::note!(
            "Order {order_id} is known, but X-Ray has no trace of it yet: it is not indexed (wait a minute and ask again), \
             or it was not sampled."
        ),
        Reason::Unknown if environment.is_local() => cli::note!(
            "Order {order_id} is unknown: no trace, no log line, and it is not stored. Check the id; a stack that was started \
             anew has forgotten its orders."
        ),
        Reason::Unknown => cli::note!(
            "Order {order_id} is unknown: no trace, no log line, and it is not stored. Check the id; if it was sent just now, \
             ask again in a minute; if it is older, `--since 30d` looks further back."
        ),
    }
    if !found.lines.all().is_empty() {
        cli::note!("Its log lines, which do not depend on sampling:");
        for line in found.lines.all() {
            output::line(line.trim_end())?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_reason_is_the_first_that_explains_it() {
        let hours = SignedDuration::from_hours;
        let since = hours(6);
        assert_eq!(reason(Some(hours(31 * 24)), since, true), Reason::Expired);
        assert_eq!(reason(Some(hours(7)), since, false), Reason::Earlier);
        assert_eq!(reason(Some(hours(1)), since, true), Reason::NotSampled);
        assert_eq!(reason(Some(SignedDuration::from_secs(3)), since, true), Reason::NotIndexed);
        assert_eq!(reason(None, since, true), Reason::NotIndexed);
        assert_eq!(reason(None, since, false), Reason::Unknown);
    }
}
