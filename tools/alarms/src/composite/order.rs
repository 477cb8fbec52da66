//! The one order in which composite alarms can be created and evaluated.

use std::collections::HashMap;

use super::eval::alarm_name;
use crate::model::CompositeAlarm;

/// What became of some composites when they were put into order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Order {
    /// Indices: children before parents and suppressors before the suppressed.
    pub ready: Vec<usize>,
    /// Indices of those that refer to themselves through others, and why they have no place.
    pub circles: Vec<(usize, String)>,
}

/// Puts composites into order. What a rule names beside composites is there already.
pub fn order(composites: &[CompositeAlarm]) -> Order {
    let indices = composites.iter().enumerate().map(|(index, composite)| (composite.name.as_str(), index)).collect();
    let mut search = Search { composites, indices, marks: vec![Mark::New; composites.len()], order: Order::default() };
    for index in 0..composites.len() {
        search.visit(index);
    }
    search.order
}

/// The alarms a composite refers to: those of its rule, then its suppressor.
pub fn references(composite: &CompositeAlarm) -> impl Iterator<Item = &str> {
    let suppressor = composite.suppressor.as_ref().map(|suppressor| suppressor.alarm.as_str());
    composite.rule.alarms().into_iter().chain(suppressor)
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    OnPath,
    Ready,
    LeftOut,
}

struct Search<'a> {
    composites: &'a [CompositeAlarm],
    indices: HashMap<&'a str, usize>,
    marks: Vec<Mark>,
    order: Order,
}

impl Search<'_> {
    fn visit(&mut self, index: usize) -> bool {
        match self.marks[index] {
            Mark::Ready => return true,
            Mark::LeftOut | Mark::OnPath => return false,
            Mark::New => self.marks[index] = Mark::OnPath,
        }
        let composites = self.composites;
        for reference in references(&composites[index]) {
            let Some(other) = self.indices.get(alarm_name(reference)).copied() else { continue };
            if !self.visit(other) {
                let reason = match self.marks[other] {
                    Mark::OnPath => format!("it depends on itself through `{reference}`"),
                    _ => format!("it depends on `{reference}`, which is not evaluated"),
                };
                self.marks[index] = Mark::LeftOut;
                self.order.circles.push((index, reason));
                return false;
            }
        }
        self.marks[index] = Mark::Ready;
        self.order.ready.push(index);
        true
    }
}
