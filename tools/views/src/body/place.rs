//! Where widgets go that say nothing about it.

use super::{BodyError, COLUMNS, RawWidget};

const MAX_HEIGHT: u32 = 1000;

#[derive(Debug, Default)]
pub(super) struct Places {
    /// Taken: left, top, right, bottom.
    taken: Vec<(u32, u32, u32, u32)>,
}

impl Places {
    pub(super) fn take(&mut self, widget: &RawWidget, path: &str) -> Result<(u32, u32), BodyError> {
        let wrong = |inner: &str, message: String| Err(BodyError::new(format!("{path}.{inner}"), message));
        if !(1..=COLUMNS).contains(&widget.width) {
            return wrong("width", format!("a width is from 1 to {COLUMNS}"));
        }
        if !(1..=MAX_HEIGHT).contains(&widget.height) {
            return wrong("height", format!("a height is from 1 to {MAX_HEIGHT}"));
        }
        let (x, y) = match (widget.x, widget.y) {
            (Some(x), _) if x >= COLUMNS => return wrong("x", format!("x is from 0 to {}", COLUMNS - 1)),
            // A widget that would stick out is pushed in, as the console does.
            (Some(x), Some(y)) => (x.min(COLUMNS - widget.width), y),
            (None, None) => self.free(widget.width, widget.height),
            _ => return wrong("x", "x and y are given together, or neither".into()),
        };
        self.taken.push((x, y, x + widget.width, y.saturating_add(widget.height)));
        Ok((x, y))
    }

    /// The first place, by rows, where nothing is yet.
    fn free(&self, width: u32, height: u32) -> (u32, u32) {
        let mut rows: Vec<u32> = self.taken.iter().map(|taken| taken.3).chain([0]).collect();
        rows.sort_unstable();
        rows.dedup();
        for y in rows {
            for x in 0..=COLUMNS - width {
                let meets = |taken: &(u32, u32, u32, u32)| {
                    x < taken.2 && taken.0 < x + width && y < taken.3 && taken.1 < y.saturating_add(height)
                };
                if !self.taken.iter().any(meets) {
                    return (x, y);
                }
            }
        }
        (0, 0)
    }
}
