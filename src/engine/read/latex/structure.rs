//! What commands do: settings of text, headings, items, links, entries; of unknown ones, the arguments are kept.

use crate::domain::source::LineKind;
use crate::engine::read::error::ReadError;
use crate::engine::read::latex::commands::{arguments, entry, heading, is_register};
use crate::engine::read::latex::entries::is_setting;
use crate::engine::read::latex::lengths::points;
use crate::engine::read::latex::lexer::{Act, Token};
use crate::engine::read::latex::machine::{GroupKind, Machine, is_blank};
use crate::engine::read::latex::symbols::{accent, size, symbol};
use crate::engine::read::latex::writer::Look;

/// A space at least this wide is a gap; in points.
const GAP_POINTS: f32 = 9.0;

impl Machine {
    /// Takes a command.
    pub(crate) fn command(&mut self, name: &str) -> Result<(), ReadError> {
        if let Some(found) = self.macros.get(name).cloned() {
            return self.expand(&found);
        }
        if self.definition(name)? || self.set(name)? || self.build(name)? || self.person(name)? {
            return Ok(());
        }
        if let Some(mark) = accent(name) {
            return self.accented(mark, name);
        }
        if let Some(text) = symbol(name) {
            self.text(text);
            return Ok(());
        }
        if let Some((count, _)) = entry(name, self.is_awesome) {
            return self.entry(name, count);
        }
        if let Some(kinds) = arguments(name) {
            return self.known(name, kinds);
        }
        if is_register(name) {
            self.skip_length();
            return Ok(());
        }
        self.unknown(name)
    }

    /// Commands that change how text is set.
    fn set(&mut self, name: &str) -> Result<bool, ReadError> {
        match name {
            "textbf" | "mathbf" | "pmb" => self.styled(|look| look.bold = true)?,
            "textit" | "textsl" | "mathit" => self.styled(|look| look.italic = true)?,
            "emph" => self.styled(|look| look.italic = !look.italic)?,
            "bf" | "bfseries" => self.look.bold = true,
            "it" | "itshape" | "sl" | "slshape" => self.look.italic = true,
            "em" => self.look.italic = !self.look.italic,
            "mdseries" => self.look.bold = false,
            "upshape" => self.look.italic = false,
            "normalfont" | "rm" | "rmfamily" => {
                self.look.bold = false;
                self.look.italic = false;
            }
            "fontsize" => {
                let given = self.argument()?;
                self.argument()?;
                if let Some(size) = points(&self.plain(&given)) {
                    self.look.size = size.clamp(1.0, 500.0);
                }
            }
            "begingroup" | "bgroup" => self.open(GroupKind::Brace)?,
            "endgroup" | "egroup" => self.close_brace(),
            _ => match size(name) {
                Some(found) => self.look.size = found,
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    /// Opens the next group with another look; a letter without braces is one of its own.
    fn styled(&mut self, change: impl FnOnce(&mut Look)) -> Result<(), ReadError> {
        let argument = if self.has_argument() { None } else { Some(self.argument()?) };
        if let Some(argument) = argument {
            self.put_back(vec![Token::Do(Act::Close)])?;
            self.put_back(argument)?;
        } else {
            self.next();
        }
        self.open(GroupKind::Brace)?;
        change(&mut self.look);
        Ok(())
    }

    /// Commands that make lines, items and links.
    fn build(&mut self, name: &str) -> Result<bool, ReadError> {
        match name {
            "begin" => self.begin()?,
            "end" => self.end()?,
            "\\" | "newline" | "linebreak" | "tabularnewline" | "break" | "crlf" => {
                self.next_is(&Token::Char('*'));
                self.skip_options()?;
                self.break_line();
            }
            "par" | "newpage" | "clearpage" | "pagebreak" | "bigskip" | "medskip" | "smallskip" | "vfill"
            | "vfil" | "hrule" | "columnbreak" | "switchcolumn" => {
                self.skip_options()?;
                if name == "hrule" {
                    self.skip_rule();
                }
                if !self.is_preamble {
                    self.writer.end_paragraph();
                }
            }
            "item" => self.item()?,
            "resumeItem" => self.resume_item()?,
            "resumeSubHeadingListStart" => self.writer.begin_list(false),
            "resumeItemListStart" => self.writer.begin_list(true),
            "resumeSubHeadingListEnd" | "resumeItemListEnd" => self.writer.end_list(),
            "href" => self.link()?,
            "url" | "nolinkurl" | "path" => self.address()?,
            "hspace" => self.space()?,
            "includegraphics" | "photo" | "photoR" | "photoL" => self.picture(name)?,
            "footnote" | "footnotetext" | "thanks" => {
                self.skip_options()?;
                let note = self.argument()?;
                self.footers.push(note);
            }
            "frac" | "nicefrac" | "sfrac" | "tfrac" => {
                let (over, under) = (self.argument()?, self.argument()?);
                self.put_back([over, vec![Token::Char('/')], under].concat())?;
            }
            "cvtag" => {
                // Tags stand side by side as a list does.
                if self.is_shown()
                    && self.writer.is_open()
                    && !self.writer.open_text().trim_end().ends_with([',', ':'])
                {
                    self.text(", ");
                }
            }
            "input" | "include" | "subfile" | "import" => {
                let file = self.file_name()?;
                if name == "import" {
                    self.argument()?;
                }
                // Every second template has this one, and it holds no text.
                self.has_inputs |= file != "glyphtounicode";
            }
            "(" | ")" | "[" | "]" => self.is_in_formula = matches!(name, "(" | "["),
            _ => match heading(name) {
                Some(level) => self.heading(level)?,
                None => return Ok(false),
            },
        }
        Ok(true)
    }

    fn break_line(&mut self) {
        if !self.is_preamble {
            self.writer.end_row();
        }
    }

    fn heading(&mut self, level: u8) -> Result<(), ReadError> {
        self.next_is(&Token::Char('*'));
        self.skip_options()?;
        let mut text = self.argument()?;
        // A line break in a heading is for looks.
        for token in &mut text {
            if matches!(token, Token::Command(name) if **name == *"\\") || *token == Token::Paragraph {
                *token = Token::Space;
            }
        }
        self.writer.end_block();
        self.put_back(vec![Token::Do(Act::Close), Token::Do(Act::EndLineAs(LineKind::Heading(level)))])?;
        self.put_back(text)?;
        self.open(GroupKind::Brace)
    }

    fn item(&mut self) -> Result<(), ReadError> {
        self.skip_spaces();
        let label = self.option()?.unwrap_or_default();
        self.writer.begin_item();
        // A mark is no word: what stands there in letters names the item.
        if !self.plain(&label).chars().any(char::is_alphanumeric) {
            return Ok(());
        }
        let ends = self.plain(&label).ends_with([':', '.', ',', ';', ')']);
        self.put_back(if ends { vec![Token::Space] } else { vec![Token::Char(':'), Token::Space] })?;
        self.put_back_bold(label)
    }

    fn link(&mut self) -> Result<(), ReadError> {
        self.skip_options()?;
        let address = self.argument()?;
        let text = self.argument()?;
        let address = self.plain(&address);
        if address.is_empty() || is_blank(&text) {
            return self.put_back(text);
        }
        let link = self.writer.add_link(address);
        self.put_back_grouped(Act::OpenLink(link), text)
    }

    fn address(&mut self) -> Result<(), ReadError> {
        let address = self.argument()?;
        let address = self.plain(&address);
        let link = self.writer.add_link(address.clone());
        let outer = self.look.link.replace(link);
        self.text(&address);
        self.look.link = outer;
        Ok(())
    }

    fn space(&mut self) -> Result<(), ReadError> {
        self.next_is(&Token::Char('*'));
        let width = self.argument()?;
        let fills = width.iter().any(
            |token| matches!(token, Token::Command(name) if **name == *"fill" || name.starts_with("stretch")),
        );
        let is_wide = fills || points(&self.plain(&width)).is_some_and(|width| width >= GAP_POINTS);
        self.text(if is_wide { "\t" } else { " " });
        Ok(())
    }

    fn picture(&mut self, name: &str) -> Result<(), ReadError> {
        self.next_is(&Token::Char('*'));
        self.skip_options()?;
        self.argument()?;
        // Some classes have the width in braces before the file.
        if name.starts_with("photo") && self.peek() == Some(&Token::Open) {
            self.argument()?;
        }
        let images = &mut self.writer.source().layout.images;
        *images = images.saturating_add(1);
        Ok(())
    }

    /// An accent and its letter; an accent on nothing is itself.
    fn accented(&mut self, mark: char, name: &str) -> Result<(), ReadError> {
        let letter = self.argument()?;
        let letter = match letter.first() {
            Some(Token::Command(name)) => match &**name {
                "i" => "i".to_owned(),
                "j" => "j".to_owned(),
                name => symbol(name).unwrap_or_default().to_owned(),
            },
            _ => self.plain(&letter),
        };
        let mut chars = letter.chars();
        match chars.next() {
            Some(first) if first.is_alphabetic() => {
                let rest: String = chars.collect();
                self.text(&format!("{first}{mark}{rest}"));
            }
            Some(_) => self.text(&letter),
            None => self.text(if name.chars().all(|c| c.is_ascii_punctuation()) { name } else { "" }),
        }
        Ok(())
    }

    /// A command whose arguments are known.
    fn known(&mut self, name: &str, kinds: &str) -> Result<(), ReadError> {
        self.next_is(&Token::Char('*'));
        let mut kept = Vec::new();
        for kind in kinds.chars() {
            self.skip_spaces_before_option();
            self.skip_options()?;
            if name == "cmidrule" {
                self.skip_parenthesis();
            }
            if kind == 'o' {
                continue;
            }
            if kind == 'k' && kinds.len() == 1 && self.has_argument() {
                // The group is read where it stands.
                return Ok(());
            }
            let argument = self.argument()?;
            if kind == 'k' {
                kept.push(Token::Open);
                kept.extend(argument);
                kept.push(Token::Close);
            }
        }
        if kept.is_empty() && !kinds.is_empty() {
            self.skip_settings()?;
        }
        self.put_back(kept)
    }

    /// Options after the last argument, as some commands of layout have them.
    fn skip_settings(&mut self) -> Result<(), ReadError> {
        if let Some(option) = self.option()?
            && !is_setting(&self.plain(&option))
        {
            self.put_back([vec![Token::Char('[')], option, vec![Token::Char(']')]].concat())?;
        }
        Ok(())
    }

    /// The name of a file, in braces or up to the next space.
    fn file_name(&mut self) -> Result<String, ReadError> {
        if self.has_argument() {
            let name = self.argument()?;
            return Ok(self.plain(&name));
        }
        let mut name = Vec::new();
        while let Some(Token::Char(_) | Token::Lowered) = self.peek() {
            name.extend(self.next());
        }
        Ok(self.plain(&name))
    }

    fn put_back_bold(&mut self, tokens: Vec<Token>) -> Result<(), ReadError> {
        self.put_back_grouped(Act::OpenBold, tokens)
    }

    /// Puts tokens back as a group that is opened like this.
    pub(crate) fn put_back_grouped(&mut self, open: Act, tokens: Vec<Token>) -> Result<(), ReadError> {
        self.put_back(vec![Token::Do(Act::Close)])?;
        self.put_back(tokens)?;
        self.put_back(vec![Token::Do(open)])
    }

    fn skip_spaces_before_option(&mut self) {
        let spaces = self.peek() == Some(&Token::Space);
        if spaces {
            self.skip_spaces();
        }
    }

    pub(crate) fn skip_parenthesis(&mut self) {
        if self.next_is(&Token::Char('(')) {
            while !matches!(self.peek(), None | Some(Token::Open | Token::Close | Token::Paragraph)) {
                if self.next() == Some(Token::Char(')')) {
                    return;
                }
            }
        }
    }
}
