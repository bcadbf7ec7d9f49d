//! Results on stdout.

use std::io::{self, Write};

use serde::Serialize;

use crate::cli::failure::Failure;

/// Writes `bytes` as they are.
pub(crate) fn bytes(bytes: &[u8]) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes).and_then(|()| stdout.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::NobodyReads,
        _ => Failure::failed(format!("The result cannot be written to the standard output: {error}.")),
    })
}

/// Writes a text.
pub(crate) fn text(text: &str) -> Result<(), Failure> {
    bytes(text.as_bytes())
}

/// Writes a value as indented JSON.
pub(crate) fn json(value: &impl Serialize) -> Result<(), Failure> {
    let mut written = serde_json::to_vec_pretty(value)
        .map_err(|error| Failure::failed(format!("The result cannot be written as JSON: {error}.")))?;
    written.push(b'\n');
    bytes(&written)
}

/// So many bytes, for people.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];
    let mut units = UNITS.into_iter();
    let (mut whole, mut tenths, mut unit) = (bytes, 0, "bytes");
    while whole >= 1000 {
        let Some(next) = units.next() else { break };
        (whole, tenths, unit) = (whole / 1000, whole % 1000 / 100, next);
    }
    if unit == "bytes" { counted(whole, "byte") } else { format!("{whole}.{tenths} {unit}") }
}

/// So many of them, in words.
pub(crate) fn counted(number: u64, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
