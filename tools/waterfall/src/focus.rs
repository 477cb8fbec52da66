//! What a reader asked for, out of a trace that others share: a client may send many requests under one trace id.

use crate::{
    marks,
    model::{Outcome, Rest, Span, Trace},
};

/// Whose a span is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// What was asked for.
    Asked,
    /// Something else, which can be left out.
    Other,
    /// Nobody's in particular: it goes with what is around it.
    Shared,
}

impl Owner {
    /// Work that names an id in an annotation is the one's who has it. A request that names another id, or none, is not its.
    #[must_use]
    pub fn by_annotation(span: &Span, key: &str, id: &str) -> Self {
        match span.annotations.get(key).and_then(serde_json::Value::as_str) {
            Some(named) if named == id => Self::Asked,
            Some(_) => Self::Other,
            None if span.origin.as_deref() == Some("AWS::ApiGateway::Stage") => Self::Other,
            None => Self::Shared,
        }
    }
}

impl Trace {
    /// Keeps what belongs to what was asked for, with its callers, and leaves out the branches of others: they are told in
    /// [`Trace::rest`]. A trace with nothing that was asked for stays whole.
    pub fn focus(&mut self, owner: impl Fn(&Span) -> Owner) {
        if !self.roots.iter().any(|root| has(root, &owner, Owner::Asked)) {
            return;
        }
        let mut rest = Rest::default();
        prune(&mut self.roots, &owner, &mut rest, true);
        if rest.branches == 0 {
            return;
        }
        self.rebase();
        // Numbers of attempts counted those that are left out now.
        self.roots.iter_mut().for_each(forget_attempts);
        marks::mark(&mut self.roots);
        self.outcome = self.roots.first().map_or(Outcome::Ok, |root| root.outcome);
        self.rest = Some(rest);
    }

    /// Times count from the start of what is left.
    fn rebase(&mut self) {
        let first = self.spans().map(|span| span.start_ms).fold(f64::MAX, f64::min);
        self.start_time += first / 1000.0;
        self.roots.iter_mut().for_each(|root| shift(root, first));
        self.duration_ms =
            self.spans().map(|span| span.start_ms + span.duration_ms.unwrap_or_default()).fold(0.0, f64::max);
    }
}

fn has(span: &Span, owner: &impl Fn(&Span) -> Owner, wanted: Owner) -> bool {
    owner(span) == wanted || span.children.iter().any(|child| has(child, owner, wanted))
}

/// Among siblings of whom one is asked for, the others' branches go. Roots that are nobody's go, too: they are no part of the
/// asked one's way.
fn prune(siblings: &mut Vec<Span>, owner: &impl Fn(&Span) -> Owner, rest: &mut Rest, roots: bool) {
    siblings.retain_mut(|span| {
        if has(span, owner, Owner::Asked) {
            // What is asked for is kept whole, with all that it caused.
            if owner(span) != Owner::Asked {
                prune(&mut span.children, owner, rest, false);
            }
            return true;
        }
        let keep = !roots && !has(span, owner, Owner::Other);
        if !keep {
            rest.branches += 1;
            rest.failed += usize::from(failed(span));
            rest.spans += count(span);
        }
        keep
    });
}

fn failed(span: &Span) -> bool {
    let own = matches!(span.outcome, Outcome::Error | Outcome::Throttle | Outcome::Fault);
    own || span.children.iter().any(failed)
}

fn count(span: &Span) -> usize {
    1 + span.children.iter().map(count).sum::<usize>()
}

fn shift(span: &mut Span, by: f64) {
    span.start_ms -= by;
    span.children.iter_mut().for_each(|child| shift(child, by));
}

fn forget_attempts(span: &mut Span) {
    span.attempt = None;
    span.children.iter_mut().for_each(forget_attempts);
}
