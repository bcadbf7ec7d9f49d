//! How long each step took.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Key of the whole in `timings_ms`.
const TOTAL: &str = "total";

/// Times steps that follow each other.
#[derive(Debug)]
pub(in crate::pipeline) struct Stopwatch {
    started: Instant,
    current: Option<(&'static str, Instant)>,
    laps: BTreeMap<String, u64>,
}

impl Stopwatch {
    pub(in crate::pipeline) fn started() -> Self {
        Self { started: Instant::now(), current: None, laps: BTreeMap::new() }
    }

    /// Ends the step before and begins this one.
    pub(in crate::pipeline) fn begin(&mut self, step: &'static str) {
        self.pause();
        self.current = Some((step, Instant::now()));
    }

    /// Ends the step; what follows until the next one is waiting and counts for none.
    pub(in crate::pipeline) fn pause(&mut self) {
        if let Some((step, began)) = self.current.take() {
            self.laps.insert(step.to_owned(), millis(began.elapsed()));
        }
    }

    /// Milliseconds by step and altogether.
    pub(in crate::pipeline) fn stopped(mut self) -> BTreeMap<String, u64> {
        self.pause();
        self.laps.insert(TOTAL.to_owned(), millis(self.started.elapsed()));
        self.laps
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use crate::pipeline::stopwatch::Stopwatch;

    #[test]
    fn every_step_and_the_whole_are_there() {
        let mut watch = Stopwatch::started();
        watch.begin("read");
        watch.begin("match");
        let laps = watch.stopped();
        assert_eq!(laps.keys().map(String::as_str).collect::<Vec<_>>(), ["match", "read", "total"]);
    }
}
