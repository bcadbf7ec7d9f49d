//! Rich Text: groups and control words to lines, with styles, lists, tables, fields, text boxes, headers and notes.

mod charset;
mod flow;
mod machine;
mod state;
#[cfg(test)]
mod tests;
mod tokens;

use crate::domain::source::SourceText;
use crate::engine::read::error::ReadError;
use crate::engine::read::rtf::machine::Machine;
use crate::engine::read::rtf::tokens::Tokens;

/// Reads an RTF file.
pub(crate) fn read(bytes: &[u8]) -> Result<SourceText, ReadError> {
    let start = bytes.iter().position(|byte| *byte == b'{').unwrap_or(0);
    let mut machine = Machine::new();
    for token in Tokens::new(bytes.get(start..).unwrap_or_default()) {
        machine.take(token)?;
        if machine.is_over() {
            break;
        }
    }
    Ok(machine.finish())
}
