//! Whether metrics are written to be described, not to be counted.

use std::cell::Cell;

thread_local! {
    static DESCRIBING: Cell<bool> = const { Cell::new(false) };
}

/// Whether values that would be left out are wanted all the same, so that a description names them.
pub(super) fn is_describing() -> bool {
    DESCRIBING.get()
}

/// Runs something that describes.
pub(super) fn describing<R>(run: impl FnOnce() -> R) -> R {
    let before = DESCRIBING.replace(true);
    let result = run();
    DESCRIBING.set(before);
    result
}
