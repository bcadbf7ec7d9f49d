//! Entries: commands of resume classes with their arguments as lines, and commands that nobody knows.

use crate::engine::read::error::ReadError;
use crate::engine::read::latex::commands::entry;
use crate::engine::read::latex::lexer::{Act, Token};
use crate::engine::read::latex::machine::{Machine, is_blank};

/// An unknown command with as many arguments is an entry and stands on lines of its own.
const ENTRY_ARGUMENTS: usize = 3;

impl Machine {
    /// An entry of a resume class.
    pub(crate) fn entry(&mut self, name: &str, count: usize) -> Result<(), ReadError> {
        self.next_is(&Token::Char('*'));
        self.skip_options()?;
        let mut given = Vec::new();
        while given.len() < count && self.has_argument() {
            given.push(self.argument()?);
        }
        // A file without its class tells by the number of arguments whose entry this is.
        match entry(name, self.is_awesome || given.len() < count) {
            Some((_, lines)) => self.lines(lines, &given),
            None => Ok(()),
        }
    }

    /// Sets arguments as lines, in the notation of `commands.rs`.
    pub(crate) fn lines(&mut self, lines: &str, given: &[Vec<Token>]) -> Result<(), ReadError> {
        if self.is_preamble {
            return Ok(());
        }
        let mut out = Vec::new();
        if lines.contains(' ') && !lines.starts_with('-') && !lines.contains(':') {
            out.push(Token::Do(Act::EndBlock));
        }
        for line in lines.split(' ') {
            let (is_item, line) = line.strip_prefix('-').map_or((false, line), |line| (true, line));
            let mut cells = Vec::new();
            for cell in line.split('|') {
                let tokens = joined(cell, given);
                if !is_blank(&tokens) {
                    if !cells.is_empty() {
                        cells.push(Token::Char('\t'));
                    }
                    cells.extend(tokens);
                }
            }
            if cells.is_empty() {
                continue;
            }
            out.push(if is_item { Token::Command("item".into()) } else { Token::Do(Act::EndLine) });
            out.extend(cells);
            out.push(Token::Do(if is_item { Act::EndItem } else { Act::EndLine }));
        }
        self.put_back(out)
    }

    /// `\resumeItem{text}`, and in older templates `\resumeItem{name}{text}`.
    pub(crate) fn resume_item(&mut self) -> Result<(), ReadError> {
        let first = self.argument()?;
        if self.has_argument() {
            let second = self.argument()?;
            self.lines("-1:2", &[first, second])
        } else {
            self.lines("-1", &[first])
        }
    }

    /// Of a command that nobody has told us about, the arguments are text, and its options where they look like it.
    pub(crate) fn unknown(&mut self, name: &str) -> Result<(), ReadError> {
        let is_icon = ["fa", "ai"].iter().any(|family| {
            name.strip_prefix(family).is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        });
        self.next_is(&Token::Char('*'));
        let mut parts = Vec::new();
        while let Some(option) = self.option()? {
            if !is_icon && !is_setting(&self.plain(&option)) {
                parts.push(option);
            }
        }
        if !self.has_argument() || is_icon {
            return self.put_back(separated(parts));
        }
        if parts.is_empty() {
            let first = self.argument()?;
            if !self.has_argument() {
                return self.put_back([vec![Token::Open], first, vec![Token::Close]].concat());
            }
            parts.push(first);
        }
        while self.has_argument() {
            parts.push(self.argument()?);
        }
        if parts.len() < ENTRY_ARGUMENTS {
            return self.put_back(separated(parts));
        }
        self.put_back(vec![Token::Do(Act::EndLine)])?;
        self.put_back(separated(parts))?;
        self.put_back(vec![Token::Do(Act::EndLine)])
    }
}

/// Whether an option says how and not what: no capital, no year, or a key with a value.
pub(crate) fn is_setting(option: &str) -> bool {
    let digits = option.split(|c: char| !c.is_ascii_digit()).map(str::len).max().unwrap_or(0);
    option.contains('=') || digits < 4 && !option.chars().any(char::is_uppercase)
}

/// Arguments side by side, gaps between them.
fn separated(parts: Vec<Vec<Token>>) -> Vec<Token> {
    let mut out = Vec::new();
    for part in parts {
        if !out.is_empty() {
            out.push(Token::Char('\t'));
        }
        out.push(Token::Open);
        out.extend(part);
        out.push(Token::Close);
    }
    out
}

/// One cell of an entry's line: arguments by number, joined by `,` or `:`, in bold after `*`.
fn joined(cell: &str, given: &[Vec<Token>]) -> Vec<Token> {
    let mut out: Vec<Token> = Vec::new();
    let (mut is_bold, mut joint) = (false, ',');
    for c in cell.chars() {
        match c {
            '*' => is_bold = true,
            ',' | ':' => joint = c,
            _ => {
                let number = c.to_digit(10).and_then(|number| usize::try_from(number).ok()).unwrap_or(0);
                let Some(argument) = number.checked_sub(1).and_then(|at| given.get(at)) else { continue };
                if is_blank(argument) {
                    continue;
                }
                let is_joined = matches!(out.iter().rev().find(|token| matches!(token, Token::Char(_))), Some(Token::Char(last)) if *last == joint);
                if !out.is_empty() {
                    out.extend(
                        [(!is_joined).then_some(Token::Char(joint)), Some(Token::Space)]
                            .into_iter()
                            .flatten(),
                    );
                }
                out.push(if std::mem::take(&mut is_bold) { Token::Do(Act::OpenBold) } else { Token::Open });
                out.extend_from_slice(argument);
                out.push(Token::Close);
            }
        }
    }
    out
}
