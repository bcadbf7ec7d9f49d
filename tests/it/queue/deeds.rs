//! What tasks do in a worker, by kind; each notes its start and its accepted end in the ledger.

use std::hint::black_box;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use async_trait::async_trait;
use resume_optimizer::queue::{
    Context, CutOff, Ended, Enqueued, Handler, Limits, NewTask, Queue, QueueError, Registry, Stop, TaskError,
};
use resume_optimizer::store::{Db, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::queue::rig::{Event, note};

/// Every kind.
const KINDS: [&str; 16] = [
    "noop",
    "sleep",
    "stubborn",
    "careful",
    "deaf",
    "fail_once",
    "panic",
    "refuse",
    "die_before",
    "die",
    "die_after",
    "spin",
    "spin_thread",
    "leave_thread",
    "child",
    "hog",
];

/// What a task is told.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Told {
    /// Milliseconds that it takes.
    pub(crate) ms: u64,
    /// How many of its leases end badly.
    pub(crate) times: i64,
    /// Something to know it by on the wire.
    pub(crate) mark: String,
}

/// The handlers of these kinds; of all when there are none.
pub(crate) fn registry(db: &Db, kinds: &[String]) -> Registry {
    let known = |kind: &&str| kinds.is_empty() || kinds.iter().any(|wanted| wanted == kind);
    KINDS.into_iter().filter(known).fold(Registry::new(), |registry, kind| {
        let when_cut_off = if matches!(kind, "careful" | "deaf") { CutOff::Stop } else { CutOff::GoOn };
        registry.on_with(kind, Deed { kind, db: db.clone() }, Limits { when_cut_off, ..Limits::default() })
    })
}

/// Puts tasks in one by one and says each that was acknowledged.
pub(crate) async fn submit(queue: &Queue) -> i32 {
    loop {
        match queue.submit(NewTask::new("noop", serde_json::json!({}))).await {
            Ok(Enqueued::New(id) | Enqueued::Present(id)) => eprintln!("ack {id} {}", millis()),
            Err(error) => eprintln!("nack {error}"),
        }
    }
}

/// Milliseconds since 1970 by the clock of this process.
fn millis() -> u128 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()
}

struct Deed {
    kind: &'static str,
    db: Db,
}

#[async_trait]
impl Handler for Deed {
    async fn run(&self, context: &Context) -> Result<(), TaskError> {
        let told: Told = context.payload()?;
        let bad = context.lease_seq() <= told.times;
        if self.kind == "die_before" && bad {
            std::process::abort();
        }
        self.start(context).await?;
        self.act(context, &told).await?;
        if self.kind == "die" && bad {
            std::process::abort();
        }
        self.finish(context).await?;
        if self.kind == "die_after" && bad {
            std::process::abort();
        }
        Ok(())
    }

    async fn ended(&self, tx: &Tx, ended: &Ended) -> Result<(), StoreError> {
        let event = Event { id: ended.task_id, lease_seq: 0, name: &format!("ended {}", ended.kind) };
        Ok(note(tx, event).await?)
    }
}

impl Deed {
    async fn act(&self, context: &Context, told: &Told) -> Result<(), TaskError> {
        let time = Duration::from_millis(told.ms);
        match self.kind {
            "sleep" | "careful" => tokio::select! {
                () = tokio::time::sleep(time) => {}
                () = context.stopped() => {
                    eprintln!("stopped {} {} {:?} {}", self.kind, context.task_id(), context.stop(), millis());
                    return Err(TaskError::Stopped);
                }
            },
            "fail_once" if context.attempt() == 1 => return Err(TaskError::Retry("not yet".to_owned())),
            "refuse" => return Err(TaskError::Refuse("never".to_owned())),
            "panic" => panic!("as it was told"),
            "deaf" => {
                let _stopped = Stopped(context);
                tokio::time::sleep(time).await;
            }
            "spin" => spin(time),
            "spin_thread" => {
                spin_beside(context, time).await.map_err(|error| TaskError::Retry(error.to_string()))?;
            }
            "leave_thread" => {
                drop(spin_beside(context, time));
                context.stopped().await;
                return Err(TaskError::Stopped);
            }
            "child" => self.wait_for_child(context).await?,
            "hog" => {
                let mut taken = Vec::new();
                while let Ok(tx) = self.db.begin().await {
                    taken.push(tx);
                }
                eprintln!("hogging {} connections", taken.len());
                tokio::time::sleep(time).await;
            }
            _ => tokio::time::sleep(time).await,
        }
        Ok(())
    }

    /// Waits for a process that does not end when it is asked to.
    async fn wait_for_child(&self, context: &Context) -> Result<(), TaskError> {
        let mut command = tokio::process::Command::new("sh");
        command.args(["-c", "trap '' TERM; exec cat"]).stdin(std::process::Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().map_err(|error| TaskError::Retry(error.to_string()))?;
        eprintln!("child {} {}", context.task_id(), child.id().unwrap());
        // Its standard input stays open as long as this process lives, and no longer.
        let stdin = child.stdin.take();
        let ended = child.wait().await;
        drop(stdin);
        ended.map(|_| ()).map_err(|error| TaskError::Retry(error.to_string()))
    }

    /// Notes the start, however long the database is away.
    async fn start(&self, context: &Context) -> Result<(), TaskError> {
        loop {
            let noted = async {
                let tx = self.db.begin().await?;
                note(&tx, event(context, "start")).await?;
                tx.commit().await
            };
            let noted: Result<(), StoreError> = noted.await;
            let Err(error) = noted else {
                return Ok(());
            };
            eprintln!("the start of {} was not noted: {error}", context.task_id());
            if matches!(context.stop(), Some(Stop::LeaseLost | Stop::Shutdown)) {
                return Err(TaskError::Stopped);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// Notes the end under the fence, however long the database is away; or that it was refused.
    async fn finish(&self, context: &Context) -> Result<(), TaskError> {
        loop {
            let noted = async {
                let tx = self.db.begin().await?;
                context.guard(&tx).await?;
                note(&tx, event(context, "finish")).await?;
                tx.commit().await?;
                Ok::<(), QueueError>(())
            };
            match noted.await {
                Ok(()) => return Ok(()),
                Err(QueueError::LeaseLost) => {
                    let _ = note(&self.db, event(context, "refused")).await;
                    return Err(TaskError::Stopped);
                }
                Err(error) => eprintln!("the end of {} was not noted: {error}", context.task_id()),
            }
            if context.stop() == Some(Stop::Shutdown) {
                return Err(TaskError::Stopped);
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Says when what was at it is stopped without having been asked.
struct Stopped<'a>(&'a Context);

impl Drop for Stopped<'_> {
    fn drop(&mut self) {
        eprintln!("stopped deaf {} {:?} {}", self.0.task_id(), self.0.stop(), millis());
    }
}

/// Computes on a thread for such work, with which the attempt is not over before that is.
fn spin_beside(context: &Context, time: Duration) -> tokio::task::JoinHandle<()> {
    let attempt = context.clone();
    tokio::task::spawn_blocking(move || {
        spin(time);
        drop(attempt);
    })
}

fn event<'a>(context: &Context, name: &'a str) -> Event<'a> {
    Event { id: context.task_id(), lease_seq: context.lease_seq(), name }
}

fn spin(time: Duration) {
    let began = Instant::now();
    while black_box(began.elapsed()) < time {}
}
