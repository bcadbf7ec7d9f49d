//! Where in the line a worker's last claim ended, so that its next one need not begin at the head.
//!
//! While somebody holds an old snapshot of the database, PostgreSQL cannot remove what claims leave behind at the head
//! of the line, and each claim from there would walk over all of it. Tasks may still come to stand before that place,
//! since a transaction may take long to commit: what is just before it is looked at again and again, and whenever
//! nothing is found behind; the whole line from its head as often as that is cheap, and now and then when it is not.

use std::time::Duration;

use tokio::time::Instant;

use crate::queue::exchange::Want;
use crate::queue::task::{Claimed, Spot};

/// Nearly every transaction that puts a task in takes less; in microseconds.
const BACK: i64 = 10_000_000;
/// Between two looks back, while there is enough behind the place.
const BACK_EVERY: Duration = Duration::from_secs(1);
/// Times what a look back took until the next one: at most this share of the time is spent on it.
const BACK_SHARE: u32 = 5;
/// A look from the head that takes no longer finds little there that it has to walk over.
const CHEAP: Duration = Duration::from_millis(20);
/// Times what a look from the head took until the next one, where that is not cheap: less than one in a hundred tasks
/// waits for it.
const HEAD_SHARE: u32 = 200;
/// Within these bounds: nobody waits for longer who came to stand so far ahead.
const HEAD_EVERY: (Duration, Duration) = (Duration::from_secs(10), Duration::from_secs(300));

/// The same for looks for the tasks of one scarce kind, from the head and back: there are several, and each walks by itself.
const TRAIL_HEAD_SHARE: u32 = 5000;
const TRAIL_BACK_SHARE: u32 = 300;
/// Less than it looks back over: between two looks nothing is passed over.
const TRAIL_BACK_MOST: Duration = Duration::from_secs(5);

/// The place, and when to leave it.
#[derive(Debug, Default)]
pub(in crate::queue) struct Place {
    from: Spot,
    back_at: Option<Instant>,
    head_at: Option<Instant>,
}

impl Place {
    /// Where the next claim begins.
    pub(in crate::queue) fn from(&self) -> Spot {
        if due(self.head_at) {
            Spot::default()
        } else if due(self.back_at) {
            self.from.back()
        } else {
            self.from
        }
    }

    /// Where the last claim ended.
    pub(in crate::queue) fn reached(&self) -> Spot {
        self.from
    }

    /// Learns from a claim that began then; says whether to look again now, since too little was found behind the place.
    pub(in crate::queue) fn note(
        &mut self,
        want: &Want,
        claimed: &[Claimed],
        full: bool,
        began: Instant,
    ) -> bool {
        let (now, took) = (Instant::now(), began.elapsed());
        let at_head = want.from == Spot::default();
        let behind = !at_head && want.from >= self.from;
        if at_head {
            let (least, most) = HEAD_EVERY;
            self.head_at = (full || took > CHEAP).then(|| now + (took * HEAD_SHARE).clamp(least, most));
        }
        if !behind {
            self.back_at = Some(now + BACK_EVERY.max(took * BACK_SHARE));
        } else if !full {
            self.back_at = None;
        }
        self.reach(claimed, full, Spot::default());
        behind && !full
    }

    fn reach(&mut self, claimed: &[Claimed], full: bool, front: Spot) {
        // Tasks of other priorities tell nothing of where this line was left.
        let last = claimed.iter().map(|task| task.spot).max().unwrap_or_default();
        // A look back that was full goes on from where it ended: there may be as many more as the clock went astray by, or as
        // there was no room for.
        self.from = if full && last != Spot::default() { last } else { last.max(self.from).max(front) };
    }
}

/// Where looks for the tasks of a kind begin of which only so many run at once. They are few among many others, and tell
/// of their place by themselves too seldom: where one was looked for in vain, the next look need not go.
#[derive(Debug, Default)]
pub(in crate::queue) struct Trail(Place);

impl Trail {
    /// Where the next look begins.
    pub(in crate::queue) fn from(&self) -> Spot {
        self.0.from()
    }

    /// Learns from a look that began then, when the place in the line was `front`.
    pub(in crate::queue) fn note(
        &mut self,
        want: &Want,
        claimed: &[Claimed],
        full: bool,
        began: Instant,
        front: Spot,
    ) {
        let (now, took) = (Instant::now(), began.elapsed());
        let place = &mut self.0;
        if want.from == Spot::default() {
            let (least, most) = HEAD_EVERY;
            place.head_at = (took > CHEAP).then(|| now + (took * TRAIL_HEAD_SHARE).clamp(least, most));
        }
        if want.from < place.from {
            place.back_at = Some(now + (took * TRAIL_BACK_SHARE).clamp(BACK_EVERY, TRAIL_BACK_MOST));
        }
        place.reach(claimed, full, front);
    }
}

fn due(at: Option<Instant>) -> bool {
    at.is_none_or(|at| at <= Instant::now())
}

impl Spot {
    /// So far before it that nearly every transaction which began later has put its tasks in by now.
    fn back(self) -> Self {
        Self { line_us: (self.line_us - BACK).max(1), ..Self::default() }
    }
}
