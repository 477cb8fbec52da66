//! The core of an evaluation: which datapoints count, and what the missing ones mean.

use super::options::{EarlyReading, OldReading};
use crate::model::{MissingData, State};

/// What an evaluation comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The alarm is in this state.
    Is(State),
    /// The alarm keeps the state it has.
    Retain,
}

/// The numbers a [`Verdict`] rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// The outcome.
    pub verdict: Verdict,
    /// How many existing datapoints were evaluated: the newest N, or all there are.
    pub real: usize,
    /// How many of those breach.
    pub breaching: usize,
    /// How many missing datapoints were filled in.
    pub filled: usize,
}

/// Decides on the datapoints of the evaluation range: oldest first, `None` is missing, `Some(true)`
/// breaches. `n` datapoints are evaluated and `m` of them must breach.
///
/// With `n` existing datapoints anywhere in the range, the newest `n` decide and the treatment of
/// missing data does not matter. With fewer, all of them count and only the difference is filled.
pub fn decide(range: &[Option<bool>], n: usize, m: usize, treatment: MissingData) -> Decision {
    decide_as(range, n, m, treatment, (EarlyReading::default(), OldReading::default()))
}

/// [`decide`], with what the guide leaves open read in a certain way.
pub fn decide_as(
    range: &[Option<bool>],
    n: usize,
    m: usize,
    treatment: MissingData,
    (early, old): (EarlyReading, OldReading),
) -> Decision {
    let real = range.iter().flatten().count().min(n);
    let newest = range.iter().rev().flatten().take(n);
    let breaching = newest.filter(|breaches| **breaches).count();
    let filled = n - real;
    let alarm_if = |breaching: usize| Verdict::Is(if breaching >= m { State::Alarm } else { State::Ok });
    let retain_or = |state: State| match treatment {
        MissingData::Ignore => Verdict::Retain,
        _ => Verdict::Is(state),
    };
    let verdict = if filled == 0 {
        alarm_if(breaching)
    } else {
        match treatment {
            MissingData::Breaching => alarm_if(breaching + filled),
            MissingData::NotBreaching => alarm_if(breaching),
            _ if real == 0 => retain_or(State::InsufficientData),
            _ if breaching >= m => Verdict::Is(State::Alarm),
            // Every existing point breaches, but there are fewer than M: `ALARM` once the oldest of
            // them is as old as M points, so that one early point does not fire (newest slot: age 1).
            _ if breaching == real => {
                let age = range.iter().position(Option::is_some).map_or(0, |at| range.len() - at);
                let newest_age = range.iter().rev().position(Option::is_some).map_or(0, |at| at + 1);
                retain_or(match (age >= m, early, old) {
                    (true, _, OldReading::Ok) if newest_age > n => State::Ok,
                    (true, ..) => State::Alarm,
                    (false, EarlyReading::Ok, _) => State::Ok,
                    (false, EarlyReading::InsufficientData, _) => State::InsufficientData,
                })
            }
            _ => Verdict::Is(State::Ok),
        }
    };
    Decision { verdict, real, breaching, filled }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(pattern: &str) -> Vec<Option<bool>> {
        pattern
            .chars()
            .map(|c| match c {
                '0' => Some(false),
                'X' => Some(true),
                _ => None,
            })
            .collect()
    }

    fn word(pattern: &str, m: usize, treatment: MissingData) -> &'static str {
        match decide(&range(pattern), 3, m, treatment).verdict {
            Verdict::Is(state) => state.as_str(),
            Verdict::Retain => "RETAIN",
        }
    }

    const TREATMENTS: [MissingData; 4] =
        [MissingData::Missing, MissingData::Ignore, MissingData::Breaching, MissingData::NotBreaching];

    #[test]
    fn aws_table_a_and_b() {
        let table = [
            ("A1", "0-X-X", 3, 0, ["OK", "OK", "OK", "OK"]),
            ("A2", "0----", 3, 2, ["OK", "OK", "OK", "OK"]),
            ("A3", "-----", 3, 3, ["INSUFFICIENT_DATA", "RETAIN", "ALARM", "OK"]),
            ("A4", "0XX-X", 3, 0, ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("A5", "--X--", 3, 2, ["ALARM", "RETAIN", "ALARM", "OK"]),
            ("B1", "0-X-X", 2, 0, ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("B2", "00X0X", 2, 0, ["ALARM", "ALARM", "ALARM", "ALARM"]),
            ("B3", "0-X--", 2, 1, ["OK", "OK", "ALARM", "OK"]),
            ("B4", "----0", 2, 2, ["OK", "OK", "ALARM", "OK"]),
            ("B5", "---X-", 2, 2, ["ALARM", "RETAIN", "ALARM", "OK"]),
        ];
        for (id, pattern, m, filled, states) in table {
            for (treatment, state) in TREATMENTS.into_iter().zip(states) {
                assert_eq!(word(pattern, m, treatment), state, "{id} {treatment:?}");
            }
            let decision = decide(&range(pattern), 3, m, MissingData::Missing);
            assert_eq!(decision.filled, filled, "{id}");
        }
    }

    #[test]
    fn a2_one_period_later_is_a3() {
        assert_eq!(word("-----", 3, MissingData::Breaching), "ALARM");
    }

    #[test]
    fn aws_premature_transitions() {
        for treatment in [MissingData::Missing, MissingData::Ignore] {
            for (id, pattern) in [("P1", "----X"), ("P2", "---X-"), ("P3", "---X0"), ("P4", "--X-0")] {
                assert_ne!(word(pattern, 3, treatment), "ALARM", "{id} {treatment:?}");
            }
        }
        assert_eq!(word("--X--", 3, MissingData::Missing), "ALARM", "P5");
    }

    #[test]
    fn choices_the_documentation_leaves_open() {
        assert_eq!(word("----X", 3, MissingData::Missing), "OK");
        assert_eq!(word("----X", 3, MissingData::Ignore), "RETAIN");
        assert_eq!(word("----X", 3, MissingData::Breaching), "ALARM");
        assert_eq!(word("----X", 3, MissingData::NotBreaching), "OK");
        assert_eq!(word("-X---", 3, MissingData::Missing), "ALARM");
        assert_eq!(word("-X---", 3, MissingData::Ignore), "RETAIN");
        let other = (EarlyReading::InsufficientData, OldReading::Ok);
        let read = |pattern: &str| decide_as(&range(pattern), 3, 3, MissingData::Missing, other).verdict;
        assert_eq!(read("----X"), Verdict::Is(State::InsufficientData));
        assert_eq!(read("-X---"), Verdict::Is(State::Ok));
        assert_eq!(read("--X--"), Verdict::Is(State::Alarm), "a row of the guide's table, whatever the reading");
    }
}
