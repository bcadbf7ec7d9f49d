//! Where in the line a worker's last claim ended, so that its next one need not begin at the head.
//!
//! While somebody holds an old snapshot of the database, PostgreSQL cannot remove what claims leave behind at the head
//! of the line, and each claim would walk over all of it. Tasks may still come to stand before that place, since a
//! transaction may take long to commit: the head is looked at again and again, and whenever nothing is found behind.

use std::time::Duration;

use tokio::time::Instant;

use crate::queue::table::Want;
use crate::queue::task::Claimed;

/// Between two looks at the head of the line.
const HEAD_EVERY: Duration = Duration::from_secs(1);
/// Times what a look at the head took until the next one: at most this share of the time is spent on it.
const HEAD_SHARE: u32 = 5;

/// The place, and when to leave it.
#[derive(Debug, Default)]
pub(in crate::queue) struct Place {
    from: i64,
    head_at: Option<Instant>,
}

impl Place {
    /// Where the next claim begins; 0 is the head.
    pub(in crate::queue) fn from(&self) -> i64 {
        if self.head_at.is_none_or(|at| at <= Instant::now()) { 0 } else { self.from }
    }

    /// Learns from a claim that began then; says whether the head is to be looked at now, because too little was found
    /// behind the place.
    pub(in crate::queue) fn note(
        &mut self,
        want: &Want,
        claimed: &[Claimed],
        full: bool,
        began: Instant,
    ) -> bool {
        if want.from == 0 {
            let next = HEAD_EVERY.max(began.elapsed() * HEAD_SHARE);
            self.head_at = full.then(|| Instant::now() + next);
        } else if !full {
            self.head_at = None;
            return true;
        }
        self.from = claimed.iter().map(|task| task.line_us).max().unwrap_or(self.from);
        false
    }
}
