//! Plain text: for forms that take pasted text, so nothing is wrapped and nothing is decorated.

use crate::engine::render::document::{Block, Document, join, text};
use crate::engine::render::template::one_line;

pub(crate) fn write(document: &Document) -> String {
    let mut out = String::new();
    let mut previous: Option<&Block> = None;
    for block in &document.blocks {
        if previous.is_some_and(|previous| apart(previous, block)) {
            out.push('\n');
        }
        match block {
            Block::Heading(line) => out.push_str(&text(line).to_uppercase()),
            Block::Contacts(lines) => out.push_str(&text(&join(lines.iter().cloned(), " | "))),
            Block::Entry(entry) => out.push_str(&text(&one_line(entry))),
            Block::Bullet(line) => {
                out.push_str("- ");
                out.push_str(&text(line));
            }
            Block::Name(line) | Block::Label(line) | Block::Detail(line) | Block::Paragraph(line) => {
                out.push_str(&text(line));
            }
        }
        out.push('\n');
        previous = Some(block);
    }
    out
}

/// Whether an empty line stands between two blocks: around headings and above entries.
fn apart(above: &Block, below: &Block) -> bool {
    match below {
        Block::Heading(_) => true,
        Block::Entry(_) => !matches!(above, Block::Heading(_)),
        _ => false,
    }
}
