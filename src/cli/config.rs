//! `config show` and `config check`: what is in force, and whether it is known and fits.

use std::fmt::Write;
use std::path::Path;

use clap::Subcommand;
use serde_json::{Map, Value, json};

use crate::cli::failure::Failure;
use crate::cli::{output, settings};
use crate::config::Shown;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print every key with its value and where it came from, secrets masked
    Show {
        /// As JSON
        #[arg(long)]
        json: bool,
    },
    /// Say whether every setting is known and fits; `doctor` says whether a service would work with them
    Check,
}

/// Prints or checks the configuration.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let layers = settings::layers(file, &[])?;
    let config = layers.config()?;
    match args.command {
        Command::Show { json: true } => output::json(&as_json(&layers.show())),
        Command::Show { json: false } => output::text(&as_text(&layers.show())),
        Command::Check => {
            config.ready_to_serve()?;
            output::text("The configuration is fine.\n")
        }
    }
}

fn as_json(shown: &[Shown]) -> Value {
    let keys: Map<String, Value> = shown
        .iter()
        .map(|line| (line.key.clone(), json!({ "value": line.value, "origin": line.origin.to_string() })))
        .collect();
    Value::Object(keys)
}

/// Lines that can be pasted into a `config.toml`, the origin as a comment.
fn as_text(shown: &[Shown]) -> String {
    let widest = shown
        .iter()
        .map(|line| line.key.len() + line.value.to_string().len() + 3)
        .filter(|width| *width < 60)
        .max();
    let mut text = String::new();
    for line in shown {
        let assignment = format!("{} = {}", line.key, line.value);
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{assignment:<width$}  # {}", line.origin, width = widest.unwrap_or(0));
    }
    text
}
