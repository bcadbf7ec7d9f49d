//! How often something is done that costs little as a rule, and much while somebody holds an old snapshot of the database:
//! PostgreSQL then keeps whatever was in a line, and each look at the line walks over all of it.

use std::time::Duration;

use tokio::time::Instant;

/// What took no longer is done as often as there is a reason to.
const CHEAP: Duration = Duration::from_millis(20);
/// Times what it took until the next time, where it was not cheap: a fifth of the time goes into it, as long as that takes
/// no longer than the pause below.
const SHARE: u32 = 4;
/// Nobody waits for longer.
const MOST: Duration = Duration::from_secs(5);

/// When it may be done again.
#[derive(Debug)]
pub(in crate::queue) struct Pace {
    at: Instant,
}

impl Default for Pace {
    fn default() -> Self {
        Self { at: Instant::now() }
    }
}

impl Pace {
    /// Whether it may be done now.
    pub(in crate::queue) fn is_due(&self) -> bool {
        self.at <= Instant::now()
    }

    /// From when on it may be done.
    pub(in crate::queue) fn at(&self) -> Instant {
        self.at
    }

    /// Learns what it took this time.
    pub(in crate::queue) fn took(&mut self, time: Duration) {
        let pause = if time > CHEAP { (time * SHARE).min(MOST) } else { Duration::ZERO };
        self.at = Instant::now() + pause;
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::time::Instant;

    use crate::queue::pace::{MOST, Pace};

    #[test]
    fn what_was_dear_waits_and_nothing_waits_for_ever() {
        let mut pace = Pace::default();
        pace.took(Duration::from_millis(5));
        assert!(pace.is_due());
        pace.took(Duration::from_secs(1));
        assert!(!pace.is_due());
        pace.took(Duration::from_secs(3600));
        assert!(!pace.is_due() && pace.at() <= Instant::now() + MOST);
    }
}
