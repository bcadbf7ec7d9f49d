//! Field codes of a DOCX, of which only links matter: `HYPERLINK "https://…"`.

use crate::engine::read::office::link_of;

/// The fields that are open, innermost last.
#[derive(Debug, Default)]
pub(crate) struct Fields {
    open: Vec<Field>,
}

#[derive(Debug, Default)]
struct Field {
    code: String,
    shows_result: bool,
}

impl Fields {
    /// Takes a `w:fldChar`: begin, separate or end.
    pub(crate) fn mark(&mut self, kind: Option<&str>) {
        match kind {
            Some("begin") if self.open.len() < 64 => self.open.push(Field::default()),
            Some("separate") => {
                if let Some(field) = self.open.last_mut() {
                    field.shows_result = true;
                }
            }
            Some("end") => {
                self.open.pop();
            }
            _ => {}
        }
    }

    /// Takes a piece of a field's code.
    pub(crate) fn code(&mut self, text: &str) {
        if let Some(field) = self.open.last_mut() {
            field.code.push_str(text);
        }
    }

    /// Whether text here is a field's code and not what people see.
    pub(crate) fn hides_text(&self) -> bool {
        self.open.iter().any(|field| !field.shows_result)
    }

    /// Where a link field around this text leads.
    pub(crate) fn link(&self) -> Option<String> {
        self.open.iter().rev().find_map(|field| link_of(&field.code))
    }
}
