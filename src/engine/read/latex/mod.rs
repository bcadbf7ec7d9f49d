//! LaTeX source to lines: macros are expanded within bounds, commands of layout go, no word of the person does.

mod commands;
mod entries;
mod environments;
mod head;
mod lengths;
mod lexer;
mod machine;
mod macros;
mod structure;
mod symbols;
#[cfg(test)]
mod tests;
mod writer;

use crate::domain::source::SourceText;
use crate::engine::read::error::ReadError;
use crate::engine::read::latex::lexer::lex;
use crate::engine::read::latex::machine::Machine;

/// Bytes of a source; a long resume has fifty thousand.
const MAX_BYTES: usize = 1 << 20;

/// Reads LaTeX source.
pub(crate) fn read(text: &str) -> Result<SourceText, ReadError> {
    if text.len() > MAX_BYTES {
        return Err(ReadError::TooLarge { bytes: text.len() as u64, limit: MAX_BYTES as u64 });
    }
    // Line ends of old systems would hide that a line is blank.
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    Machine::new(lex(&text)).run()
}
