//! `backup`: everything that this installation keeps, in one archive.

use std::path::{Path, PathBuf};

use crate::backup::{self, BackedUp, Missing, Way, bereft};
use crate::cli::failure::{self, Failure};
use crate::cli::output::{self, counted, size};
use crate::cli::progress::Bar;
use crate::cli::settings;
use crate::shutdown::Shutdown;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The archive to write; whoever can read it knows everything that the service knows
    file: PathBuf,
    /// Put it in the place of a file that is there
    #[arg(long)]
    force: bool,
    /// Be content with an archive without files that the file store has lost
    #[arg(long)]
    incomplete: bool,
    /// Print what was written as JSON
    #[arg(long)]
    json: bool,
}

/// Backs up.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let config = settings::config(file, &[])?;
    let bar = Bar::new();
    let way = Way { replace: args.force, incomplete: args.incomplete };
    let made = settings::runtime()?.block_on(async {
        let shutdown = Shutdown::on_signals().map_err(Failure::failed)?;
        Box::pin(backup::make(config, shutdown, &args.file, way, &bar.follow_parts()))
            .await
            .map_err(Failure::failed)
    })?;
    drop(bar);
    for part in &made.parts_left {
        failure::warn(&format!(
            "What a backup that was killed left could not be deleted ({part}). It takes room and is as secret as the \
             archive: delete it as a user who may."
        ));
    }
    if args.json {
        output::json(&made)?;
    } else {
        output::text(&as_text(&made))?;
    }
    match bereft(&made.manifest.missing) {
        bereft if bereft > 0 && !args.incomplete => Err(Failure::failed(format!(
            "{} lacks {} that the database names and the file store does not have whole (--json says which); no whole \
             archive was replaced. See that storage and data_dir are those of the service and that its volume is there. \
             What is lost for good is left out without a word by --incomplete.",
            made.file,
            counted(u64::try_from(bereft).unwrap_or(u64::MAX), "file")
        ))),
        _ => Ok(()),
    }
}

fn as_text(made: &BackedUp) -> String {
    let manifest = &made.manifest;
    let mut text = format!(
        "Wrote {} ({}): {} of {} and {} ({}), as they were at {}.\n",
        made.file,
        size(made.bytes),
        counted(manifest.rows(), "row"),
        counted(u64::try_from(manifest.tables.len()).unwrap_or(u64::MAX), "table"),
        counted(manifest.files.count, "file"),
        size(manifest.files.bytes),
        manifest.taken_at.format("%Y-%m-%d %H:%M:%S UTC"),
    );
    text += &missing(&manifest.missing);
    if !manifest.left_out.is_empty() {
        text += &format!("Left out, as they are none of ours: {}.\n", manifest.left_out.join(", "));
    }
    text
}

/// What is said of files without bytes.
pub(in crate::cli) fn missing(missing: &[Missing]) -> String {
    let said = |files: usize, why: &str| match files {
        0 => String::new(),
        1 => format!("1 file is left out: {why}.\n"),
        files => format!("{files} files are left out: {why}.\n"),
    };
    let bereft = bereft(missing);
    said(missing.len() - bereft, "deleted while the backup was made")
        + &said(bereft, "lost or damaged before the backup was made (--json says which)")
}

#[cfg(test)]
mod tests {
    use crate::cli::output::size;

    #[test]
    fn sizes_are_for_people() {
        for (bytes, said) in
            [(0, "0 bytes"), (1, "1 byte"), (999, "999 bytes"), (1000, "1.0 KB"), (1_250_000, "1.2 MB")]
        {
            assert_eq!(size(bytes), said);
        }
    }
}
