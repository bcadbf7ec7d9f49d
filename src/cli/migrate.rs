//! `migrate`: the schema, forward and back.

use std::io::{self, IsTerminal, Write};
use std::path::Path;

use clap::Subcommand;
use serde_json::{Value, json};

use crate::cli::failure::Failure;
use crate::cli::{output, settings};
use crate::store::migrate::{self, Step};
use crate::store::{Db, StoreError};

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
    settings::runtime()?
        .block_on(async {
            let db = Db::connect(&config).await.map_err(Failure::failed)?;
            let done = execute(&args.command, &db).await;
            db.close().await;
            done.map_err(Failure::failed)
        })
        .and_then(|text| output::text(&text))
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

async fn execute(command: &Command, db: &Db) -> Result<String, StoreError> {
    Ok(match command {
        Command::Up => format!("{} applied.\n", counted(migrate::up(db).await?)),
        Command::Down { steps, .. } => format!("{} taken back.\n", counted(migrate::down(db, *steps).await?)),
        Command::Fresh { .. } => {
            format!("The database is empty; {} applied.\n", counted(migrate::fresh(db).await?))
        }
        Command::Status { json: true } => format!("{:#}\n", as_json(&migrate::status(db).await?)),
        Command::Status { json: false } => migrate::status(db).await?.iter().map(as_line).collect(),
    })
}

/// Refuses a database whose schema is behind this program's: programs that serve may still need it as it is, and when
/// it changes is for the operator to say.
pub(crate) async fn refuse_behind(db: &Db) -> Result<(), Failure> {
    match migrate::pending(db).await.map_err(Failure::failed)? {
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
    let state = match (step.known, step.applied) {
        (false, _) => "newer  ",
        (true, true) => "applied",
        (true, false) => "pending",
    };
    format!("{state}  {}\n", step.name)
}

fn as_json(steps: &[Step]) -> Value {
    let items: Vec<Value> =
        steps.iter().map(|step| json!({ "name": step.name, "applied": step.applied, "known": step.known })).collect();
    json!({ "items": items })
}
