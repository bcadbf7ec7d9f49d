//! How a command ends when it does not do what it was asked for: a sentence and an exit code.

use std::fmt;
use std::io::{self, Write};
use std::process::ExitCode;

use crate::config::ConfigError;

/// Why a command ends early.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It could not be done: exit code 1.
    Failed(String),
    /// It was asked for in a way that makes no sense: exit code 2.
    Usage(String),
    /// Whoever reads our output has enough of it: no failure at all.
    NobodyReads,
}

impl Failure {
    /// A failure with this sentence, which names the input and the mend.
    pub(crate) fn failed(sentence: impl fmt::Display) -> Self {
        Self::Failed(sentence.to_string())
    }

    /// Says what is wrong on stderr.
    pub(crate) fn report(&self) -> ExitCode {
        let (sentence, code) = match self {
            Self::Failed(sentence) => (sentence, ExitCode::from(1)),
            Self::Usage(sentence) => (sentence, ExitCode::from(2)),
            Self::NobodyReads => return ExitCode::SUCCESS,
        };
        let mut stderr = io::stderr().lock();
        for line in sentence.lines() {
            // Without stderr there is nobody to tell; the exit code still says it.
            let _ = writeln!(stderr, "error: {line}");
        }
        code
    }
}

/// Says on stderr what somebody has to see to although the command did what it was asked for.
pub(crate) fn warn(sentence: &str) {
    // Without stderr there is nobody to tell.
    let _ = writeln!(io::stderr().lock(), "warning: {sentence}");
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        Self::failed(error)
    }
}
