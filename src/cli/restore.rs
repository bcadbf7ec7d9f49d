//! `restore`: the content of an archive, where nothing is or in the place of what is there.

use std::path::{Path, PathBuf};

use crate::backup::{self, Restored, Wanted};
use crate::cli::failure::Failure;
use crate::cli::output::{self, counted, size};
use crate::cli::progress::Bar;
use crate::cli::{backup as backup_command, settings};
use crate::shutdown::Shutdown;
use crate::worker;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The archive, as `backup` wrote it, on whichever database
    file: PathBuf,
    /// Delete everything that is there, and put the archive in its place
    #[arg(long)]
    replace: bool,
    /// Print what was restored as JSON
    #[arg(long)]
    json: bool,
}

/// Restores.
pub(crate) fn run(args: Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let bar = Bar::new();
    let restored = settings::runtime()?.block_on(async {
        let shutdown = Shutdown::on_signals().map_err(Failure::failed)?;
        let registry = worker::notes(&config);
        let wanted = Wanted { file: args.file, replace: args.replace };
        backup::restore(config, shutdown, wanted, &registry, &bar.follow_parts())
            .await
            .map_err(Failure::failed)
    })?;
    drop(bar);
    if args.json { output::json(&restored) } else { output::text(&as_text(&restored)) }
}

fn as_text(restored: &Restored) -> String {
    let mut text = String::new();
    for (table, rows) in &restored.tables {
        text += &format!("{table:24} {rows:>10}\n");
    }
    text += &backup_command::missing(&restored.missing);
    if restored.migrated > 0 {
        let migrated = u64::try_from(restored.migrated).unwrap_or(u64::MAX);
        text += &format!("{} applied to it.\n", counted(migrated, "migration"));
    }
    if restored.released_tasks > 0 {
        text += &format!("Tasks that were running, and wait again: {}.\n", restored.released_tasks);
    }
    if !restored.signing_secret {
        text += "It brought no signing secret, or one is configured: people may have to sign in again.\n";
    }
    text += &format!(
        "Restored {}: {} of {} and {} ({}), as they were at {}.\n",
        restored.file,
        counted(restored.tables.values().sum(), "row"),
        counted(u64::try_from(restored.tables.len()).unwrap_or(u64::MAX), "table"),
        counted(restored.files.count, "file"),
        size(restored.files.bytes),
        restored.taken_at.format("%Y-%m-%d %H:%M:%S UTC"),
    );
    text
}
