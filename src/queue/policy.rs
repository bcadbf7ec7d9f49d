//! What follows from how an attempt ended: done, again later, handed back, or given up.

use std::time::Duration;

use rand::RngExt as _;

use crate::config;
use crate::queue::call::CALL;
use crate::queue::registry::Limits;
use crate::queue::task::{Charge, Claimed, TaskError, TaskState, Verdict};

/// Crashes after which a task is tried again at once: they were hardly its fault.
const FREE_CRASHES: u32 = 2;
/// Letters of an error that are kept.
const MAX_ERROR_CHARS: usize = 2000;
/// Past the hard limit, the database gives a task up by itself: its process hangs, heartbeats notwithstanding.
const DEADLINE_GRACE: Duration = Duration::from_secs(60);

/// The configured limits as durations.
#[derive(Debug, Clone)]
pub(in crate::queue) struct Policy {
    pub slots: usize,
    pub lease: Duration,
    pub heartbeat: Duration,
    pub poll: Duration,
    pub max_attempts: u32,
    pub max_crashes: u32,
    pub window: u32,
    pub soft_limit: Duration,
    pub hard_limit: Duration,
    pub drain: Duration,
    pub stalled: Duration,
    pub old_snapshot: Duration,
    retry_base: Duration,
    retry_max: Duration,
}

/// How an attempt ended without saying anything itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::queue) enum Loss {
    /// Its lease ran out: the process died, or was cut off.
    WorkerLost,
    /// It ran past the hard limit.
    HardLimit,
}

impl Policy {
    pub(in crate::queue) fn new(limits: &config::Queue) -> Self {
        Self {
            slots: limits.slots(),
            lease: Duration::from_secs(limits.lease_seconds),
            heartbeat: Duration::from_secs(limits.heartbeat_seconds),
            poll: Duration::from_millis(limits.poll_ms),
            max_attempts: limits.max_attempts,
            max_crashes: limits.max_crashes,
            window: limits.group_window,
            soft_limit: Duration::from_secs(limits.soft_limit_seconds),
            hard_limit: Duration::from_secs(limits.hard_limit_seconds),
            drain: Duration::from_secs(limits.drain_seconds),
            stalled: Duration::from_secs(limits.stalled_seconds),
            old_snapshot: Duration::from_secs(limits.old_snapshot_seconds),
            retry_base: Duration::from_secs(limits.retry_base_seconds),
            retry_max: Duration::from_secs(limits.retry_max_seconds),
        }
    }

    /// The time that tasks of a kind may take: asked to stop, and stopped.
    pub(in crate::queue) fn times(&self, limits: &Limits) -> Times {
        let hard = limits.hard.unwrap_or(self.hard_limit);
        Times { soft: limits.soft.unwrap_or(self.soft_limit).min(hard), hard }
    }

    /// How long a claim may be unknown to the process that made it before it is handed back.
    pub(in crate::queue) fn stray_after(&self) -> Duration {
        (self.lease / 3).min(Duration::from_secs(30))
    }

    /// What a call that leases depend on may take: two of them fit into a lease.
    pub(in crate::queue) fn call(&self) -> Duration {
        CALL.min(self.lease / 2)
    }

    /// Between two looks for lost leases.
    pub(in crate::queue) fn rescue_every(&self) -> Duration {
        jittered((self.lease / 6).clamp(Duration::from_millis(200), Duration::from_secs(15)))
    }

    /// The verdict on an attempt whose handler answered.
    pub(in crate::queue) fn answered(&self, task: &Claimed, answer: Result<(), TaskError>) -> Verdict {
        match answer {
            Ok(()) => Verdict {
                state: TaskState::Completed,
                delay: Duration::ZERO,
                charged: Charge::Attempt,
                kind: None,
                error: None,
            },
            Err(TaskError::Refuse(reason)) => dead("refused", &reason),
            Err(TaskError::Retry(reason)) => self.again(task, "error", &reason),
            Err(TaskError::Stopped) => self.again(task, "stopped", "it stopped without being asked"),
        }
    }

    /// The verdict on an attempt whose handler panicked.
    pub(in crate::queue) fn panicked(&self, task: &Claimed) -> Verdict {
        self.again(task, "panic", "the handler broke down")
    }

    /// The verdict on an attempt that ended without an answer.
    pub(in crate::queue) fn lost(&self, task: &Claimed, loss: Loss) -> Verdict {
        if task.cancel_requested {
            return cancelled();
        }
        match loss {
            // What ignored its limit once will again, and may still be running.
            Loss::HardLimit => too_long(),
            Loss::WorkerLost if task.crashes + 1 >= self.max_crashes => {
                let mut verdict = dead("worker_lost", "the worker vanished each time it was tried");
                verdict.charged = Charge::Crash;
                verdict
            }
            Loss::WorkerLost => Verdict {
                state: TaskState::Queued,
                delay: match task.crashes.checked_sub(FREE_CRASHES) {
                    None => Duration::ZERO,
                    Some(further) => self.pause(further + 1),
                },
                charged: Charge::Crash,
                kind: Some("worker_lost"),
                error: Some("the worker vanished".to_owned()),
            },
        }
    }

    fn again(&self, task: &Claimed, kind: &'static str, reason: &str) -> Verdict {
        if task.attempt >= task.max_attempts {
            return dead(kind, reason);
        }
        Verdict {
            state: TaskState::Queued,
            delay: self.pause(task.attempt),
            charged: Charge::Attempt,
            kind: Some(kind),
            error: Some(shortened(reason)),
        }
    }

    /// Before the next attempt: doubling and bounded, with full jitter, so that what failed together does not come back
    /// together; a tenth at least, since at once it would fail again.
    fn pause(&self, attempt: u32) -> Duration {
        let factor = 2_u32.saturating_pow(attempt.saturating_sub(1));
        let most = self.retry_base.saturating_mul(factor).min(self.retry_max);
        most.mul_f64(rand::rng().random_range(0.1..1.0))
    }
}

/// The time that one task may take.
#[derive(Debug, Clone, Copy)]
pub(in crate::queue) struct Times {
    pub soft: Duration,
    pub hard: Duration,
}

impl Times {
    /// From the claim to when the database gives the task up.
    pub(in crate::queue) fn deadline(&self) -> Duration {
        self.hard + DEADLINE_GRACE
    }
}

/// Given up because it ran for too long, by whoever looked first.
fn too_long() -> Verdict {
    dead("hard_limit", "it ran longer than it may")
}

/// Given up because it ran for too long.
pub(in crate::queue) fn hard_limit(limit: Duration) -> Verdict {
    dead("hard_limit", &format!("it ran longer than {} s and was stopped", limit.as_secs()))
}

/// Called off by its owner.
pub(in crate::queue) fn cancelled() -> Verdict {
    Verdict {
        state: TaskState::Cancelled,
        delay: Duration::ZERO,
        charged: Charge::Attempt,
        kind: Some("cancelled"),
        error: None,
    }
}

/// Handed back for somebody else to start: it was not the task's fault.
pub(in crate::queue) fn released() -> Verdict {
    Verdict {
        state: TaskState::Queued,
        delay: Duration::ZERO,
        charged: Charge::Nothing,
        kind: Some("released"),
        error: None,
    }
}

fn dead(kind: &'static str, reason: &str) -> Verdict {
    Verdict {
        state: TaskState::Dead,
        delay: Duration::ZERO,
        charged: Charge::Attempt,
        kind: Some(kind),
        error: Some(shortened(reason)),
    }
}

/// PostgreSQL keeps no NUL in a text, and an error has no business being long.
fn shortened(reason: &str) -> String {
    reason.chars().filter(|letter| *letter != '\0').take(MAX_ERROR_CHARS).collect()
}

/// Up to a fifth more or less, so that processes that began together drift apart.
pub(in crate::queue) fn jittered(duration: Duration) -> Duration {
    duration.mul_f64(rand::rng().random_range(0.8..1.2))
}

/// Between tries of a database that does not answer: from a tenth of a second, doubling, to five seconds.
pub(in crate::queue) fn outage_pause(failures: u32) -> Duration {
    let factor = 2_u32.saturating_pow(failures.saturating_sub(1));
    jittered(Duration::from_millis(100).saturating_mul(factor).min(Duration::from_secs(5)))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test may panic; that is how it reports")]

    use std::time::Duration;

    use crate::config::Config;
    use crate::queue::policy::{Loss, Policy, outage_pause};
    use crate::queue::task::{Charge, Claimed, Spot, TaskError, TaskId, TaskState};

    fn policy() -> Policy {
        Policy::new(&Config::defaults().unwrap().queue)
    }

    fn task(attempt: u32, crashes: u32) -> Claimed {
        Claimed {
            id: TaskId(uuid::Uuid::now_v7()),
            kind: "test".to_owned(),
            payload: serde_json::Value::Null,
            attempt,
            max_attempts: 3,
            crashes,
            lease_seq: 1,
            spot: Spot::default(),
            grouped: false,
            waited: Duration::ZERO,
            cancel_requested: false,
            trace: None,
        }
    }

    #[test]
    fn attempts_are_spent_with_growing_pauses_and_then_it_is_dead() {
        for (attempt, most) in [(1, 5), (2, 10)] {
            let verdict = policy().answered(&task(attempt, 0), Err(TaskError::Retry("no".to_owned())));
            assert_eq!(verdict.state, TaskState::Queued);
            let most = Duration::from_secs(most);
            assert!((most / 10..most).contains(&verdict.delay), "{attempt}: {:?}", verdict.delay);
        }
        let verdict = policy().answered(&task(3, 0), Err(TaskError::Retry("no".to_owned())));
        assert_eq!((verdict.state, verdict.error.as_deref()), (TaskState::Dead, Some("no")));
    }

    #[test]
    fn a_refusal_is_final() {
        let verdict = policy().answered(&task(1, 0), Err(TaskError::Refuse("never".to_owned())));
        assert_eq!(verdict.state, TaskState::Dead);
    }

    #[test]
    fn a_task_that_takes_its_worker_down_is_given_up() {
        let mut policy = policy();
        policy.max_crashes = 4;
        let verdicts: Vec<_> =
            (0..4).map(|crashes| policy.lost(&task(1, crashes), Loss::WorkerLost)).collect();
        let states: Vec<_> = verdicts.iter().map(|verdict| verdict.state).collect();
        assert_eq!(states, [TaskState::Queued, TaskState::Queued, TaskState::Queued, TaskState::Dead]);
        let at_once: Vec<_> = verdicts.iter().map(|verdict| verdict.delay.is_zero()).collect();
        assert_eq!(at_once, [true, true, false, true], "the first two were hardly its fault");
        assert_eq!(policy.lost(&task(1, 0), Loss::WorkerLost).charged, Charge::Crash);
        assert_eq!(policy.lost(&task(1, 0), Loss::HardLimit).state, TaskState::Dead);
    }

    #[test]
    fn a_lost_task_that_was_called_off_is_cancelled() {
        let mut task = task(1, 0);
        task.cancel_requested = true;
        assert_eq!(policy().lost(&task, Loss::WorkerLost).state, TaskState::Cancelled);
    }

    #[test]
    fn pauses_have_an_end() {
        assert!(policy().pause(4_000_000) <= Duration::from_secs(1800).mul_f64(1.2));
        assert!(outage_pause(u32::MAX) <= Duration::from_secs(6));
    }

    #[test]
    fn an_error_is_kept_short_and_without_nul() {
        let verdict =
            policy().answered(&task(1, 0), Err(TaskError::Refuse(format!("a\0b{}", "c".repeat(9000)))));
        let error = verdict.error.unwrap();
        assert!(error.starts_with("abc") && error.chars().count() == 2000);
    }
}
