//! Whether Redis is asked at all: a few failures in a row and nobody asks, until it gave a sign of life.
//!
//! The circuit breaker of Nygard, "Release It!" (2007), with one difference: while it is open, no request tries whether
//! Redis is back. That is found out in the background, so that none of them waits for it.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use metrics::gauge;

/// 1 while Redis is left alone.
const OPEN: &str = "cache_breaker_open";
/// Failures in a row that open it: one may be a hiccup of a busy machine.
const FAILURES: u32 = 3;

#[derive(Debug, Default)]
pub(in crate::cache) struct Breaker {
    failures: AtomicU32,
    open: AtomicBool,
}

impl Breaker {
    pub(in crate::cache) fn new() -> Self {
        gauge!(OPEN).set(0.0);
        Self::default()
    }

    pub(in crate::cache) fn is_open(&self) -> bool {
        self.open.load(Ordering::Relaxed)
    }

    pub(in crate::cache) fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// Whether it is this failure that opened it; whoever hears so has to see when it can be [closed](Self::close).
    pub(in crate::cache) fn failed(&self) -> bool {
        let failures = self.failures.fetch_add(1, Ordering::Relaxed) + 1;
        if failures < FAILURES || self.open.swap(true, Ordering::Relaxed) {
            return false;
        }
        gauge!(OPEN).set(1.0);
        true
    }

    pub(in crate::cache) fn close(&self) {
        self.failures.store(0, Ordering::Relaxed);
        self.open.store(false, Ordering::Relaxed);
        gauge!(OPEN).set(0.0);
    }
}

#[cfg(test)]
mod tests {
    use crate::cache::breaker::Breaker;

    #[test]
    fn it_opens_at_the_third_failure_in_a_row_and_tells_one_of_them() {
        let breaker = Breaker::new();
        assert!(!breaker.failed() && !breaker.failed());
        breaker.succeeded();
        assert!(!breaker.failed() && !breaker.failed() && !breaker.is_open());
        assert!(breaker.failed() && breaker.is_open());
        assert!(!breaker.failed(), "those who were asking already");
        breaker.close();
        assert!(!breaker.is_open() && !breaker.failed());
    }
}
