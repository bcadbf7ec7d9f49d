//! `migrate`: the schema, forward and back.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{output, settings};
use crate::config::Config;
use crate::store::migrate::{self, Step};
use crate::store::{Db, StoreError, presence};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Apply every pending migration
    Up,
    /// Take the last migrations back, and their data with them
    Down {
        /// How many
        #[arg(value_parser = clap::value_parser!(u32).range(1..))]
        steps: u32,
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
    /// Say which migrations are applied
    Status {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Take everything back and apply it again: an empty database
    Fresh {
        /// Do not ask
        #[arg(long)]
        yes: bool,
    },
}

/// Does it to the configured database.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    if matches!(args.command, Command::Down { yes: false, .. } | Command::Fresh { yes: false }) {
        confirm()?;
    }
    settings::runtime()?.block_on(carry_out(&args.command, &config)).and_then(|text| output::text(&text))
}

async fn carry_out(command: &Command, config: &Config) -> Result<String, Failure> {
    if let Command::Status { json } = command
        && Db::missing_file(config).map_err(Failure::failed)?.is_some()
    {
        // Looking must not make it.
        return Ok(told(&migrate::all_pending(), *json));
    }
    let deletes = matches!(command, Command::Down { .. } | Command::Fresh { .. });
    if deletes && presence::is_open_elsewhere(config).await.map_err(Failure::failed)? {
        return Err(in_use());
    }
    let db = Db::connect(config).await.map_err(Failure::failed)?;
    let others = if deletes { db.other_sessions().await } else { Ok(0) };
    let done = match others {
        Ok(0) => execute(command, &db, config).await.map_err(Failure::failed),
        Ok(_) => Err(in_use()),
        Err(error) => Err(Failure::failed(error)),
    };
    db.close().await;
    done
}

/// What serves would go on without its tables, and say that it is well.
fn in_use() -> Failure {
    Failure::failed(
        "Another process of resume-optimizer has the database open, and nothing was changed: stop the service \
         everywhere and run this again.",
    )
}

/// Asks whoever sits at a terminal; a script has said what it wants.
fn confirm() -> Result<(), Failure> {
    if !io::stdin().is_terminal() {
        return Ok(());
    }
    let mut stderr = io::stderr().lock();
    // Without stderr nobody can be asked, and nothing is deleted.
    write!(stderr, "This deletes accounts, jobs and results for good. Type yes to go on: ")
        .map_err(Failure::failed)?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer).map_err(Failure::failed)?;
    if answer.trim().eq_ignore_ascii_case("yes") {
        Ok(())
    } else {
        Err(Failure::failed("Nothing was changed."))
    }
}

async fn execute(command: &Command, db: &Db, config: &Config) -> Result<String, StoreError> {
    Ok(match command {
        Command::Up => format!("{} applied.\n", counted(migrate::up(db).await?)),
        Command::Down { steps, .. } => format!("{} taken back.\n", counted(migrate::down(db, *steps).await?)),
        Command::Fresh { .. } => {
            let applied = counted(migrate::fresh(db).await?);
            let place = config.files_place();
            format!(
                "The database is empty; {applied} applied. Files that were uploaded are left in {place}, and nobody's: \
                 delete them there.\n"
            )
        }
        Command::Status { json } => told(&migrate::status(db).await?, *json),
    })
}

fn told(steps: &[Step], json: bool) -> String {
    if json { format!("{:#}\n", as_json(steps)) } else { steps.iter().map(as_line).collect() }
}

/// Refuses a database whose schema is behind this program's: programs that serve may still need it as it is, and when
/// it changes is for the operator to say.
pub(crate) async fn refuse_behind(db: &Db) -> Result<(), Failure> {
    match db.migrations_pending().await.map_err(Failure::failed)? {
        0 => Ok(()),
        pending => Err(Failure::failed(format!(
            "The database is behind this program, {} pending: run `resume-optimizer migrate up` first.",
            counted(pending)
        ))),
    }
}

/// So many migrations, in words.
fn counted(migrations: usize) -> String {
    output::counted(u64::try_from(migrations).unwrap_or(u64::MAX), "migration")
}

fn as_line(step: &Step) -> String {
    let state = match step {
        Step { known: false, .. } => "newer",
        Step { applied: true, .. } => "applied",
        Step { applied: false, .. } => "pending",
    };
    format!("{state:<7}  {}\n", step.name)
}

fn as_json(steps: &[Step]) -> Value {
    let items: Vec<Value> = steps
        .iter()
        .map(|step| json!({ "name": step.name, "applied": step.applied, "known": step.known }))
        .collect();
    json!({ "items": items })
}
