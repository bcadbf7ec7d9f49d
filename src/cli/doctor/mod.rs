//! `doctor`: looks at everything that the service needs, as it would use it, and says the mend of what is wrong.

mod checks;
mod folders;

use std::fmt::Write;
use std::path::Path;

use serde::Serialize;

use crate::cli::failure::Failure;
use crate::cli::{output, settings};
use crate::config::ConfigError;

#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// As JSON
    #[arg(long)]
    json: bool,
}

/// How something is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// As it should be.
    Ok,
    /// The service works, but somebody should look at it.
    Warning,
    /// The service does not work with it.
    Failed,
}

/// What was looked at, and how it is.
#[derive(Debug, Serialize)]
struct Finding {
    /// What: `database`.
    check: &'static str,
    state: State,
    /// What was found, a sentence.
    message: String,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    mend: Option<String>,
}

impl Finding {
    fn ok(check: &'static str, message: impl Into<String>) -> Self {
        Self { check, state: State::Ok, message: message.into(), mend: None }
    }

    fn warning(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Warning, message: message.into(), mend: Some(mend.into()) }
    }

    fn failed(check: &'static str, message: impl Into<String>, mend: impl Into<String>) -> Self {
        Self { check, state: State::Failed, message: message.into(), mend: Some(mend.into()) }
    }
}

/// Looks at everything; fails when something is not as the service needs it.
pub(crate) fn run(args: &Args, file: Option<&Path>) -> Result<(), Failure> {
    let findings = match settings::config(file, &[]) {
        Ok(config) => match config.ready_to_serve() {
            Ok(()) => {
                let runtime = settings::runtime()?;
                let findings = runtime.block_on(checks::all(&config));
                // A disk that does not answer would keep its thread, and with it whoever waits for that.
                runtime.shutdown_background();
                findings
            }
            Err(error) => not_configured(&error),
        },
        Err(Failure::Failed(problems)) => not_configured(&ConfigError { problems: vec![problems] }),
        Err(failure) => return Err(failure),
    };
    if args.json {
        output::json(&findings)?;
    } else {
        output::text(&as_text(&findings))?;
    }
    let failed: Vec<&str> =
        findings.iter().filter(|found| found.state == State::Failed).map(|found| found.check).collect();
    if failed.is_empty() {
        return Ok(());
    }
    Err(Failure::failed(format!("The service would not work: mend {} as said above.", failed.join(", "))))
}

/// Nothing else can be looked at then: it is not known where it would be.
fn not_configured(error: &ConfigError) -> Vec<Finding> {
    let mend = "change what the sentence names; `config show` prints every key, `config.toml` explains it";
    error.problems.iter().map(|problem| Finding::failed("configuration", problem.clone(), mend)).collect()
}

fn as_text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for Finding { check, state, message, mend } in findings {
        let state = match state {
            State::Ok => "ok",
            State::Warning => "WARNING",
            State::Failed => "FAILED",
        };
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{state:<8} {check:<14} {message}");
        if let Some(mend) = mend {
            let _ = writeln!(text, "{:<8} {:<14} -> {mend}", "", "");
        }
    }
    text
}
