//! The command line: one file a subcommand.
//!
//! Stdout carries results alone; what went wrong is one sentence on stderr. Exit codes: 0 done, 1 failed,
//! 2 wrong usage. Sees every room below it; `optimize`, `analyze` and `parse` use no database.

mod analyze;
mod backup;
mod completions;
mod config;
mod doctor;
mod failure;
mod health;
mod input;
mod man;
mod migrate;
mod openapi;
mod optimize;
mod output;
mod parse;
mod progress;
mod queue;
mod restore;
mod serve;
mod settings;
mod user;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::sandbox;

/// Turns a resume and a job posting into a tailored resume in which nothing is invented.
#[derive(Debug, Parser)]
#[command(name = "resume-optimizer", version, propagate_version = true)]
struct Cli {
    /// Configuration file [default: config.toml where it exists]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service: the API and the pages, the workers, or both
    Serve(serve::Args),
    /// Tailor a resume to a posting and write the documents
    Optimize(optimize::Args),
    /// Say how a resume meets a posting, writing nothing
    Analyze(analyze::Args),
    /// Say what is read from a resume and what applicant tracking systems would trip over
    Parse(parse::Args),
    /// Change the database's schema, or say where it stands
    Migrate(migrate::Args),
    /// Look at the queue, try tasks again, call them off, pause, tidy
    Queue(queue::Args),
    /// Write everything that this installation keeps into one archive, beside the running service
    Backup(backup::Args),
    /// Put the content of an archive where nothing is, or in the place of what is there
    Restore(restore::Args),
    /// Make, list and change accounts
    User(user::Args),
    /// Show or check the effective configuration
    Config(config::Args),
    /// Look at everything that the service needs, and say the mend of what is wrong
    Doctor(doctor::Args),
    /// Ask the service that runs on this machine whether it lives
    Health(health::Args),
    /// Print the OpenAPI 3.1 document of the service
    Openapi,
    /// Print a shell's completion script
    Completions(completions::Args),
    /// Print the manual page
    Man(man::Args),
}

/// Runs the command that the process was started with.
#[must_use]
pub fn run() -> ExitCode {
    // Before anything else: the reader of one document limits itself, and may have no threads by then.
    if sandbox::is_child() {
        return sandbox::child_main();
    }
    // Prints help, the version or what is wrong with the arguments, and ends with 0 or 2 by itself.
    let cli = Cli::parse();
    let file = cli.config.as_deref();
    let done = match cli.command {
        Command::Serve(args) => serve::run(&args, file),
        Command::Optimize(args) => optimize::run(args, file),
        Command::Analyze(args) => analyze::run(&args, file),
        Command::Parse(args) => parse::run(&args, file),
        Command::Migrate(args) => migrate::run(&args, file),
        Command::Queue(args) => queue::run(&args, file),
        Command::Backup(args) => backup::run(&args, file),
        Command::Restore(args) => restore::run(args, file),
        Command::User(args) => user::run(&args, file),
        Command::Config(args) => config::run(&args, file),
        Command::Doctor(args) => doctor::run(&args, file),
        Command::Health(args) => health::run(&args, file),
        Command::Openapi => openapi::run(),
        Command::Completions(args) => completions::run(&args),
        Command::Man(args) => man::run(&args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
