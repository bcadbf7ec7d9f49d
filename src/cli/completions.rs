//! `completions SHELL`: the shell's completion script.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::cli::failure::Failure;
use crate::cli::{Cli, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// Which shell
    shell: Shell,
}

/// Prints the script.
pub(crate) fn run(args: &Args) -> Result<(), Failure> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "resume-optimizer", &mut script);
    output::bytes(&script)
}
