use crate::sample::Sample;

/// Steps of a block.
pub(super) const STEPS: usize = 60;
const GROUP: usize = 10;

/// What many steps can be summed up in.
pub(super) trait Part: Copy {
    /// Of no step.
    const NONE: Self;
    fn add(&mut self, other: &Self);
}

impl Part for f64 {
    const NONE: f64 = 0.0;

    fn add(&mut self, other: &f64) {
        *self += other;
    }
}

/// The statistic set of some steps. A count of 0 stands for no data.
#[derive(Clone, Copy, Debug)]
pub(super) struct Totals {
    pub(super) count: f64,
    pub(super) sum: f64,
    pub(super) min: f64,
    pub(super) max: f64,
}

impl Totals {
    pub(super) fn of(sample: &Sample) -> Self {
        Totals { count: sample.count(), sum: sample.sum(), min: sample.min(), max: sample.max() }
    }
}

impl Part for Totals {
    const NONE: Totals = Totals { count: 0.0, sum: 0.0, min: f64::INFINITY, max: f64::NEG_INFINITY };

    fn add(&mut self, other: &Totals) {
        self.count += other.count;
        self.sum += other.sum;
        self.min = self.min.min(other.min);
        self.max = self.max.max(other.max);
    }
}

/// A block's steps, with the sums of every ten and of all: what lies within bounds costs a few additions, not sixty.
#[derive(Clone, Debug)]
pub(super) struct Levels<T> {
    steps: [T; STEPS],
    groups: [T; STEPS / GROUP],
    all: T,
}

impl<T: Part> Levels<T> {
    pub(super) fn new() -> Self {
        Levels { steps: [T::NONE; STEPS], groups: [T::NONE; STEPS / GROUP], all: T::NONE }
    }

    pub(super) fn add(&mut self, step: usize, part: &T) {
        self.steps[step].add(part);
        self.groups[step / GROUP].add(part);
        self.all.add(part);
    }

    /// The sum of the steps in from..to.
    pub(super) fn within(&self, from: usize, to: usize) -> T {
        if (from, to) == (0, STEPS) {
            return self.all;
        }
        let mut sum = T::NONE;
        let mut at = from;
        while at < to {
            if at.is_multiple_of(GROUP) && at + GROUP <= to {
                sum.add(&self.groups[at / GROUP]);
                at += GROUP;
            } else {
                sum.add(&self.steps[at]);
                at += 1;
            }
        }
        sum
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_bounds_give_the_sum_of_their_steps() {
        let mut levels = Levels::new();
        for step in 0..STEPS {
            levels.add(step, &(step as f64));
            levels.add(step, &1.0);
        }
        for from in 0..=STEPS {
            for to in from..=STEPS {
                let expected: usize = (from..to).map(|step| step + 1).sum();
                assert_eq!(levels.within(from, to), expected as f64, "{from}..{to}");
            }
        }
    }
}
