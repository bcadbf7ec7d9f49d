//! Environments: lists, tables, drawings, those that a document defines, and the document itself.

use std::rc::Rc;

use crate::domain::source::LineKind;
use crate::engine::read::error::ReadError;
use crate::engine::read::latex::commands::{environment_arguments, is_list, is_table};
use crate::engine::read::latex::entries::is_setting;
use crate::engine::read::latex::lexer::{Act, Token};
use crate::engine::read::latex::machine::{GroupKind, Machine, is_blank};

impl Machine {
    /// Takes `\begin`.
    pub(crate) fn begin(&mut self) -> Result<(), ReadError> {
        let name = self.argument()?;
        let name = self.plain(&name);
        if name == "document" {
            self.is_preamble = false;
            return self.show_head();
        }
        if self.is_preamble {
            return Ok(());
        }
        let key: Rc<str> = name.as_str().into();
        if matches!(name.as_str(), "tikzpicture" | "picture") {
            self.skip_options()?;
            self.writer.end_line();
            return self.open(GroupKind::Drawing(key));
        }
        self.open(GroupKind::Environment(key))?;
        if let Some(found) = self.environments.get(name.as_str()).cloned() {
            return self.expand(&found.begin);
        }
        self.is_awesome |= name == "cventries";
        if is_list(&name) {
            return self.begin_list(&name);
        }
        if is_table(&name) {
            self.skip_arguments(environment_arguments(&name).unwrap_or(1))?;
            self.writer.begin_table();
            return Ok(());
        }
        self.writer.end_line();
        match environment_arguments(&name) {
            Some(0) => self.skip_options(),
            Some(count) => {
                let given = self.skip_arguments(count)?;
                if matches!(name.trim_end_matches('*'), "multicols" | "paracol") {
                    let columns = given.first().and_then(|count| self.plain(count).parse().ok()).unwrap_or(1);
                    let layout = &mut self.writer.source().layout;
                    layout.columns = layout.columns.max(u32::from(u8::min(columns, 9)));
                }
                if name.starts_with("textblock") {
                    self.skip_parenthesis();
                }
                Ok(())
            }
            None => self.begin_unknown(&name),
        }
    }

    fn begin_list(&mut self, name: &str) -> Result<(), ReadError> {
        let mut has_marks = true;
        while let Some(option) = self.option()? {
            // `label={}`: the list is there for its indent alone.
            let option: String = self.plain(&option).split_whitespace().collect();
            has_marks &= !option.split(',').any(|setting| setting == "label=");
        }
        if name == "list" {
            has_marks = !is_blank(&self.argument()?);
            self.argument()?;
        }
        self.writer.begin_list(has_marks);
        Ok(())
    }

    /// Takes arguments that are no text, and the options around them.
    fn skip_arguments(&mut self, count: usize) -> Result<Vec<Vec<Token>>, ReadError> {
        let mut given = Vec::new();
        for _ in 0..count {
            self.skip_spaces();
            self.skip_options()?;
            if self.has_argument() {
                given.push(self.argument()?);
            }
        }
        self.skip_options()?;
        Ok(given)
    }

    /// An environment that nobody has told us about: its arguments are a heading or an entry.
    fn begin_unknown(&mut self, name: &str) -> Result<(), ReadError> {
        self.writer.end_block();
        let mut parts = Vec::new();
        while let Some(option) = self.option()? {
            if !is_setting(&self.plain(&option)) {
                parts.push(option);
            }
        }
        while self.peek() == Some(&Token::Open) {
            parts.push(self.argument()?);
        }
        let lowercase = name.to_lowercase();
        match parts.as_slice() {
            [] => Ok(()),
            [_] if lowercase.ends_with("section") && !lowercase.ends_with("subsection") => {
                self.put_back(vec![Token::Do(Act::EndLineAs(LineKind::Heading(2)))])?;
                self.put_back(parts.concat())
            }
            [_, _, _, _] => self.lines("*1|2 3|4", &parts),
            [_, _] => self.lines("*1|2", &parts),
            _ => {
                self.put_back(vec![Token::Do(Act::EndLine)])?;
                self.put_back(parts.join(&Token::Char('\t')))
            }
        }
    }

    /// Takes `\end`.
    pub(crate) fn end(&mut self) -> Result<(), ReadError> {
        let name = self.argument()?;
        let name = self.plain(&name);
        if name == "document" {
            self.stop();
            return Ok(());
        }
        let is_this = |kind: &GroupKind| match kind {
            GroupKind::Environment(found) | GroupKind::Drawing(found) => **found == *name,
            GroupKind::Brace => false,
        };
        let Some(place) = self.groups.iter().rposition(|group| is_this(&group.kind)) else { return Ok(()) };
        if let Some(found) = self.environments.get(name.as_str()) {
            let mut end = found.end.to_vec();
            self.count_call(end.len())?;
            end.extend([Token::Do(Act::EndMacro), Token::Do(Act::EndEnvironment)]);
            return self.put_back(end);
        }
        while self.groups.len() > place + 1 {
            self.groups.pop();
        }
        let is_drawing = matches!(self.groups.last().map(|group| &group.kind), Some(GroupKind::Drawing(_)));
        if let Some(group) = self.groups.pop() {
            self.look = group.outer;
        }
        if is_drawing {
            self.writer.end_line();
        } else if is_list(&name) {
            self.writer.end_list();
        } else if is_table(&name) {
            self.writer.end_table();
        } else {
            self.writer.end_paragraph();
        }
        Ok(())
    }

    /// Closes the environment whose own end has been read.
    pub(crate) fn close_environment(&mut self) {
        self.writer.end_line();
        while let Some(group) = self.groups.pop() {
            self.look = group.outer;
            if group.kind != GroupKind::Brace {
                return;
            }
        }
    }
}
