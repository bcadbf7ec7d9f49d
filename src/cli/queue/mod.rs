//! `queue`: what waits, runs and was given up, for an operator; and what can be done about it.
//!
//! Works on the database alone, beside whatever serves: it needs no secret, no files and no network, claims nothing,
//! and holds no transaction for longer than one task takes to change.

mod act;
mod shown;
mod watch;

use std::path::Path;

use clap::Subcommand;
use clap::builder::{PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use serde_json::json;

use crate::cli::failure::Failure;
use crate::cli::{migrate, output, settings};
use crate::config::Config;
use crate::domain::audit::Action;
use crate::queue::{Queue, TaskId, TaskState};
use crate::store::Db;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Say how many tasks are in each state, and how long the first one waits
    Status {
        /// Again each second, with the rate of completions, until Ctrl-C
        #[arg(long)]
        watch: bool,
        /// As JSON; with --watch one object a line
        #[arg(long)]
        json: bool,
    },
    /// List the newest tasks
    List {
        /// Only those in this state
        #[arg(long, value_name = "STATE", value_parser = states())]
        state: Option<TaskState>,
        /// How many at most
        #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=10_000))]
        limit: u32,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a task and its attempts that did not succeed
    Show {
        /// The task, as `queue list` shows it
        #[arg(value_parser = id)]
        id: TaskId,
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Let a dead or cancelled task wait again, with all its attempts
    Retry {
        /// The task, as `queue list` shows it
        #[arg(value_parser = id, required_unless_present = "all_dead", conflicts_with = "all_dead")]
        id: Option<TaskId>,
        /// Every dead task, as after an outage
        #[arg(long)]
        all_dead: bool,
    },
    /// Call a task off: at once while it waits, by asking it to stop while it runs
    Cancel {
        /// The task, as `queue list` shows it
        #[arg(value_parser = id)]
        id: TaskId,
    },
    /// Let nothing start until `queue resume`; what runs goes on
    Pause,
    /// Let tasks start again
    Resume,
    /// Delete tasks that ended long ago; a dead one cannot be tried again after that
    Prune {
        /// Those that ended more than so many days ago [default: queue.keep_completed_days, queue.keep_dead_days]
        #[arg(long, value_name = "DAYS")]
        older_than: Option<u32>,
    },
}

/// The queue of the configured database, with what it takes to change it.
#[derive(Debug)]
struct Desk {
    config: Config,
    db: Db,
    queue: Queue,
}

/// Does it to the queue in the configured database.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let runtime = settings::runtime()?;
    if let Command::Status { watch: true, json } = args.command {
        let watched = runtime.block_on(watch::watch(config, json));
        // A line that nobody takes from the pipe must not keep the process.
        runtime.shutdown_background();
        return watched;
    }
    let done = runtime.block_on(async {
        let desk = Desk::open(config).await?;
        let done = desk.execute(&args.command).await;
        desk.db.close().await;
        done
    });
    done.and_then(|text| output::text(&text))
}

impl Desk {
    /// Opens a database that is there and whose schema is ours; makes and changes none.
    async fn open(config: Config) -> Result<Self, Failure> {
        if let Some(file) = Db::missing_file(&config).map_err(Failure::failed)? {
            return Err(Failure::failed(format!(
                "There is no database {}: run this where the service runs, or set data_dir or database.url as it has \
                 them.",
                file.display()
            )));
        }
        let db = Db::connect(&config).await.map_err(Failure::failed)?;
        let queue = Queue::new(&db, &config.queue);
        let desk = Self { config, db, queue };
        if let Err(behind) = migrate::refuse_behind(&desk.db).await {
            desk.db.close().await;
            return Err(behind);
        }
        Ok(desk)
    }

    async fn execute(&self, command: &Command) -> Result<String, Failure> {
        match command {
            Command::Status { json, .. } => {
                let status = self.queue.status().await.map_err(Failure::failed)?;
                if *json { as_json(&status) } else { Ok(shown::status(&status, None)) }
            }
            Command::List { state, limit, json } => {
                let tasks = self.queue.list(*state, *limit).await.map_err(Failure::failed)?;
                if *json { as_json(&json!({ "items": tasks })) } else { Ok(shown::list(&tasks)) }
            }
            Command::Show { id, json } => self.show(*id, *json).await,
            Command::Retry { id: Some(id), .. } => self.retry(*id).await,
            Command::Retry { id: None, .. } => self.retry_dead().await,
            Command::Cancel { id } => self.cancel(*id).await,
            Command::Pause => {
                self.queue.pause().await.map_err(Failure::failed)?;
                self.note(Action::QueuePaused, None).await?;
                Ok("The queue is paused: what runs goes on, nothing starts until `queue resume`.\n"
                    .to_owned())
            }
            Command::Resume => {
                self.queue.resume().await.map_err(Failure::failed)?;
                self.note(Action::QueueResumed, None).await?;
                Ok("The queue goes on.\n".to_owned())
            }
            Command::Prune { older_than } => self.prune(*older_than).await,
        }
    }

    async fn show(&self, id: TaskId, json: bool) -> Result<String, Failure> {
        let task = self.queue.find(id).await.map_err(Failure::failed)?.ok_or_else(|| act::unknown(id))?;
        let history = self.queue.history(id).await.map_err(Failure::failed)?;
        if !json {
            return Ok(shown::task(&task, &history));
        }
        let mut value = serde_json::to_value(&task).map_err(Failure::failed)?;
        if let Some(fields) = value.as_object_mut() {
            fields.insert("history".to_owned(), json!(history));
        }
        as_json(&value)
    }
}

fn as_json(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(Failure::failed)
}

fn states() -> impl TypedValueParser<Value = TaskState> {
    PossibleValuesParser::new(TaskState::ALL.map(TaskState::as_str))
        .try_map(|name| TaskState::parse(&name).ok_or("there is no such state"))
}

fn id(text: &str) -> Result<TaskId, &'static str> {
    text.parse().map_err(|_| "a task's ID is a UUID, as `queue list` shows it")
}
