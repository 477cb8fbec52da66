//! The order in which composite alarms are evaluated, and what each needs between two moments.

use crate::catalogue::NotEvaluated;
use crate::composite::{Suppression, alarm_name};
use crate::model::CompositeAlarm;
use std::collections::HashMap;

/// A composite alarm whose references are known.
#[derive(Debug)]
pub(super) struct CompositeRuntime {
    /// `AlarmName`.
    pub(super) name: String,
    /// Index into the catalogue's composites.
    pub(super) alarm: usize,
    /// References in the rule and where their states are; none of an alarm that is not among ours.
    pub(super) children: HashMap<String, Option<usize>>,
    /// The count of changes when it was last evaluated.
    pub(super) seen: Option<u64>,
    /// The suppressor's place, and its clockwork.
    pub(super) suppressor: Option<(Option<usize>, Suppression)>,
}

/// Children before parents and suppressors before the suppressed. What refers to itself through others is left out, and said so;
/// what refers to nothing is told too, but evaluated where its rule is decided all the same. `places` gives an alarm's place by its
/// name.
pub(super) fn order(
    composites: &[CompositeAlarm],
    places: &HashMap<&str, usize>,
    composites_from: usize,
) -> (Vec<CompositeRuntime>, Vec<NotEvaluated>) {
    let mut order = Order {
        composites,
        places,
        composites_from,
        marks: vec![Mark::New; composites.len()],
        ready: Vec::new(),
        left_out: Vec::new(),
    };
    for index in 0..composites.len() {
        order.visit(index);
    }
    (order.ready, order.left_out)
}

#[derive(Clone, Copy, PartialEq)]
enum Mark {
    New,
    OnPath,
    Ready,
    LeftOut,
}

struct Order<'a> {
    composites: &'a [CompositeAlarm],
    places: &'a HashMap<&'a str, usize>,
    composites_from: usize,
    marks: Vec<Mark>,
    ready: Vec<CompositeRuntime>,
    left_out: Vec<NotEvaluated>,
}

impl Order<'_> {
    fn visit(&mut self, index: usize) -> bool {
        match self.marks[index] {
            Mark::Ready => return true,
            Mark::LeftOut | Mark::OnPath => return false,
            Mark::New => self.marks[index] = Mark::OnPath,
        }
        let composite = &self.composites[index];
        match self.resolve(index) {
            Ok(runtime) => {
                self.marks[index] = Mark::Ready;
                self.ready.push(runtime);
                true
            }
            Err(reason) => {
                self.marks[index] = Mark::LeftOut;
                self.left_out.push(NotEvaluated { alarm: composite.name.clone(), reason });
                false
            }
        }
    }

    fn resolve(&mut self, index: usize) -> Result<CompositeRuntime, String> {
        let composite = &self.composites[index];
        let mut children = HashMap::new();
        for reference in composite.rule.alarms() {
            children.insert(reference.to_owned(), self.place(index, reference)?);
        }
        let suppressor = match &composite.suppressor {
            Some(suppressor) => {
                let clock = Suppression::new(suppressor.wait_s, suppressor.extension_s);
                Some((self.place(index, &suppressor.alarm)?, clock))
            }
            None => None,
        };
        Ok(CompositeRuntime { name: composite.name.clone(), alarm: index, children, seen: None, suppressor })
    }

    fn place(&mut self, index: usize, reference: &str) -> Result<Option<usize>, String> {
        let Some(place) = self.places.get(alarm_name(reference)).copied() else {
            let reason = format!("it refers to `{reference}`, which is not among the alarms");
            self.left_out.push(NotEvaluated { alarm: self.composites[index].name.clone(), reason });
            return Ok(None);
        };
        if let Some(composite) = place.checked_sub(self.composites_from).filter(|index| *index < self.composites.len())
            && !self.visit(composite)
        {
            return Err(match self.marks[composite] {
                Mark::OnPath => format!("it depends on itself through `{reference}`"),
                _ => format!("it depends on `{reference}`, which is not evaluated"),
            });
        }
        Ok(Some(place))
    }
}
