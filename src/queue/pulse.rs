//! Feels the pulse of the runtime that the handlers run on.
//!
//! A handler that computes without a pause keeps a thread of the runtime. When that is the one that waited for timers and
//! connections on behalf of all, the others sleep on, and nothing happens any more in the whole process although threads
//! are free: a task from outside wakes one of them, which takes that over. (What the computing thread itself would have run
//! next waits with it.) And when every thread computes, no limit can
//! be applied from within: the process ends, and its tasks are taken up like those of any process that vanished.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::runtime::Handle;

use crate::queue::Shared;

/// Between two beats.
const BEAT: Duration = Duration::from_millis(500);

/// What the log has to reach its files.
const LAST_WORDS: Duration = Duration::from_millis(300);

/// Watches until it is dropped.
pub(in crate::queue) async fn watch(shared: &Shared, runtime: &Handle) {
    let answered = Arc::new(AtomicU64::new(0));
    let bearable = beats(shared.policy.stalled);
    // Counted in beats, not by a clock: a process that was stopped for an hour has missed one of them.
    let mut sent = 0;
    loop {
        let missed = sent - answered.load(Ordering::SeqCst);
        if missed > bearable {
            tracing::error!(
                seconds = shared.policy.stalled.as_secs(),
                "every thread has been computing without a pause; this process ends, to be started again"
            );
            // Nothing is left to end in order, and nobody to write what becomes of the tasks: their leases run out. The
            // log is written by a thread of its own.
            std::thread::sleep(LAST_WORDS);
            std::process::exit(1);
        }
        sent += 1;
        let (beat, answer) = (sent, Arc::clone(&answered));
        drop(runtime.spawn(async move {
            answer.fetch_max(beat, Ordering::SeqCst);
        }));
        tokio::time::sleep(BEAT).await;
    }
}

fn beats(time: Duration) -> u64 {
    u64::try_from(time.as_millis() / BEAT.as_millis()).unwrap_or(u64::MAX)
}
