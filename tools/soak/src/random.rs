//! Where every choice comes from.

/// SplitMix64: a run is its seed.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    /// Of the seed, and of one purpose: what one makes changes nothing for the others.
    pub(crate) fn new(seed: u64, purpose: u64) -> Self {
        // Mixed before they meet: the streams of two purposes would be one, a step apart.
        Self(Self(seed).next() ^ Self(purpose).next().rotate_left(32))
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// From `from` on, below `to`.
    pub(crate) fn between(&mut self, from: u64, to: u64) -> u64 {
        from + self.next() % (to - from).max(1)
    }

    pub(crate) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            let other = usize::try_from(self.between(0, last as u64 + 1)).unwrap_or(0);
            all.swap(last, other);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn the_streams_of_two_purposes_have_nothing_in_common() {
        let mut seen = HashSet::new();
        for purpose in 0..1000 {
            let mut random = Random::new(1, purpose);
            assert!((0..20).all(|_| seen.insert(random.next())), "{purpose}");
        }
    }
}
