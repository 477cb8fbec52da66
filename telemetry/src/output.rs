use std::io::Write;
#[cfg(feature = "testing")]
use std::sync::{Mutex, PoisonError};

/// Where lines go.
#[derive(Debug)]
pub(crate) enum Output {
    Stdout,
    #[cfg(feature = "testing")]
    Captured(Mutex<Vec<u8>>),
}

impl Output {
    /// Writes whole lines at once; how many of them could not be written.
    pub(crate) fn write(&self, lines: &[u8]) -> u64 {
        if lines.is_empty() {
            return 0;
        }
        match self {
            Self::Stdout => {
                let mut stdout = std::io::stdout().lock();
                match stdout.write_all(lines).and_then(|()| stdout.flush()) {
                    Ok(()) => 0,
                    Err(_) => lines.iter().filter(|byte| **byte == b'\n').count() as u64,
                }
            }
            #[cfg(feature = "testing")]
            Self::Captured(captured) => {
                captured.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(lines);
                0
            }
        }
    }
}
