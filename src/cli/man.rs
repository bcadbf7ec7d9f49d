//! `man`: the manual pages, for packagers.

use std::path::PathBuf;

use clap::CommandFactory;
use clap_mangen::Man;

use crate::cli::failure::Failure;
use crate::cli::{Cli, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Write one page a subcommand into this folder instead of the main page to the standard output
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// Prints the page or writes the pages.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    if let Some(dir) = &args.out {
        let written =
            std::fs::create_dir_all(dir).and_then(|()| clap_mangen::generate_to(Cli::command(), dir));
        return written.map_err(|error| {
            Failure::failed(format!("The manual pages cannot be written to {}: {error}.", dir.display()))
        });
    }
    let mut page = Vec::new();
    Man::new(Cli::command()).render(&mut page).map_err(Failure::failed)?;
    output::bytes(&page)
}
