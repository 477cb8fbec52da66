use crate::model::State;

/// An `AlarmRule`.
#[derive(Clone, Debug, PartialEq)]
pub enum Rule {
    /// `TRUE` or `FALSE`.
    Constant(bool),
    /// `ALARM(x)`, `OK(x)`, `INSUFFICIENT_DATA(x)`; the name or ARN as written.
    Is(State, String),
    /// `NOT r`.
    Not(Box<Rule>),
    /// `r AND s`.
    And(Box<Rule>, Box<Rule>),
    /// `r OR s`.
    Or(Box<Rule>, Box<Rule>),
    /// `AT_LEAST(M, STATE, (a, b))`; `negated` for `NOT STATE`.
    AtLeast {
        /// How many.
        quota: Quota,
        /// In which state.
        state: State,
        /// ... or in any other than that.
        negated: bool,
        /// Which alarms.
        alarms: Vec<String>,
    },
}

/// How many alarms `AT_LEAST` asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Quota {
    /// That many.
    Count(u32),
    /// That share of them, rounded up.
    Percent(f64),
}

/// The alarm's name in a name or an ARN (`arn:aws:cloudwatch:region:account:alarm:name`).
pub fn alarm_name(reference: &str) -> &str {
    if reference.starts_with("arn:") { reference.splitn(7, ':').nth(6).unwrap_or(reference) } else { reference }
}

impl Rule {
    /// Whether the rule holds; `state` gives the state of an alarm by its reference, `None` where nobody knows it. Then the rule
    /// holds or does not only if it is decided without that alarm.
    pub fn decide(&self, state: &impl Fn(&str) -> Option<State>) -> Option<bool> {
        match self {
            Rule::Constant(truth) => Some(*truth),
            Rule::Is(wanted, alarm) => state(alarm).map(|state| state == *wanted),
            Rule::Not(inner) => inner.decide(state).map(|truth| !truth),
            Rule::And(left, right) => match (left.decide(state), right.decide(state)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (left, right) => left.zip(right).map(|_| true),
            },
            Rule::Or(left, right) => match (left.decide(state), right.decide(state)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (left, right) => left.zip(right).map(|_| false),
            },
            Rule::AtLeast { quota, state: wanted, negated, alarms } => {
                let (mut matching, mut unknown) = (0.0, 0.0);
                for alarm in alarms {
                    match state(alarm) {
                        Some(state) if (state == *wanted) != *negated => matching += 1.0,
                        Some(_) => {}
                        None => unknown += 1.0,
                    }
                }
                let needed = match quota {
                    Quota::Count(count) => f64::from(*count),
                    Quota::Percent(percent) => (percent * alarms.len() as f64 / 100.0).ceil(),
                };
                if matching >= needed {
                    Some(true)
                } else if matching + unknown < needed {
                    Some(false)
                } else {
                    None
                }
            }
        }
    }

    /// Whether the rule holds when every state is known.
    pub fn holds(&self, state: &impl Fn(&str) -> State) -> bool {
        self.decide(&|alarm| Some(state(alarm))).unwrap_or(false)
    }

    /// Every alarm the rule names, in order, once each.
    pub fn alarms(&self) -> Vec<&str> {
        let mut names = Vec::new();
        self.collect(&mut names);
        names
    }

    fn collect<'a>(&'a self, names: &mut Vec<&'a str>) {
        let mut add = |name: &'a str| {
            if !names.contains(&name) {
                names.push(name);
            }
        };
        match self {
            Rule::Constant(_) => {}
            Rule::Is(_, alarm) => add(alarm),
            Rule::AtLeast { alarms, .. } => alarms.iter().for_each(|alarm| add(alarm)),
            Rule::Not(inner) => inner.collect(names),
            Rule::And(left, right) | Rule::Or(left, right) => {
                left.collect(names);
                right.collect(names);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::parse, *};

    fn holds(rule: &str, states: &[(&str, State)]) -> bool {
        parse(rule).unwrap().holds(&|alarm| {
            let found = states.iter().find(|(name, _)| *name == alarm_name(alarm));
            found.map_or(State::InsufficientData, |(_, state)| *state)
        })
    }

    #[test]
    fn truth_tables() {
        let all = [State::Ok, State::Alarm, State::InsufficientData];
        for a in all {
            for b in all {
                let states = [("a", a), ("b", b)];
                let (x, y) = (a == State::Alarm, b == State::Ok);
                assert_eq!(holds("ALARM(a) AND OK(b)", &states), x && y);
                assert_eq!(holds("ALARM(a) OR OK(b)", &states), x || y);
                assert_eq!(holds("NOT ALARM(a) AND OK(b)", &states), !x && y);
                assert_eq!(holds("NOT (ALARM(a) OR OK(b))", &states), !(x || y));
                assert_eq!(holds("INSUFFICIENT_DATA(a)", &states), a == State::InsufficientData);
                assert!(holds("TRUE OR ALARM(a)", &states));
                assert!(!holds("FALSE AND ALARM(a)", &states));
            }
        }
    }

    #[test]
    fn at_least_counts_states_and_rounds_a_share_up() {
        let states = [("a", State::Alarm), ("b", State::Alarm), ("c", State::Ok)];
        assert!(holds("AT_LEAST(2, ALARM, (a, b, c))", &states));
        assert!(!holds("AT_LEAST(3, ALARM, (a, b, c))", &states));
        assert!(holds("AT_LEAST(1, NOT ALARM, (a, b, c))", &states));
        assert!(!holds("AT_LEAST(2, NOT ALARM, (a, b, c))", &states));
        // 50 % of three alarms is two.
        assert!(holds("AT_LEAST(50%, ALARM, (a, b, c))", &states));
        assert!(!holds("AT_LEAST(70%, ALARM, (a, b, c))", &states));
    }

    #[test]
    fn an_unknown_alarm_decides_nothing_and_spoils_nothing() {
        let decide = |rule: &str| {
            parse(rule).unwrap().decide(&|alarm| match alarm {
                "fires" => Some(State::Alarm),
                "quiet" => Some(State::Ok),
                _ => None,
            })
        };
        for (rule, truth) in [
            ("ALARM(unknown)", None),
            ("NOT ALARM(unknown)", None),
            ("ALARM(unknown) OR ALARM(fires)", Some(true)),
            ("ALARM(unknown) OR ALARM(quiet)", None),
            ("ALARM(unknown) AND ALARM(quiet)", Some(false)),
            ("ALARM(unknown) AND ALARM(fires)", None),
            ("AT_LEAST(1, ALARM, (unknown, fires))", Some(true)),
            ("AT_LEAST(2, ALARM, (unknown, quiet))", Some(false)),
            ("AT_LEAST(2, ALARM, (unknown, fires, quiet))", None),
        ] {
            assert_eq!(decide(rule), truth, "{rule}");
        }
    }

    #[test]
    fn an_arn_stands_for_its_alarm() {
        let arn = "arn:aws:cloudwatch:eu-west-1:123456789012:alarm:my:alarm";
        assert_eq!(alarm_name(arn), "my:alarm");
        assert!(holds("ALARM(\"arn:aws:cloudwatch:eu-west-1:123456789012:alarm:a\")", &[("a", State::Alarm)]));
    }
}
