use std::collections::VecDeque;

use super::levels::{self, Levels, Totals};
use crate::sample::Sample;

/// Steps of a block.
pub(super) const STEPS: i64 = levels::STEPS as i64;

/// The data of sixty steps.
#[derive(Debug)]
pub(super) struct Block {
    pub(super) totals: Levels<Totals>,
    /// How many values lie within each of the series' ranks. NaN where the values are not known.
    pub(super) ranks: Vec<Levels<f64>>,
    /// Step by step, where a statistic needs the single values; empty elsewhere.
    pub(super) samples: Vec<Option<Sample>>,
}

impl Block {
    pub(super) fn new(ranks: usize, keep_values: bool) -> Self {
        Block {
            totals: Levels::new(),
            ranks: vec![Levels::new(); ranks],
            samples: if keep_values { vec![None; levels::STEPS] } else { Vec::new() },
        }
    }
}

/// Blocks by their index, in order. Only those with data are there; a new one comes last but for late data.
#[derive(Debug, Default)]
pub(super) struct Blocks(VecDeque<(i64, Box<Block>)>);

impl Blocks {
    /// Where a block is, or would be.
    fn place(&self, index: i64) -> usize {
        // Data without gaps need no search.
        let behind = self.0.back().and_then(|(newest, _)| usize::try_from(newest - index).ok());
        let place = behind.and_then(|behind| (self.0.len() - 1).checked_sub(behind));
        let is_there = |place: &usize| self.0.get(*place).is_some_and(|(other, _)| *other == index);
        place.filter(is_there).unwrap_or_else(|| self.0.partition_point(|(other, _)| *other < index))
    }

    /// The block of a step; made when it is not there.
    pub(super) fn of(&mut self, step: i64, make: impl FnOnce() -> Block) -> &mut Block {
        let index = step.div_euclid(STEPS);
        let place = self.place(index);
        if self.0.get(place).is_none_or(|(other, _)| *other != index) {
            self.0.insert(place, (index, Box::new(make())));
        }
        &mut self.0[place].1
    }

    /// The blocks of the steps first..=last, each with the bounds of those that lie in it.
    pub(super) fn between(&self, first: i64, last: i64) -> impl Iterator<Item = (&Block, usize, usize)> {
        let blocks = self.0.range(self.place(first.div_euclid(STEPS))..);
        blocks.take_while(move |(index, _)| index * STEPS <= last).map(move |(index, block)| {
            let from = (first - index * STEPS).clamp(0, STEPS);
            let to = (last - index * STEPS + 1).clamp(0, STEPS);
            (&**block, from as usize, to as usize)
        })
    }

    /// Every block.
    pub(super) fn all_mut(&mut self) -> impl Iterator<Item = &mut Block> {
        self.0.iter_mut().map(|(_, block)| &mut **block)
    }

    /// Whether there is no data.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Forgets the blocks that end before a step.
    pub(super) fn forget_before(&mut self, step: i64) {
        let place = self.place(step.div_euclid(STEPS));
        self.0.drain(..place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn indices(blocks: &Blocks, first: i64, last: i64) -> Vec<i64> {
        blocks.between(first, last).map(|(block, ..)| block.totals.within(0, levels::STEPS).sum as i64).collect()
    }

    #[test]
    fn blocks_are_found_whatever_the_order_and_the_gaps_of_their_data() {
        let mut blocks = Blocks::default();
        for index in [5_i64, 3, -2, 4, 9] {
            let block = blocks.of(index * STEPS + 7, || Block::new(0, false));
            block.totals.add(7, &Totals { count: 1.0, sum: index as f64, min: 0.0, max: 0.0 });
        }
        assert_eq!(indices(&blocks, -10 * STEPS, 10 * STEPS), [-2, 3, 4, 5, 9]);
        assert_eq!(indices(&blocks, 3 * STEPS + 59, 5 * STEPS), [3, 4, 5]);
        assert_eq!(indices(&blocks, 0, 3 * STEPS - 1), [0i64; 0]);
        assert_eq!(
            blocks.between(3 * STEPS + 59, 4 * STEPS).map(|(_, from, to)| (from, to)).collect::<Vec<_>>(),
            [(59, 60), (0, 1)]
        );
        blocks.forget_before(4 * STEPS + 30);
        assert_eq!(indices(&blocks, -10 * STEPS, 10 * STEPS), [4, 5, 9]);
    }
}
