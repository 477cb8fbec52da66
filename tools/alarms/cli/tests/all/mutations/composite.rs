//! Every small change of a composite alarm that the tests must notice.

use alarms::{
    composite::{Rule, alarm_name},
    model::{Actions, CompositeAlarm, Severity, State, Suppressor},
};

use super::Mutant;

pub fn of(alarm: &CompositeAlarm) -> Vec<Mutant<CompositeAlarm>> {
    let mut all = Vec::new();
    let mut add = |kind: &'static str, what: String, change: &dyn Fn(&mut CompositeAlarm)| {
        let mut mutated = alarm.clone();
        change(&mut mutated);
        all.push(Mutant { alarm: alarm.key.clone(), kind, what, mutated: Some(mutated) });
    };
    for (kind, what, rule) in rules(&alarm.rule) {
        add(kind, what, &|alarm| alarm.rule = rule.clone());
    }
    if let Some(Suppressor { wait_s, extension_s, .. }) = alarm.suppressor {
        add("suppressor", "no suppressor".to_owned(), &|alarm| alarm.suppressor = None);
        for other in [wait_s / 2, wait_s * 2] {
            add("suppressor", format!("wait {other}"), &|alarm| {
                alarm.suppressor.as_mut().unwrap().wait_s = other;
            });
        }
        for other in [extension_s / 2, extension_s * 2] {
            add("suppressor", format!("extension {other}"), &|alarm| {
                alarm.suppressor.as_mut().unwrap().extension_s = other;
            });
        }
    }
    for other in [Severity::Page, Severity::Ticket, Severity::None] {
        if alarm.about.severity == Some(other) {
            continue;
        }
        let told = if other == Severity::None { Vec::new() } else { vec![other.as_str().to_owned()] };
        add("severity", format!("severity {}", other.as_str()), &|alarm| {
            alarm.about.severity = Some(other);
            alarm.actions = Actions { alarm: told.clone(), ok: told.clone(), ..alarm.actions.clone() };
        });
    }
    all
}

/// The rule with one node changed, for every node.
fn rules(rule: &Rule) -> Vec<(&'static str, String, Rule)> {
    let below = |inner: &Rule, rebuild: &dyn Fn(Box<Rule>) -> Rule| {
        let changed = rules(inner).into_iter();
        changed.map(|(kind, what, inner)| (kind, what, rebuild(Box::new(inner)))).collect::<Vec<_>>()
    };
    let pair = |left: &Rule, right: &Rule, and: bool| {
        let join = |and: bool, left: Box<Rule>, right: Box<Rule>| {
            if and { Rule::And(left, right) } else { Rule::Or(left, right) }
        };
        let (left, right) = (Box::new(left.clone()), Box::new(right.clone()));
        let mut all = vec![
            ("member", format!("without {}", spoken(&right)), (*left).clone()),
            ("member", format!("without {}", spoken(&left)), (*right).clone()),
            (
                "and-or",
                format!("{} {} {}", spoken(&left), if and { "OR" } else { "AND" }, spoken(&right)),
                join(!and, left.clone(), right.clone()),
            ),
        ];
        all.extend(below(&left, &|inner| join(and, inner, right.clone())));
        all.extend(below(&right, &|inner| join(and, left.clone(), inner)));
        all
    };
    match rule {
        Rule::And(left, right) => pair(left, right, true),
        Rule::Or(left, right) => pair(left, right, false),
        Rule::Not(inner) => {
            let mut all = vec![("not", format!("without NOT before {}", spoken(inner)), (**inner).clone())];
            all.extend(below(inner, &Rule::Not));
            all
        }
        Rule::Is(State::Alarm, name) => {
            let other = |state| ("state", format!("{state}({})", short(name)), Rule::Is(state, name.clone()));
            let not = ("not", format!("NOT {}", spoken(rule)), Rule::Not(Box::new(rule.clone())));
            vec![other(State::Ok), other(State::InsufficientData), not]
        }
        other => panic!("say what may be mistaken for {other:?}"),
    }
}

fn short(name: &str) -> &str {
    alarm_name(name).trim_start_matches("order-processing-dev-")
}

fn spoken(rule: &Rule) -> String {
    match rule {
        Rule::Is(_, name) => short(name).to_owned(),
        Rule::Not(inner) => format!("NOT {}", spoken(inner)),
        Rule::And(left, right) => format!("({} AND {})", spoken(left), spoken(right)),
        Rule::Or(left, right) => format!("({} OR {})", spoken(left), spoken(right)),
        other => format!("{other:?}"),
    }
}
