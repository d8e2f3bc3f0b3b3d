//! When a server takes no more: its new connections come too fast, it has too many, or the process
//! takes too much memory.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

use crate::{
    handshake::Refusal,
    limits::{Bucket, Rate, server::RETRY_AFTER},
};

/// 503, to come back after a time that is not the same for everybody.
pub(super) fn unavailable() -> Refusal {
    Refusal::unavailable(RETRY_AFTER.mul_f64(1.0 + 2.0 * rand::random::<f64>()))
}

/// How fast new connections come.
#[derive(Debug)]
pub(super) struct Arrivals {
    began: Instant,
    bucket: Mutex<Bucket>,
}

impl Arrivals {
    pub(super) fn new() -> Self {
        Self { began: Instant::now(), bucket: Mutex::default() }
    }

    /// Whether one more is within the rate.
    pub(super) fn pass(&self, rate: Rate) -> bool {
        let now = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.bucket.lock().unwrap_or_else(PoisonError::into_inner).take(rate, 1, now)
    }
}

/// What the process takes of memory, as it was a moment ago.
#[derive(Debug, Default)]
pub(super) struct Memory(Mutex<Option<(Instant, u64)>>);

impl Memory {
    /// Resident bytes; `None` where the system does not tell. Not asked for at every handshake.
    pub(super) fn resident(&self) -> Option<u64> {
        const MOMENT: Duration = Duration::from_millis(200);
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((at, bytes)) = *known
            && at.elapsed() < MOMENT
        {
            return Some(bytes);
        }
        let bytes = resident()?;
        *known = Some((Instant::now(), bytes));
        Some(bytes)
    }
}

/// From the kernel's memory, so it does not wait for a disk.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix(" kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
